"""S21 in notifications: what a viewer may not see shows in no list, push message or mail of theirs,
whatever its state and that of what is above it was when they were notified of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.test_s21_search import things_of
from tests.proofs.test_s21_visibility import Tally
from tests.proofs.visibility_model import WITHHELD, State, Thing, Viewer
from tests.proofs.visibility_scene import VisibilityScene
from tests.system import LocalSystem

RULES = "infra/schema/notifications/rules.sql"
INBOX = "infra/schema/notifications/inbox.sql"
BROKEN = {
    ("what is withheld", "moderator"): Mutation(
        RULES,
        original="AND p.withheld IS NULL AND c.withheld IS NULL AND NOT c.below_withheld",
        replacement="",
    ),
    ("what is below a removed post", "moderator"): Mutation(
        RULES,
        original="AND p.deleted_at IS NULL AND p.removed_at IS NULL\n",
        replacement="\n",
    ),
    ("what somebody did whom the viewer blocks", "blocker"): Mutation(
        INBOX,
        original="source.actor_id IS NULL OR NOT is_block_between",
        replacement="true OR NOT is_block_between",
    ),
}
"""With a viewer who would see it then."""

FIRST_SEQ = 1_000_000_000
"""Above those of notifications that the people have anyway."""


def is_told(viewer: Viewer, thing: Thing) -> bool:
    """Whether a notification about it may be shown. What waits for a decision notifies nobody, and
    neither does what is below it, or below a post that is gone."""
    above: list[Thing] = [] if thing.parent is None else [thing.post, *thing.ancestors]
    if any(each.state in WITHHELD for each in (thing, *above)):
        return False
    if above and thing.post.state in (State.REMOVED, State.DELETED):
        return False
    if thing.author.id in viewer.blocked or viewer.id in thing.author.blocked:
        return False
    own = viewer.moderates or viewer.id == thing.author.id
    is_there = thing.state is State.VISIBLE or (thing.state is State.REMOVED and own)
    return viewer.reads and is_there


@pytest.fixture(scope="module")
def scenes() -> dict[str, VisibilityScene]:
    """By visibility: what is judged here changes nothing in them."""
    return {}


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_each_viewer_is_told_what_the_rule_says(
    local: LocalSystem,
    scenes: dict[str, VisibilityScene],
    size: Size,
    report: Report,
    visibility: str,
) -> None:
    if size(visibility == "public", False):
        pytest.skip("`make proofs` looks into public forums too")
    scene = scenes[visibility] = await VisibilityScene.create(local, visibility=visibility)
    names = size(("moderator", "blocker", "author"), tuple(scene.viewers))
    tally = await judge(local, scene, names=names)
    report(f"S21 notifications, {visibility}", wrong=len(tally.wrong), **tally.cells)
    assert not tally.wrong, "\n".join(tally.wrong[:30])
    assert tally.cells["list"] > 500 * len(names)


async def test_the_proof_fails_where_the_rule_is_broken(
    local: LocalSystem, scenes: dict[str, VisibilityScene]
) -> None:
    known = scenes.get("private")
    scene = known or await VisibilityScene.create(local, visibility="private")
    for (what, name), mutation in BROKEN.items():
        with broken_schema(local, mutation):
            tally = await judge(local, scene, names=(name,))
        places = {line.partition(":")[0] for line in tally.wrong}
        assert {"list", "mail", "push"} <= places, f"nobody notices that {what} is shown"


async def judge(local: LocalSystem, scene: VisibilityScene, *, names: Sequence[str]) -> Tally:
    tally = Tally()
    for name in names:
        viewer, person = scene.viewers[name], scene.people[name]
        async with notified(local, scene, viewer) as ids:
            shown = {item["id"]: item async for item in notifications_of(person)}
            refusals = refusals_of(local, viewer, list(ids))
            for id, thing in ids.items():
                right = is_told(viewer, thing)
                tally.compare("list", viewer, thing, id in shown, right)
                for channel in ("mail", "push"):
                    is_hidden = refusals[id][channel] == "hidden"
                    tally.compare(channel, viewer, thing, not is_hidden, right)
                texts = {shown[id]["excerpt"]} if id in shown else {refusals[id]["excerpt"]}
                tally.compare("text", viewer, thing, texts, {thing.text if right else None})
                tally.compare("text of push", viewer, thing, {refusals[id]["excerpt"]}, texts)
    return tally


@asynccontextmanager
async def notified(
    local: LocalSystem, scene: VisibilityScene, viewer: Viewer
) -> AsyncIterator[dict[str, Thing]]:
    """The viewer has a notification of each thing, as if all had been visible once. By id."""
    ids = {str(uuid4()): thing for thing in things_of(scene)}
    for statement in _statements(ids, scene, viewer):
        local.query(statement)
    try:
        yield ids
    finally:
        for table in ("notification_sources", "notifications"):
            column = "id" if table == "notifications" else "notification_id"
            local.query(
                f"DELETE FROM {table} WHERE user_id = '{viewer.id}'"
                f" AND {column} IN ({_list(ids)}) RETURNING 1"
            )


def _statements(ids: dict[str, Thing], scene: VisibilityScene, viewer: Viewer) -> Iterator[str]:
    rows = ", ".join(
        f"('{id}'::uuid, '{thing.kind}', '{thing.id}'::uuid, '{thing.author.id}'::uuid,"
        f" '{thing.post.id}'::uuid, {FIRST_SEQ + place})"
        for place, (id, thing) in enumerate(ids.items())
    )
    things = f"(VALUES {rows}) AS t (id, kind, thing_id, author_id, post_id, seq)"
    forum = f"(SELECT f.id FROM forums f WHERE f.slug = '{scene.slug}')"
    yield (
        "INSERT INTO notifications (user_id, id, kind, group_key, place_kind, place_id,"
        " target_kind, target_id, actors, actor_count, event_count, seq, level, created_at,"
        f" updated_at) SELECT '{viewer.id}', t.id, 'reply', 'proof:' || t.id, 'forum', {forum},"
        " t.kind, t.thing_id, ARRAY[t.author_id], 1, 1, t.seq, 2, now(), now()"
        f" FROM {things} RETURNING 1"
    )
    yield (
        "INSERT INTO notification_sources (user_id, source_id, notification_id, actor_id,"
        f" text_kind, text_id, context_id, place_id, created_at) SELECT '{viewer.id}', t.id, t.id,"
        f" t.author_id, t.kind, t.thing_id, t.post_id, {forum}, now() FROM {things} RETURNING 1"
    )


async def notifications_of(person: Person) -> AsyncIterator[Document]:
    query: dict[str, str | int] = {"limit": 50}
    while True:
        page = await person.get("/notifications", **query)
        for item in page["items"]:
            yield item
        if page["next"] is None:
            return
        query["cursor"] = page["next"]


def refusals_of(local: LocalSystem, viewer: Viewer, ids: Sequence[str]) -> dict[str, Document]:
    """By id: why push and mail would not be sent, and the text that a push message would have."""
    rows = local.query(
        "SELECT n.id::text, delivery_refusal(n.user_id, n.id, 'push'),"
        " delivery_refusal(n.user_id, n.id, 'mail'), notification_excerpt(n)"
        f" FROM notifications n WHERE n.user_id = '{viewer.id}' AND n.id IN ({_list(ids)})"
    )
    return {id: {"push": push, "mail": mail, "excerpt": text} for id, push, mail, text in rows}


def _list(ids: Sequence[str] | dict[str, Thing]) -> str:
    return ", ".join(f"'{id}'" for id in ids)
