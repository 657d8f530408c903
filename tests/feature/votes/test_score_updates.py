"""Scores that are pushed to subscribers of a post or forum."""

from __future__ import annotations

from uuid import UUID

from cgraph.core.ids import short
from tests.feature.forum import Thread, new_thread
from tests.feature.world import Person, Socket, World


async def subscribe(person: Person, *streams: str) -> Socket:
    socket = await person.open_socket()
    await socket.say("hello")
    if streams:
        reply = await socket.say("subscribe", {"streams": list(streams)})
        assert all("gone" not in each for each in reply["data"]["streams"].values()), reply
    socket.received()
    return socket


async def vote(person: Person, thread: Thread, value: int) -> None:
    answer = await thread.vote(person, value)
    assert answer.status == 200, answer


async def flush_scores(world: World, stream: str) -> None:
    world.valkey.delete(f"published:{{{short(UUID(stream.partition(':')[2]))}}}:scores")
    job = {"flush": {"channel": "scores", "stream": stream}}
    assert await world.work_off("workers.maintain_sockets", job) == {"batchItemFailures": []}


def streams(thread: Thread) -> tuple[str, str]:
    return f"forum:{thread.forum.id}", f"post:{thread.post}"


async def test_the_first_score_is_pushed_at_once_and_later_ones_coalesced(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    forum, post = streams(thread)
    at_forum, at_post = await subscribe(ada, forum), await subscribe(ada, post)
    elsewhere = await subscribe(ada)
    await vote(grace, thread, 1)
    for socket, stream in ((at_forum, forum), (at_post, post)):
        (frame,) = socket.received()
        assert (frame["stream"], frame["event"]) == (stream, "scores.updated")
        assert frame["data"] == {"scores": {thread.post: 1}} and "seq" not in frame
    await vote(eve, thread, 1)
    await vote(grace, thread, -1)
    await vote(grace, thread, 1)
    assert at_post.received() == []
    await flush_scores(world, post)
    (frame,) = at_post.received()
    assert frame["data"] == {"scores": {thread.post: 2}}
    assert elsewhere.received() == []


async def test_scores_of_comments_go_to_subscribers_of_the_post_only(
    world: World, ada: Person, grace: Person
) -> None:
    thread = await new_thread(ada)
    forum, post = streams(thread)
    comment = (await thread.comment(ada))["id"]
    at_forum, at_post = await subscribe(ada, forum), await subscribe(ada, post)
    await grace.call("vote_on_comment", {"value": -1}, id=comment)
    (frame,) = at_post.received()
    assert frame["data"] == {"scores": {comment: -1}}
    assert at_forum.received() == []


async def test_the_last_pushed_score_is_the_current_one(
    world: World, ada: Person, grace: Person
) -> None:
    """Votes may be buffered in another order than they were counted."""
    thread = await new_thread(ada)
    _, post = streams(thread)
    at_post = await subscribe(ada, post)
    await vote(grace, thread, 1)
    at_post.received()
    world.valkey.hset(f"buffered:{{{short(UUID(thread.post))}}}:scores", thread.post, 17)
    await flush_scores(world, post)
    (frame,) = at_post.received()
    assert frame["data"] == {"scores": {thread.post: 1}}


async def test_scores_in_a_private_forum_go_to_members_only(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada, visibility="private")
    _, post = streams(thread)
    for person in (grace, eve):
        await thread.forum.insert_member(person)
    member, former = await subscribe(grace, post), await subscribe(eve, post)
    await world.sql("DELETE FROM forum_members WHERE user_id = %s", eve.id)
    await vote(grace, thread, 1)
    assert member.received() == []
    await flush_scores(world, post)
    (frame,) = member.received()
    assert frame["data"] == {"scores": {thread.post: 1}}
    assert former.received() == []


async def test_votes_that_do_not_count_are_pushed_to_their_voter_only(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    _, post = streams(thread)
    await thread.forum.ban(eve, shadow=True)
    hidden = (await thread.comment(eve))["id"]
    at_post, own = await subscribe(grace, post), await subscribe(eve, post)
    await vote(eve, thread, 1)
    answer = await ada.call("vote_on_comment", {"value": 1}, id=hidden)
    assert answer.body["score"] == 1
    await flush_scores(world, post)
    assert at_post.received() == []
    assert [frame["data"] for frame in own.received()] == [{"scores": {thread.post: 1}}]

    await vote(grace, thread, 1)
    await flush_scores(world, post)
    assert [frame["data"] for frame in at_post.received()] == [{"scores": {thread.post: 1}}]
    assert [frame["data"] for frame in own.received()] == [{"scores": {thread.post: 2}}]
