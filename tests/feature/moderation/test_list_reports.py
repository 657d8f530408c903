from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum, start_forum
from tests.feature.world import Person, World


async def test_all_forums_of_the_moderator_are_listed_and_no_others(
    forum: ModeratedForum, world: World, grace: Person
) -> None:
    author, reader = await world.new_person(), await world.new_person()
    other = await start_forum(grace, await world.new_person(), author)
    foreign = await start_forum(author, await world.new_person(), reader)
    for each in (forum, other, foreign):
        await each.report(reader, await each.post(author))

    cases = (await grace.call("list_reports")).body["items"]
    assert {case["forum"]["slug"] for case in cases} == {forum.slug, other.slug}
    page = (await grace.call("list_reports", query="limit=1")).body
    rest = await grace.call("list_reports", query=f"cursor={page['next']}")
    assert [case["id"] for case in page["items"] + rest.body["items"]] == [c["id"] for c in cases]
    assert (await reader.call("list_reports")).body == {"items": [], "next": None}
