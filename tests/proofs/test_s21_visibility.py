"""S21: who sees what in a forum. Each viewer, each state of a thing and of what is above it, each
place where it shows, compared with a model."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import pytest

from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.visibility_model import (
    State,
    Thing,
    Viewer,
    is_listed,
    reads_text,
    seen_below,
    sees,
)
from tests.proofs.visibility_scene import VisibilityScene
from tests.system import LocalSystem

ACCESS = "infra/schema/forums/access.sql"
BROKEN = {
    "what is withheld": Mutation(
        ACCESS,
        original="RETURN withheld IS NULL OR coalesce(is_moderator, false) OR",
        replacement="RETURN true OR",
    ),
    "what is below": Mutation(
        ACCESS,
        original="ELSIF NOT comment.below_withheld OR is_moderator THEN",
        replacement="ELSIF true THEN",
    ),
    "a text": Mutation(
        ACCESS,
        original="RETURN deleted_at IS NULL AND NOT is_blocked",
        replacement="RETURN deleted_at IS NULL",
    ),
}


DECIDING = ("moderator", "blocker", "stranger", "banned")
"""Viewers who tell a private forum from a public one."""

PAGED = 7
"""Less than most levels have."""


@dataclass(frozen=True, slots=True)
class Extent:
    """`singles`: things of each post that each viewer reads one by one; `trees`: posts whose tree
    each viewer reads, in `sorts` orders, with `pages` as large.
    """

    singles: int
    trees: int
    sorts: int
    pages: Sequence[int] = (PAGED,)


@dataclass(slots=True)
class Tally:
    cells: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def compare(
        self, place: str, viewer: Viewer, about: object, found: object, right: object
    ) -> None:
        self.cells[place] += 1
        if found != right:
            self.wrong.append(f"{place}: {viewer.name}, {about}: {found!r}, not {right!r}")


@pytest.fixture(scope="module")
def scenes() -> dict[str, VisibilityScene]:
    """By visibility: reading, voting and reporting change nothing of what somebody sees."""
    return {}


@pytest.mark.parametrize("visibility", ["public", "private"])
async def test_each_viewer_sees_what_the_rule_says(
    local: LocalSystem,
    scenes: dict[str, VisibilityScene],
    size: Size,
    report: Report,
    visibility: str,
) -> None:
    scene = scenes[visibility] = await VisibilityScene.create(local, visibility=visibility)
    names = DECIDING if size(visibility == "private", False) else tuple(scene.viewers)
    extent = Extent(size(2, 10_000), size(1, 5), size(1, 3), size((PAGED, 50, 50), (PAGED,)))
    tally = await judge(scene, extent, names=names)
    report(f"S21 visibility, {visibility}", wrong=len(tally.wrong), **tally.cells)
    assert not tally.wrong, "\n".join(tally.wrong[:30])


async def test_the_proof_fails_where_the_rule_is_broken(
    local: LocalSystem, scenes: dict[str, VisibilityScene]
) -> None:
    scene = scenes.get("public") or await VisibilityScene.create(local, visibility="public")
    for what, mutation in BROKEN.items():
        with broken_schema(local, mutation):
            tally = await judge(scene, Extent(12, 1, 1), names=("blocker",), until_wrong=True)
        assert tally.wrong, f"nobody notices that {what} is shown to everybody"


async def judge(
    scene: VisibilityScene, extent: Extent, *, names: Sequence[str], until_wrong: bool = False
) -> Tally:
    """`until_wrong`: one is enough."""
    tally, dice = Tally(), random.Random(21)
    for name in names:
        async with aclosing(judge_all(tally, scene, name, extent, dice)) as judged:
            async for _ in judged:
                if until_wrong and tally.wrong:
                    return tally
    return tally


async def judge_all(
    tally: Tally, scene: VisibilityScene, name: str, extent: Extent, dice: random.Random
) -> AsyncGenerator[None, None]:
    """What the viewer of that name sees, place by place."""
    viewer, person = scene.viewers[name], scene.people[name]
    orders = dice.sample(("new", "hot", "top", "rising"), k=extent.sorts + 1)
    await judge_lists(tally, scene, viewer, person, orders=orders)
    yield
    await judge_sync(tally, scene, viewer, person)
    yield
    for post in dice.sample(scene.posts, k=extent.trees):
        for sort in dice.sample(("best", "new", "old"), k=extent.sorts):
            page = dice.choice(extent.pages)
            await judge_tree(tally, viewer, person, post, sort=sort, page=page)
            yield
    for post in scene.posts:
        things = [post, *post.below()]
        for thing in dice.sample(things, k=min(extent.singles, len(things))):
            await judge_single(tally, viewer, person, thing)
            yield
            await judge_writes(tally, viewer, person, thing)
            yield


async def judge_lists(
    tally: Tally,
    scene: VisibilityScene,
    viewer: Viewer,
    person: Person,
    *,
    orders: Sequence[str],
) -> None:
    path = f"/forums/{scene.slug}"
    response = await person.request("GET", path)
    tally.compare("forum", viewer, "the forum", response.is_success, viewer.reads)
    right = {post.id for post in scene.posts if is_listed(viewer, post)}
    if not response.is_success:
        return
    tally.compare("forum", viewer, "its count", response.json()["post_count"], len(right))
    for sort in orders:
        pages = [page async for page in pages_of(person, f"{path}/posts", sort=sort)]
        found = [post["id"] for page in pages for post in page]
        tally.compare("list", viewer, sort, sorted(found), sorted(right))
        sizes = [len(page) for page in pages[:-1]]
        tally.compare("list", viewer, "sizes of pages", sizes, [2] * len(sizes))
        posts = {post.id: post for post in scene.posts}
        for view in (view for page in pages for view in page):
            judge_view(tally, "list", viewer, posts[view["id"]], view, text=view["excerpt"])


async def judge_single(tally: Tally, viewer: Viewer, person: Person, thing: Thing) -> None:
    response = await person.request("GET", f"/{thing.kind}s/{thing.id}")
    status = 200 if sees(viewer, thing) else 404
    tally.compare("single", viewer, thing, response.status_code, status)
    if response.status_code == status == 200:
        view = response.json()
        judge_view(tally, "single", viewer, thing, view, text=view["body"])
        if thing.kind == "comment":
            above = [each["id"] for each in view["ancestors"]]
            tally.compare("ancestors", viewer, thing, above, [each.id for each in thing.ancestors])


def judge_view(
    tally: Tally, place: str, viewer: Viewer, thing: Thing, view: Document, *, text: str
) -> None:
    right = thing.text if reads_text(viewer, thing) else ""
    tally.compare(place, viewer, thing, text, right)
    tally.compare(place, viewer, thing, view["blocked"], thing.author.id in viewer.blocked)
    if thing.kind == "post":
        count = len(seen_below(viewer, thing))
        tally.compare("counts", viewer, thing, view["comment_count"], count)
    else:
        replies = sum(sees(viewer, reply) for reply in thing.replies)
        tally.compare("counts", viewer, thing, view["reply_count"], replies)


async def judge_tree(
    tally: Tally, viewer: Viewer, person: Person, post: Thing, *, sort: str, page: int
) -> None:
    response = await person.request("GET", f"/posts/{post.id}/comments", sort=sort, limit=page)
    status = 200 if sees(viewer, post) else 404
    tally.compare("tree", viewer, post, response.status_code, status)
    if response.status_code != 200 or status != 200:
        return
    level = response.json()
    shown = [each async for each in walk(tally, viewer, person, post.id, sort, level)]
    found = [each["id"] for each in shown]
    tally.compare("tree", viewer, post, sorted(found), sorted(seen_below(viewer, post)))
    things = {each.id: each for each in post.below()}
    for each in shown:
        judge_view(tally, "tree", viewer, things[each["id"]], each, text=each["body"])


async def walk(
    tally: Tally,
    viewer: Viewer,
    person: Person,
    post: str,
    sort: str,
    level: Document,
    parent: str = "",
) -> AsyncIterator[Document]:
    """All comments of a level and below it; each level's `more` is how many its next pages have."""
    promised: list[tuple[int, int]] = []
    count = 0
    while True:
        for comment in level["items"]:
            count += 1
            yield comment
            async for below in walk(
                tally, viewer, person, post, sort, comment["replies"], comment["id"]
            ):
                yield below
        promised.append((count, level["more"]))
        if level["next"] is None:
            break
        query = {"sort": sort, "cursor": level["next"]} | ({"parent": parent} if parent else {})
        level = await person.get(f"/posts/{post}/comments", **query)
    totals = [before + more for before, more in promised]
    tally.compare("more", viewer, parent or post, totals, [count] * len(totals))


async def judge_sync(tally: Tally, scene: VisibilityScene, viewer: Viewer, person: Person) -> None:
    cursors = {f"post:{post.id}": 0 for post in scene.posts}
    reply = await person.request_json("POST", "/sync", body={"cursors": cursors})
    for post in scene.posts:
        gap = reply["streams"][f"post:{post.id}"]
        tally.compare("sync", viewer, post, "gone" not in gap, sees(viewer, post))


async def judge_writes(tally: Tally, viewer: Viewer, person: Person, thing: Thing) -> None:
    """A vote and a report tell whether the thing exists for the viewer."""
    path = f"/{thing.kind}s/{thing.id}"
    vote = await person.request("PUT", f"{path}/vote", body={"value": 0})
    right = _status(viewer, thing, own=403, done=200)
    tally.compare("vote", viewer, thing, vote.status_code, right)
    body = {"target": {"kind": thing.kind, "id": thing.id}, "reason": "spam"}
    report = await person.request("POST", "/reports", body=body)
    found = 200 if report.status_code == 201 else report.status_code
    tally.compare("report", viewer, thing, found, _status(viewer, thing, own=422, done=200))


def _status(viewer: Viewer, thing: Thing, *, own: int, done: int) -> int:
    gone = (State.REMOVED, State.DELETED)
    if not sees(viewer, thing):
        return 404
    if own == 403 and not viewer.participates:
        return 403
    is_own = viewer.id == thing.author.id
    if own == 403 and is_own:
        return own
    if thing.state in gone or (own == 403 and thing.post.state in gone):
        return 409
    return own if is_own else done


async def pages_of(person: Person, path: str, *, sort: str) -> AsyncIterator[list[Document]]:
    """Of two each."""
    query: dict[str, str | int] = {"sort": sort, "limit": 2}
    while True:
        page = await person.get(path, **query)
        yield page["items"]
        if page["next"] is None:
            return
        query["cursor"] = page["next"]
