"""Every way in which one user can reach another in chat, and whether something has arrived."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from cgraph.core.ids import short
from tests.feature.conversation import Conversation, start_direct, start_group
from tests.feature.forum import new_forum
from tests.feature.world import Person, Socket, World

THUMB, FLAG = "\N{THUMBS UP SIGN}", "\N{WAVING BLACK FLAG}"
PLACES = ("direct", "group", "forum")


@dataclass(slots=True)
class Scene:
    """`actor` does something, `receiver` follows the streams of all places. A third user is in the
    group too, and owns the forum. `messages`: of the direct conversation, by what was done to them.
    """

    world: World
    actor: Person
    receiver: Person
    third: Person
    direct: Conversation
    group: Conversation
    streams: dict[str, str]
    messages: dict[str, Any] = field(default_factory=dict)
    sockets: dict[str, Socket] = field(default_factory=dict)

    @classmethod
    async def create(cls, actor: Person, receiver: Person, third: Person) -> Scene:
        direct, group = await start_direct(actor, receiver), await start_group(third, actor)
        await group.put_member(third, receiver)
        forum = await new_forum(third)
        streams = {"direct": f"conv:{direct.id}", "group": f"conv:{group.id}",
                   "forum": f"forum:{forum.id}"}  # fmt: skip
        scene = cls(actor.world, actor, receiver, third, direct, group, streams)
        for name in ("plain", "reacted", "pinned"):
            scene.messages[name] = await actor.send(direct.id, name)
        for _ in range(4):  # to mark as read, one after the other
            await receiver.send(direct.id, "hi")
            await third.send(group.id, "hi")
        await direct.react(actor, scene.messages["reacted"], THUMB)
        await direct.pin(actor, scene.messages["pinned"])
        return scene

    async def open_sockets(self) -> None:
        for name, person in (("actor", self.actor), ("receiver", self.receiver)):
            self.sockets[name] = await self.subscribed(person)

    async def subscribed(self, person: Person) -> Socket:
        socket = await person.open_socket()
        await socket.say("hello")
        await self.subscribe(socket)
        return socket

    async def subscribe(self, socket: Socket) -> Any:
        """What the answer says of each place."""
        reply = await socket.say("subscribe", {"streams": list(self.streams.values())})
        found = reply["data"]["streams"]
        return {place: found[stream] for place, stream in self.streams.items()}

    async def settle(self) -> None:
        """As if all windows were over, and all that was held back published."""
        buffers = [(stream, channel) for stream in self.streams.values()
                   for channel in ("presence", "receipts")]  # fmt: skip
        jobs = [{"flush": {"channel": channel, "stream": stream}} for stream, channel in buffers]
        windows = [
            f"published:{{{short(UUID(stream.partition(':')[2]))}}}:{channel}"
            for stream, channel in buffers
        ]
        for window in windows:
            self.world.valkey.delete(window)
        await self.world.work_off("workers.maintain_sockets", *jobs)
        for window in windows:
            self.world.valkey.delete(window)

    async def publish_reactions(self, message: Any) -> None:
        await self.world.work_off("workers.maintain_sockets", self.direct.reaction_job(message))

    async def has_arrived(self, do: Callable[[], Awaitable[object]]) -> bool:
        """Whether the receiver gets an event of the direct conversation, or one that names the
        actor."""
        await self.settle()
        self.sockets["receiver"].received()
        await do()
        await self.settle()
        text = json.dumps(self.sockets["receiver"].received())
        return self.streams["direct"] in text or self.actor.id in text


Reaches = Callable[[Scene], Awaitable[bool]]
Kind = Literal["write", "push", "view"]


@dataclass(frozen=True, slots=True)
class Way:
    """`kind`: whether it changes something durable, shows it for a time, or is read."""

    reaches: Reaches
    kind: Kind


WAYS: dict[str, Way] = {}


def way(name: str, kind: Kind) -> Callable[[Reaches], Reaches]:
    def add(reaches: Reaches) -> Reaches:
        WAYS[name] = Way(reaches, kind)
        return reaches

    return add


async def type_in(scene: Scene, place: str, *typing: bool) -> None:
    for each in typing:
        data = {"stream": scene.streams[place], "typing": each}
        assert (await scene.sockets["actor"].say("typing", data))["ok"]
        await scene.settle()


async def change_presence(scene: Scene) -> None:
    for status in ("away", "busy"):
        await scene.sockets["actor"].say("presence", {"status": status})


async def come_and_go(scene: Scene, place: str) -> None:
    socket = await scene.actor.open_socket()
    await socket.say("subscribe", {"streams": [scene.streams[place]]})
    await scene.settle()
    await socket.disconnect()


def _add_typing(place: str) -> None:
    @way(f"typing in {place}", "push")
    async def typing(scene: Scene) -> bool:
        return await scene.has_arrived(lambda: type_in(scene, place, True))

    @way(f"stopping in {place}", "push")
    async def stopping(scene: Scene) -> bool:
        await type_in(scene, place, True)
        return await scene.has_arrived(lambda: type_in(scene, place, False))


@way("presence in all places", "push")
async def _presence(scene: Scene) -> bool:
    return await scene.has_arrived(lambda: change_presence(scene))


def _add_arrivals(place: str) -> None:
    """They subscribe again, which takes over the blocks of the place."""

    @way(f"coming to and leaving {place}", "push")
    async def coming(scene: Scene) -> bool:
        return await scene.has_arrived(lambda: come_and_go(scene, place))


def _add_receipts(place: str) -> None:
    """How far the actor has read."""

    def conversation(scene: Scene) -> Conversation:
        return scene.direct if place == "direct" else scene.group

    def own(members: list[Any], scene: Scene) -> bool:
        (actor,) = [each for each in members if each["id"] == scene.actor.id]
        return actor["last_read_seq"] is not None

    @way(f"receipt in {place}, by HTTP", "push")
    async def by_http(scene: Scene) -> bool:
        id = conversation(scene).id
        seq = await conversation(scene).head() - 2
        return await scene.has_arrived(lambda: scene.actor.call("mark_read", {"seq": seq}, id=id))

    @way(f"receipt in {place}, by frame", "push")
    async def by_frame(scene: Scene) -> bool:
        data = {"stream": scene.streams[place], "seq": await conversation(scene).head()}
        return await scene.has_arrived(lambda: scene.sockets["actor"].say("read", data))

    @way(f"read marker in {place}, shown", "view")
    async def shown(scene: Scene) -> bool:
        return own((await conversation(scene).show(scene.receiver))["members"], scene)

    @way(f"read marker in {place}, in a snapshot", "view")
    async def in_snapshot(scene: Scene) -> bool:
        stream = scene.streams[place]
        answer = await scene.receiver.call("sync_streams", {"cursors": {stream: 10**6}})
        return own(answer.body["streams"][stream]["snapshot"]["conversation"]["members"], scene)


for _place in PLACES:
    _add_typing(_place)
for _place in PLACES[:2]:
    _add_receipts(_place)


@way("sending by HTTP", "write")
async def _send(scene: Scene) -> bool:
    draft = {"conversation_id": scene.direct.id, "content": "hi"}
    return await scene.has_arrived(lambda: scene.actor.call("send_message", draft))


@way("sending by frame", "write")
async def _send_frame(scene: Scene) -> bool:
    draft = {"conversation_id": scene.direct.id, "content": "hi"}
    return await scene.has_arrived(lambda: scene.sockets["actor"].say("send", draft))


@way("editing", "write")
async def _edit(scene: Scene) -> bool:
    message = scene.messages["plain"]
    return await scene.has_arrived(lambda: scene.direct.edit(scene.actor, message, "other"))


@way("reacting", "write")
async def _react(scene: Scene) -> bool:
    message = scene.messages["plain"]

    async def react() -> None:
        await scene.direct.react(scene.actor, message, FLAG)
        await scene.publish_reactions(message)

    return await scene.has_arrived(react)


@way("removing a reaction by frame", "write")
async def _unreact(scene: Scene) -> bool:
    message = scene.messages["reacted"]
    data = {"message_id": message["id"], "emoji": THUMB, "added": False}

    async def unreact() -> None:
        await scene.sockets["actor"].say("react", data)
        await scene.publish_reactions(message)

    return await scene.has_arrived(unreact)


@way("pinning", "write")
async def _pin(scene: Scene) -> bool:
    message = scene.messages["plain"]
    return await scene.has_arrived(lambda: scene.direct.pin(scene.actor, message))


@way("unpinning", "write")
async def _unpin(scene: Scene) -> bool:
    message = scene.messages["pinned"]
    return await scene.has_arrived(lambda: scene.direct.unpin(scene.actor, message))


@way("adding to a group", "write")
async def _add(scene: Scene) -> bool:
    group = await start_group(scene.actor)
    return await scene.has_arrived(lambda: group.put_member(scene.actor, scene.receiver))


@way("starting a group", "write")
async def _start(scene: Scene) -> bool:
    draft = {"kind": "group", "members": [scene.receiver.username]}
    return await scene.has_arrived(lambda: scene.actor.call("start_conversation", draft))


@way("mentioning in a group, in a message and its edit", "write")
async def _mention(scene: Scene) -> bool:
    quoted = await scene.receiver.send(scene.group.id, "hi")
    text = f"@{scene.receiver.username}"
    reply = await scene.actor.send(scene.group.id, text, reply_to=quoted["id"])
    edited = (await scene.group.edit(scene.actor, reply, f"again {text}")).body
    return scene.receiver.id in reply["mentions"] + edited["mentions"]


def _add_present_users(place: str) -> None:
    """The receiver subscribes again."""

    @way(f"present users of {place}", "view")
    async def present(scene: Scene) -> bool:
        found = (await scene.subscribe(scene.sockets["receiver"]))[place]
        assert len(found["present"]) == found["present_count"]
        return scene.actor.id in [each["user_id"] for each in found["present"]]


for _place in PLACES:
    _add_arrivals(_place)
for _place in PLACES:
    _add_present_users(_place)
