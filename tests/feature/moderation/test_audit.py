from __future__ import annotations

import asyncio

import psycopg
import pytest

from cgraph.forums.audit.models import AuditEntry
from tests.feature.moderated_forum import ModeratedForum, start_forum
from tests.feature.world import Person, World


async def test_all_that_moderators_do_in_order(
    forum: ModeratedForum, ada: Person, eve: Person
) -> None:
    post = await forum.post(eve)
    await ada.call("remove_post", {"reason": "spam"}, id=post)
    await ada.call("restore_post", id=post)
    await forum.call(ada, "ban_user", {"days": 3}, user_id=eve.id)
    await forum.call(ada, "change_filters", {"words": ["casino"]})

    entries = await forum.audit_log()
    for entry in entries:
        assert AuditEntry.model_validate(entry).model_dump(mode="json") == entry
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4]
    assert [entry["action"] for entry in entries] == [
        "remove_post",
        "restore_post",
        "ban_user",
        "change_filters",
    ]
    assert entries[0]["target"] == {"kind": "post", "id": post}
    assert entries[0]["detail"] == {"reason": "spam"}
    assert entries[2]["target"] == {"kind": "user", "id": eve.id}
    assert {entry["actor"]["id"] for entry in entries} == {ada.id}
    assert await forum.audit_faults() == []


async def test_in_pages(forum: ModeratedForum, ada: Person) -> None:
    for number in range(5):
        await forum.call(ada, "change_filters", {"words": [f"word{number}"]})
    seen, cursor = [], ""
    while True:
        page = (await forum.call(ada, "list_audit", query=f"limit=2{cursor}")).body
        seen += [entry["number"] for entry in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen == [5, 4, 3, 2, 1]
    assert (await forum.call(ada, "list_audit", query="cursor=x")).refusal[1] == "invalid_cursor"


async def test_for_moderators_only(forum: ModeratedForum, eve: Person, world: World) -> None:
    stranger = await world.new_person()
    for person in (eve, stranger):
        assert (await forum.call(person, "list_audit")).refusal == (403, "not_allowed")
    hidden = await start_forum(forum.owner, forum.moderator, eve, visibility="private")
    assert (await hidden.call(stranger, "list_audit")).refusal == (404, "forum_not_found")


async def test_gapless_with_many_at_once(forum: ModeratedForum, ada: Person, grace: Person) -> None:
    await asyncio.gather(
        *(
            forum.call(person, "change_filters", {"words": [f"word{number}"]}, many=True)
            for number, person in enumerate((ada, grace) * 4)
        )
    )
    assert [entry["number"] for entry in await forum.audit_log()] == list(range(1, 9))
    assert await forum.audit_faults() == []


@pytest.mark.parametrize(
    "statement",
    ("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"),
)
async def test_only_added_to(
    forum: ModeratedForum, ada: Person, world: World, statement: str
) -> None:
    await forum.call(ada, "change_filters", {})
    with (
        psycopg.connect(world.endpoints.conninfo) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
    assert len(await forum.audit_log()) == 1
