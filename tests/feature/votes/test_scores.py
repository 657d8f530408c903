"""Scores on an open page."""

from __future__ import annotations

from uuid import UUID

from cgraph.core.ids import short
from tests.feature.comments.threads import Thread, start_thread
from tests.feature.world import Person, Socket, World


async def look(person: Person, *streams: str) -> Socket:
    socket = await person.open_socket()
    await socket.say("hello")
    if streams:
        reply = await socket.say("subscribe", {"streams": list(streams)})
        assert all("gone" not in found for found in reply["data"]["streams"].values()), reply
    socket.received()
    return socket


async def vote(person: Person, post: str, value: int) -> None:
    answer = await person.call("vote_on_post", {"value": value}, id=post)
    assert answer.status == 200, answer


async def end_window(world: World, stream: str) -> None:
    world.valkey.delete(f"published:{{{short(UUID(stream.partition(':')[2]))}}}:scores")
    due = {"flush": {"channel": "scores", "stream": stream}}
    assert await world.work_off("workers.maintain_sockets", due) == {"batchItemFailures": []}


def streams(thread: Thread) -> tuple[str, str]:
    return f"forum:{thread.forum}", f"post:{thread.post}"


async def test_the_first_at_once_the_rest_together(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await start_thread(ada)
    forum, post = streams(thread)
    at_forum, at_post = await look(ada, forum), await look(ada, post)
    elsewhere = await look(ada)
    await vote(grace, thread.post, 1)
    for socket, stream in ((at_forum, forum), (at_post, post)):
        (frame,) = socket.received()
        assert (frame["stream"], frame["event"]) == (stream, "scores.updated")
        assert frame["data"] == {"scores": {thread.post: 1}} and "seq" not in frame
    await vote(eve, thread.post, 1)
    await vote(grace, thread.post, -1)
    await vote(grace, thread.post, 1)
    assert at_post.received() == []
    await end_window(world, post)
    (frame,) = at_post.received()
    assert frame["data"] == {"scores": {thread.post: 2}}
    assert elsewhere.received() == []


async def test_those_of_comments_only_at_the_post(world: World, ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    forum, post = streams(thread)
    comment = (await thread.comment(ada))["id"]
    at_forum, at_post = await look(ada, forum), await look(ada, post)
    await grace.call("vote_on_comment", {"value": -1}, id=comment)
    (frame,) = at_post.received()
    assert frame["data"] == {"scores": {comment: -1}}
    assert at_forum.received() == []


async def test_in_another_order_than_they_were_counted(
    world: World, ada: Person, grace: Person
) -> None:
    """What is told last is how it is."""
    thread = await start_thread(ada)
    _, post = streams(thread)
    at_post = await look(ada, post)
    await vote(grace, thread.post, 1)
    at_post.received()
    world.valkey.hset(f"buffered:{{{short(UUID(thread.post))}}}:scores", thread.post, 17)
    await end_window(world, post)
    (frame,) = at_post.received()
    assert frame["data"] == {"scores": {thread.post: 1}}


async def test_in_a_private_forum_only_members_are_told(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await start_thread(ada, visibility="private")
    _, post = streams(thread)
    for person in (grace, eve):
        await thread.take_in(person)
    member, former = await look(grace, post), await look(eve, post)
    await world.sql("DELETE FROM forum_members WHERE user_id = %s", eve.id)
    await vote(grace, thread.post, 1)
    assert member.received() == []
    await end_window(world, post)
    (frame,) = member.received()
    assert frame["data"] == {"scores": {thread.post: 1}}
    assert former.received() == []


async def test_what_is_not_counted_is_not_told(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await start_thread(ada)
    _, post = streams(thread)
    await thread.ban(eve, shadow=True)
    hidden = (await thread.comment(eve))["id"]
    at_post = await look(grace, post)
    await vote(eve, thread.post, 1)
    answer = await ada.call("vote_on_comment", {"value": 1}, id=hidden)
    assert answer.body["score"] == 1
    await end_window(world, post)
    assert at_post.received() == []


async def test_new_comments_on_an_open_page(ada: Person, grace: Person) -> None:
    thread = await start_thread(ada)
    _, post = streams(thread)
    at_post = await look(ada, post)
    comment = await thread.comment(grace)
    (frame,) = at_post.received()
    assert (frame["event"], frame["seq"]) == ("comment.created", 1)
    assert frame["data"]["comment"]["id"] == comment["id"]
    await thread.comment(grace, "a" * 9_999 + "é")
    (frame,) = at_post.received()
    assert frame["event"] == "comment.created" and frame["seq"] == 2
