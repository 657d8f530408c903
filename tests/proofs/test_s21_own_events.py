"""S21 in events: a shadow-banned user gets the events of what they write like everybody else, with
numbers without a gap, by push and by sync; nobody else gets one, or a gap."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.proofs.broken import Mutation, broken_schema
from tests.proofs.forum_scene import new_slug
from tests.system import LocalSystem

OWN = "infra/schema/forums/own_events.sql"
IN_THE_STREAM_OF_ALL = (
    Mutation(
        OWN,
        original="    INSERT INTO own_events (stream_id, user_id, number, after_seq)"
        " VALUES (stream_id, user_id, number, stream_head);\n",
        replacement="    UPDATE streams s SET head = s.head + 1"
        " WHERE s.id = append_own_event.stream_id;\n",
    ),
    Mutation(
        OWN,
        original="    VALUES (own_stream_id(stream_id, user_id), number, type, payload, now_at);",
        replacement="    VALUES (stream_id, stream_head + 1, type, payload, now_at);",
    ),
)


@dataclass(slots=True)
class Reader:
    """`streams`: those that the reader follows, with the reader's number of each at the start."""

    person: Person
    socket: Socket
    streams: dict[str, int]

    @classmethod
    async def open(cls, person: Person, streams: list[str]) -> Self:
        socket = await person.open_socket()
        reply = await socket.call("subscribe", {"streams": streams})
        heads = {name: each["head"] for name, each in reply["data"]["streams"].items()}
        return cls(person, socket, heads)

    async def synced(self) -> list[Document]:
        body = {"cursors": self.streams}
        reply = await self.person.request_json("POST", "/sync", body=body)
        assert reply["next"] is None
        return [event for gap in reply["streams"].values() for event in gap["events"]]

    async def heads(self) -> dict[str, int]:
        reply = await self.socket.call("ping", {"streams": list(self.streams)})
        return {name: reply["heads"][name] for name in self.streams}

    def pushed(self, stream: str) -> list[Document]:
        """The events with a number, each once, by number."""
        found = {
            event["seq"]: event
            for event in self.socket.events
            if event["stream"] == stream and "seq" in event
        }
        return [found[seq] for seq in sorted(found)]


@dataclass(slots=True)
class Scene:
    """`canary`: in all that the shadow-banned user writes."""

    slug: str
    post: str
    shadowed: Reader
    others: list[Reader]
    canary: str = field(default_factory=lambda: f"canary{uuid4().hex}")

    @classmethod
    async def create(cls, system: LocalSystem) -> Self:
        owner, shadowed, *others = await system.people(4)
        draft = {"slug": new_slug(), "name": "A forum"}
        forum = await owner.request_json("POST", "/forums", body=draft)
        path = f"/forums/{forum['slug']}"
        post = await owner.request_json("POST", f"{path}/posts", body={"title": "A title"})
        await owner.request_json("PUT", f"{path}/bans/{shadowed.id}", body={"shadow": True})
        streams = [f"forum:{forum['id']}", f"post:{post['id']}"]
        readers = [await Reader.open(each, streams) for each in (shadowed, *others)]
        return cls(forum["slug"], post["id"], readers[0], readers[1:])

    @property
    def readers(self) -> list[Reader]:
        return [self.shadowed, *self.others]

    async def write(self, dice: random.Random, *, answered: list[str]) -> None:
        """The shadow-banned user or another one does something. `answered`: comments of others,
        which get replies.
        """
        by_shadowed = dice.random() < 0.5
        person = (self.shadowed if by_shadowed else dice.choice(self.others)).person
        text = self.canary if by_shadowed else "A text"
        path = f"/posts/{self.post}"
        match dice.choice(("comment", "edit", "delete", "post", "reply", "vote")):
            case "post":
                draft: Document = {"title": text}
                await person.request_json("POST", f"/forums/{self.slug}/posts", body=draft)
            case "vote":
                value = {"value": dice.choice((-1, 1))}
                await person.request_json("PUT", f"{path}/vote", body=value)
            case kind:
                draft = {"body": text}
                if kind == "reply" and answered:
                    draft["parent_id"] = dice.choice(answered)
                comment = await person.request_json("POST", f"{path}/comments", body=draft)
                if kind == "comment" and not by_shadowed:
                    answered.append(comment["id"])
                if kind == "edit":
                    draft = {"body": f"{text} again", "version": 1}
                    await person.request_json("PATCH", f"/comments/{comment['id']}", body=draft)
                if kind == "delete":
                    await person.request_json("DELETE", f"/comments/{comment['id']}")


async def test_a_shadow_banned_user_sees_their_events_and_others_see_no_gap(
    local: LocalSystem, size: Size, report: Report
) -> None:
    scene = await Scene.create(local)
    wrong, counts = await judge(scene, writes=size(30, 400))
    report("S21 own events", wrong=len(wrong), **counts)
    assert not wrong, "\n".join(wrong[:20])
    assert counts["own_events"]


async def test_the_proof_fails_where_own_events_are_in_the_stream_of_all(
    local: LocalSystem,
) -> None:
    scene = await Scene.create(local)
    with broken_schema(local, *IN_THE_STREAM_OF_ALL):
        wrong, _ = await judge(scene, writes=8, seconds=1.0)
    assert any("is seen by others" in line for line in wrong), wrong


async def judge(
    scene: Scene, *, writes: int, seconds: float = 10.0
) -> tuple[list[str], dict[str, int]]:
    """`seconds`: how long events may take that have not come yet."""
    dice = random.Random(21)
    answered: list[str] = []
    for _ in range(writes):
        await scene.write(dice, answered=answered)
    wrong = [line for reader in scene.readers async for line in compare(scene, reader, seconds)]
    events = [event for reader in scene.readers for event in reader.socket.events]
    own = [each for each in scene.shadowed.socket.events if scene.canary in str(each)]
    return wrong, {"events": len(events), "own_events": len(own)}


async def compare(scene: Scene, reader: Reader, seconds: float) -> AsyncIterator[str]:
    """What is wrong in the reader's events."""
    name = "shadowed" if reader is scene.shadowed else "other"
    synced, heads = await reader.synced(), await reader.heads()
    for stream, start in reader.streams.items():
        right = [event for event in synced if event["stream"] == stream]
        numbers = [event["seq"] for event in right]
        if numbers != list(range(start + 1, heads[stream] + 1)):
            yield f"{name}: numbers {numbers} of {stream}, head {heads[stream]}"
        if not await _is_pushed(reader, stream, count=len(right), seconds=seconds):
            yield f"{name}: {len(reader.pushed(stream))} of {len(right)} events of {stream}"
        if [*map(_identity, reader.pushed(stream))] != [*map(_identity, right)]:
            yield f"{name}: {stream} was pushed otherwise than it was synced"
    if counts := await _count_differences(scene, reader, synced):
        yield f"{name}: {counts}"
    if reader is not scene.shadowed and scene.canary in f"{reader.socket.events}{synced}":
        yield "the text of the shadow-banned user is seen by others"


async def _is_pushed(reader: Reader, stream: str, *, count: int, seconds: float) -> bool:
    try:
        await reader.socket.wait_until(lambda: len(reader.pushed(stream)) >= count, seconds=seconds)
    except TimeoutError:
        return False
    return True


async def _count_differences(scene: Scene, reader: Reader, synced: list[Document]) -> str:
    """The last event with a count of comments has the one that the reader's post has."""
    view = await reader.person.get(f"/posts/{scene.post}")
    counted = [each["data"]["post"] for each in synced if each["event"] == "comment.created"]
    if counted and counted[-1]["comment_count"] != view["comment_count"]:
        return f"event {counted[-1]}, post {view['comment_count']}"
    if view["my_vote"] and not view["ups"] + view["downs"]:
        return f"the own vote is not in {view}"
    return ""


def _identity(event: Document) -> tuple[Any, ...]:
    """Without the counts and the version: in the log they are those of now, pushed they were those
    of then.
    """
    data = event["data"]
    thing = data.get("comment") or data["post"]
    return event["seq"], event["event"], thing["id"]
