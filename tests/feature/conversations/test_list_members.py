from __future__ import annotations

from typing import Any

from tests.feature.conversation import Conversation, start_direct, start_group
from tests.feature.world import Person


async def pages(reader: Person, conversation: Conversation, *, limit: int) -> list[Any]:
    items, query = [], f"limit={limit}"
    while True:
        page = (await reader.call("list_members", id=conversation.id, query=query)).body
        items.append(page["items"])
        if page["next"] is None:
            return items
        query = f"limit={limit}&cursor={page['next']}"


async def test_members_are_listed_in_pages_in_the_order_of_their_ids(
    ada: Person, grace: Person, eve: Person
) -> None:
    group = await start_group(ada, grace, eve)
    await group.put_member(ada, grace, role="admin")

    listed = await pages(eve, group, limit=2)
    assert [len(page) for page in listed] == [2, 1]
    shown = [{**member, "last_read_seq": None} for member in (await group.show(eve))["members"]]
    assert [member for page in listed for member in page] == shown
    assert {member["role"] for member in shown} == {"owner", "admin", "member"}


async def test_every_member_of_a_large_group_is_on_one_page(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    await group.fill(members=250)

    listed = [member["id"] for page in await pages(ada, group, limit=100) for member in page]
    assert len(listed) == len(set(listed)) == 251
    assert listed == sorted(listed)


async def test_a_cursor_belongs_to_its_conversation(ada: Person, grace: Person) -> None:
    group, direct = await start_group(ada, grace), await start_direct(ada, grace)
    page = (await ada.call("list_members", id=group.id, query="limit=1")).body
    query = f"cursor={page['next']}"

    answer = await ada.call("list_members", id=direct.id, query=query)
    assert answer.refusal == (400, "invalid_cursor")


async def test_a_stranger_cannot_list_members(ada: Person, grace: Person, eve: Person) -> None:
    group = await start_group(ada, grace, eve)
    await group.remove_member(ada, eve)

    answer = await eve.call("list_members", id=group.id)
    assert answer.refusal == (404, "conversation_not_found")
