"""What a user is notified of in forums."""

from __future__ import annotations

import pytest

from tests.feature.forum import Forum, new_forum
from tests.feature.notifications.inbox import follow, kinds, notifications
from tests.feature.world import Person, World


@pytest.fixture
async def forum(world: World, ada: Person) -> Forum:
    return await new_forum(ada)


async def comment(author: Person, post: object, body: str, parent: object = None) -> object:
    fields = {"parent_id": parent["id"]} if isinstance(parent, dict) else {}
    assert isinstance(post, dict)
    answer = await author.call("create_comment", {"body": body, **fields}, id=post["id"])
    assert answer.status in (200, 201), answer
    return answer.body


async def test_replies_are_grouped_and_mentions_ring(
    forum: Forum, ada: Person, grace: Person, eve: Person
) -> None:
    post = await forum.post(ada)
    await comment(grace, post, "A conical one")
    await comment(eve, post, f"As @{grace.username} says")
    assert await kinds(ada) == [("reply", 2)]
    assert await kinds(grace) == [("mention", 1)]


async def test_who_commented_follows_the_post(
    forum: Forum, ada: Person, grace: Person, eve: Person
) -> None:
    post = await forum.post(ada)
    await comment(grace, post, "A conical one")
    assert await kinds(grace) == []
    await comment(eve, post, "A flat one")
    (told,) = await notifications(grace)
    assert (told["kind"], told["rings"], told["place"]["name"]) == ("comment", False, forum.slug)
    await follow(grace, "post", post["id"], "nothing")
    await comment(eve, post, f"No, @{grace.username}")
    assert await kinds(grace) == [("comment", 1)]


@pytest.mark.parametrize("kind", ["forum", "user", "tag"])
async def test_followers_hear_of_new_posts_once(
    world: World, ada: Person, grace: Person, eve: Person, kind: str
) -> None:
    forum = await new_forum(ada, tags=["tea"])
    await forum.post(ada, tags=["tea"])
    await follow(eve, "user", ada.id)
    if kind == "tag":
        answer = await grace.call(
            "put_follow", {"level": "everything"}, kind="tag", id=forum.id, query="tag=tea"
        )
        assert answer.status == 200
    else:
        await follow(grace, kind, forum.id if kind == "forum" else ada.id)
    await follow(eve, "forum", forum.id)
    await forum.post(ada, tags=["tea"])
    for person in (grace, eve):
        assert await kinds(person) == [("new_post", 1)]
    assert await kinds(ada) == []


async def test_an_accepted_answer_notifies_its_author(
    forum: Forum, ada: Person, grace: Person
) -> None:
    post = await forum.post(ada)
    answer = await comment(grace, post, "A conical one")
    assert isinstance(answer, dict)
    accepted = await ada.call("accept_comment", {"comment_id": answer["id"]}, id=post["id"])
    assert accepted.status in (200, 204), accepted
    assert await kinds(grace) == [("answer_accepted", 1)]


async def test_what_is_withheld_notifies_when_it_is_approved(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada)
    await forum.ban(eve, shadow=True)
    hidden = await comment(eve, post, "Buy mine")
    assert isinstance(hidden, dict)
    assert await kinds(ada) == []
    await world.sql("DELETE FROM forum_bans WHERE forum_id = %s AND user_id = %s", forum.id, eve.id)
    assert (await ada.call("approve_comment", id=hidden["id"])).status in (200, 204)
    assert await kinds(ada) == [("reply", 1)]


async def test_a_removed_post_is_withdrawn_and_its_author_hears_of_it(
    forum: Forum, ada: Person, grace: Person, eve: Person
) -> None:
    await follow(eve, "forum", forum.id)
    post = await forum.post(grace)
    assert await kinds(eve) == [("new_post", 1)]
    removed = await ada.call("remove_post", {"reason": "Off topic"}, id=post["id"])
    assert removed.status in (200, 201, 204), removed
    assert await kinds(eve) == []
    assert await kinds(grace) == [("removal", 1)]


async def test_who_may_not_read_the_forum_any_more_has_nothing_of_it(
    forum: Forum, ada: Person, grace: Person, eve: Person
) -> None:
    assert (await forum.join(eve)).status == 200
    await follow(eve, "forum", forum.id)
    await follow(grace, "forum", forum.id)
    await forum.post(ada)
    assert await kinds(eve) == await kinds(grace) == [("new_post", 1)]
    assert (await forum.change(ada, visibility="private")).status == 200
    assert (await grace.call("list_notifications")).body["items"] == []
    assert await kinds(grace) == []
    assert await kinds(eve) == [("new_post", 1)]
    assert (await forum.remove(ada, eve)).status == 204
    assert await kinds(eve) == []


async def test_moderators_warn_and_the_warned_user_hears_of_it(
    forum: Forum, ada: Person, grace: Person
) -> None:
    assert (await forum.join(grace)).status == 200
    warned = await forum.call(
        ada, "warn_user", {"user_id": grace.id, "reason": "No shouting", "nonce": "n1"}
    )
    assert warned.status == 201, warned
    (told,) = await notifications(grace)
    assert (told["kind"], told["actors"]) == ("warning", [])
