"""The counts in events have the reader's own vote, also where it is not counted for others."""

from __future__ import annotations

from typing import Any

from tests.feature.forum import Thread, new_forum, new_thread
from tests.feature.world import Person, Socket


async def follow(person: Person, *streams: str) -> Socket:
    socket = await person.open_socket()
    await socket.say("hello")
    await socket.say("subscribe", {"streams": list(streams)})
    socket.received()
    return socket


async def synced(person: Person, *streams: str) -> list[Any]:
    answer = await person.call("sync_streams", {"cursors": dict.fromkeys(streams, 0)})
    assert answer.status == 200, answer
    for stream, gap in answer.body["streams"].items():
        numbers = [event["seq"] for event in gap["events"]]
        assert numbers == list(range(1, gap["head"] + 1)), stream
    return [event for gap in answer.body["streams"].values() for event in gap["events"]]


def votes_in(events: list[Any], id: str) -> tuple[int, int, int]:
    """Score, ups and downs of a post or a comment in the last event that has them."""
    found = [
        each
        for event in events
        for each in (event["data"].get("post"), event["data"].get("comment"))
        if each and each["id"] == id and "score" in each
    ]
    return found[-1]["score"], found[-1]["ups"], found[-1]["downs"]


async def edit_both(ada: Person, thread: Thread, comment: Any) -> None:
    edit = {"version": 1, "title": "Another title"}
    assert (await ada.call("edit_post", edit, id=thread.post)).status == 200
    edited = await ada.call("edit_comment", {"version": 1, "body": "New"}, id=comment["id"])
    assert edited.status == 200


async def test_events_have_the_own_vote_of_a_user_without_own_events(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    comment = await thread.comment(ada)
    streams = (f"forum:{thread.forum.id}", f"post:{thread.post}")
    await thread.forum.ban(eve, shadow=True)
    own, others = await follow(eve, *streams), await follow(grace, *streams)
    assert (await thread.vote(eve, 1)).body["score"] == 1
    downvote = await eve.call("vote_on_comment", {"value": -1}, id=comment["id"])
    assert downvote.body["score"] == -1

    await edit_both(ada, thread, comment)
    for events in (own.received(), await synced(eve, *streams)):
        assert votes_in(events, thread.post) == (1, 1, 0)
        assert votes_in(events, comment["id"]) == (-1, 0, 1)
    for events in (others.received(), await synced(grace, *streams)):
        assert votes_in(events, thread.post) == (0, 0, 0)
        assert votes_in(events, comment["id"]) == (0, 0, 0)

    assert (await thread.vote(eve, 0)).body["score"] == 0
    assert votes_in(await synced(eve, *streams), thread.post) == (0, 0, 0)


async def test_a_later_own_event_follows_the_numbers_of_all(ada: Person, eve: Person) -> None:
    thread = await new_thread(ada)
    stream = f"post:{thread.post}"
    await thread.forum.ban(eve, shadow=True)
    await thread.vote(eve, 1)
    before = await synced(eve, stream)
    hidden = await thread.comment(eve)
    await thread.comment(ada)
    events = await synced(eve, stream)
    assert events[: len(before)] == before
    assert [event["event"] for event in events[len(before) :]] == ["comment.created"] * 2
    assert events[len(before)]["data"]["comment"]["id"] == hidden["id"]
    assert len(await synced(ada, stream)) == len(events) - 1


async def test_a_moved_post_has_the_own_vote_in_the_events_of_its_new_forum(
    ada: Person, grace: Person, eve: Person
) -> None:
    thread, target = await new_thread(ada), await new_forum(ada)
    await thread.forum.ban(eve, shadow=True)
    await thread.vote(eve, 1)
    stream = f"forum:{target.id}"
    own, others = await follow(eve, stream), await follow(grace, stream)
    moved = await ada.call("move_post", {"forum": target.slug}, id=thread.post)
    assert moved.status == 200, moved
    assert votes_in(own.received(), thread.post) == (1, 1, 0)
    assert votes_in(await synced(eve, stream), thread.post) == (1, 1, 0)
    assert votes_in(others.received(), thread.post) == (0, 0, 0)


async def test_polls_in_events_have_the_own_choice(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_forum(ada)
    poll = {"options": ["yes", "no"], "multiple": True}
    post = await forum.post(ada, kind="poll", poll=poll)
    stream = f"post:{post['id']}"
    await forum.ban(eve, shadow=True)
    own, others = await follow(eve, stream), await follow(grace, stream)
    chosen = await eve.call("choose_in_poll", {"choices": [0, 1]}, id=post["id"])
    assert chosen.body["poll"]["voters"] == 1
    await forum.edit_post(ada, post, title="Another title")

    for person, socket, count in ((eve, own, 1), (grace, others, 0)):
        for events in (socket.received(), await synced(person, stream)):
            polls = [event["data"]["post"]["poll"] for event in events if "seq" in event]
            assert polls[-1]["voters"] == count
            assert [option["votes"] for option in polls[-1]["options"]] == [count] * 2
