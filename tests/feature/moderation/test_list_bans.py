from __future__ import annotations

from tests.feature.moderated_forum import ModeratedForum
from tests.feature.world import Person, World


async def test_pages_have_the_newest_ban_first_and_leave_out_ended_bans(
    forum: ModeratedForum, world: World, ada: Person
) -> None:
    people = [await world.new_person() for _ in range(3)]
    for person in people:
        await forum.call(ada, "ban_user", {}, user_id=person.id)
    await world.sql("UPDATE forum_bans SET until = now() WHERE user_id = %s", people[1].id)
    page = (await forum.call(ada, "list_bans", query="limit=1")).body
    rest = (await forum.call(ada, "list_bans", query=f"limit=1&cursor={page['next']}")).body
    listed = [ban["user"]["id"] for ban in page["items"] + rest["items"]]
    assert (listed, rest["next"]) == ([people[2].id, people[0].id], None)
    bad = await forum.call(ada, "list_bans", query="cursor=x")
    assert bad.refusal == (400, "invalid_cursor")


async def test_only_moderators_list_bans(forum: ModeratedForum, eve: Person) -> None:
    assert (await forum.call(eve, "list_bans")).refusal == (403, "not_allowed")
