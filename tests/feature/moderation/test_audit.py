from __future__ import annotations

import asyncio

import psycopg
import pytest

from cgraph.forums.audit.models import AuditEntry
from tests.feature.moderation.ground import Ground, forum
from tests.feature.world import Person, World


async def test_all_that_moderators_do_in_order(ground: Ground, ada: Person, eve: Person) -> None:
    post = await ground.post(eve)
    await ada.call("remove_post", {"reason": "spam"}, id=post)
    await ada.call("restore_post", id=post)
    await ground.call(ada, "ban_user", {"days": 3}, user_id=eve.id)
    await ground.call(ada, "change_filters", {"words": ["casino"]})

    entries = await ground.audited()
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
    assert await ground.faults() == []


async def test_in_pages(ground: Ground, ada: Person) -> None:
    for number in range(5):
        await ground.call(ada, "change_filters", {"words": [f"word{number}"]})
    seen, cursor = [], ""
    while True:
        page = (await ground.call(ada, "list_audit", query=f"limit=2{cursor}")).body
        seen += [entry["number"] for entry in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert seen == [5, 4, 3, 2, 1]
    assert (await ground.call(ada, "list_audit", query="cursor=x")).refusal[1] == "invalid_cursor"


async def test_for_moderators_only(ground: Ground, eve: Person, world: World) -> None:
    stranger = await world.new_person()
    for person in (eve, stranger):
        assert (await ground.call(person, "list_audit")).refusal == (403, "not_allowed")
    hidden = await forum(world, ground.owner, ground.moderator, eve, visibility="private")
    assert (await hidden.call(stranger, "list_audit")).refusal == (404, "forum_not_found")


async def test_gapless_with_many_at_once(ground: Ground, ada: Person, grace: Person) -> None:
    await asyncio.gather(
        *(
            ground.call(person, "change_filters", {"words": [f"word{number}"]}, many=True)
            for number, person in enumerate((ada, grace) * 4)
        )
    )
    assert [entry["number"] for entry in await ground.audited()] == list(range(1, 9))
    assert await ground.faults() == []


@pytest.mark.parametrize(
    "statement",
    ("UPDATE audit_log SET action = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"),
)
async def test_only_added_to(ground: Ground, ada: Person, world: World, statement: str) -> None:
    await ground.call(ada, "change_filters", {})
    with (
        psycopg.connect(world.endpoints.conninfo) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement.encode())
    assert len(await ground.audited()) == 1
