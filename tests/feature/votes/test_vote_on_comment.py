from __future__ import annotations

from tests.feature.forum import new_thread
from tests.feature.world import Person


async def karma_of(person: Person) -> int:
    return int((await person.call("show_me")).body["karma"])


async def test_a_vote_counts_for_the_comment_and_the_karma_of_its_author(
    ada: Person, grace: Person
) -> None:
    thread = await new_thread(ada)
    comment = (await thread.comment(ada))["id"]
    up = await grace.call("vote_on_comment", {"value": 1}, id=comment)
    assert (up.body["target"], up.body["score"], up.body["my_vote"]) == (comment, 1, 1)
    assert await karma_of(ada) == 1
    (listed,) = (await thread.list_comments(grace))["items"]
    assert (listed["score"], listed["ups"], listed["my_vote"]) == (1, 1, 1)
    (others,) = (await thread.list_comments(ada))["items"]
    assert others["my_vote"] == 0
    user = (await ada.call("show_user", username=ada.username)).body
    assert user["karma"] == 1


async def test_a_withheld_comment_is_not_found_by_others(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    await thread.forum.ban(eve, shadow=True)
    hidden = (await thread.comment(eve))["id"]
    answer = await grace.call("vote_on_comment", {"value": 1}, id=hidden)
    assert answer.refusal == (404, "comment_not_found")
