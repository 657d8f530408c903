"""For each type of event what makes it happen, seen by three people in one group.

Before its `yield` a case prepares what is already there when the old snapshots are taken; after it,
it does what is told as this event (and maybe as others too).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cgraph_client import Client, User


@dataclass(frozen=True, slots=True)
class Scene:
    """`owner`, `admin` and `member` are what each begins as in the group; each case leaves it so,
    but for members and roles, which each case that needs them makes right."""

    owner: Client
    admin: Client
    member: Client
    people: Mapping[Client, User]
    group: str

    async def seat_all(self) -> None:
        """Everybody is in, with their role."""
        await self.owner.add_member(self.group, self.people[self.admin].id)
        await self.owner.set_role(self.group, self.people[self.admin].id, "admin")
        await self.owner.add_member(self.group, self.people[self.member].id)


Case = Callable[[Scene], AsyncIterator[None]]


async def created(scene: Scene) -> AsyncIterator[None]:
    first = await scene.owner.send(scene.group, "first")
    yield
    mention = f"@{scene.people[scene.member].username}, a reply"
    await scene.admin.send(scene.group, mention, reply_to=first.id)
    body = {"conversation_id": scene.group, "content": "carries", "attachments": [str(uuid4())]}
    await scene.member.request("POST", "/messages", body=body)


async def updated(scene: Scene) -> AsyncIterator[None]:
    parent = await scene.owner.send(scene.group, "to be edited " + "at length " * 30)
    await scene.admin.react(parent.id, "👀")
    await scene.admin.send(scene.group, "quotes it", reply_to=parent.id)
    pinned = await scene.member.send(scene.group, "to be pinned")
    await scene.owner.pin(pinned.id)
    yield
    mention = f"edited for @{scene.people[scene.admin].username}"
    await scene.owner.edit(parent.id, mention, version=1)
    await scene.owner.edit(parent.id, "edited again " + "and again " * 30, version=2)
    await scene.admin.unpin(pinned.id)
    await scene.admin.pin(parent.id)


async def deleted(scene: Scene) -> AsyncIterator[None]:
    parent = await scene.member.send(scene.group, "to be deleted")
    await scene.admin.react(parent.id, "👍")
    await scene.owner.pin(parent.id)
    reply = await scene.owner.send(scene.group, "quotes it", reply_to=parent.id)
    last = await scene.admin.send(scene.group, "replies too", reply_to=reply.id)
    yield
    await scene.owner.delete(parent.id)
    await scene.admin.delete(last.id)


async def reacted(scene: Scene) -> AsyncIterator[None]:
    message = await scene.owner.send(scene.group, "what do you think?")
    other = await scene.owner.send(scene.group, "and of this?")
    await scene.member.react(other.id, "👎")
    yield
    await scene.admin.react(message.id, "👍")
    await scene.member.react(message.id, "👍")
    await scene.admin.react(message.id, "+1")
    await scene.member.unreact(message.id, "👍")
    await scene.member.unreact(other.id, "👎")


async def renamed(scene: Scene) -> AsyncIterator[None]:
    await scene.owner.rename(scene.group, "before")
    yield
    await scene.admin.rename(scene.group, f"after {uuid4().hex}")


async def added(scene: Scene) -> AsyncIterator[None]:
    """For whoever is added it is `conversation.joined`."""
    await scene.seat_all()
    await scene.owner.remove_member(scene.group, scene.people[scene.member].id)
    yield
    await scene.admin.add_member(scene.group, scene.people[scene.member].id)
    await scene.owner.send(scene.group, "welcome")


async def given(scene: Scene) -> AsyncIterator[None]:
    """The conversation is handed over and back."""
    await scene.seat_all()
    yield
    owner, member = scene.people[scene.owner].id, scene.people[scene.member].id
    await scene.owner.set_role(scene.group, member, "admin")
    await scene.owner.set_role(scene.group, member, "owner")
    await scene.member.set_role(scene.group, owner, "owner")
    await scene.owner.set_role(scene.group, member, "member")


async def removed(scene: Scene) -> AsyncIterator[None]:
    await scene.seat_all()
    yield
    await scene.admin.remove_member(scene.group, scene.people[scene.member].id)
    await scene.owner.send(scene.group, "among us")


async def joined(scene: Scene) -> AsyncIterator[None]:
    yield
    names = [scene.people[each].username for each in (scene.admin, scene.member)]
    fresh = await scene.owner.create_conversation(*names, name="another")
    await scene.member.send(fresh.id, "hello")
    direct = await scene.admin.create_conversation(scene.people[scene.owner].username)
    await scene.owner.send(direct.id, "between us")


async def left(scene: Scene) -> AsyncIterator[None]:
    await scene.seat_all()
    yield
    await scene.member.send(scene.group, "farewell")
    await scene.member.remove_member(scene.group, scene.people[scene.member].id)


async def muted(scene: Scene) -> AsyncIterator[None]:
    await scene.seat_all()
    await scene.member.mute(scene.group)
    yield
    await scene.owner.mute(scene.group)
    await scene.admin.mute(scene.group, until=datetime.now(UTC) + timedelta(hours=1))
    await scene.member.unmute(scene.group)


async def marked(scene: Scene) -> AsyncIterator[None]:
    await scene.seat_all()
    middle = await scene.owner.send(scene.group, "read up to here")
    last = await scene.owner.send(scene.group, "and then to here")
    await scene.owner.send(scene.group, "not this")
    yield
    await scene.admin.mark_read(scene.group, middle.seq)
    await scene.member.mark_read(scene.group, middle.seq)
    await scene.member.mark_read(scene.group, last.seq)
    await scene.member.mark_read(scene.group, middle.seq)


async def blocked(scene: Scene) -> AsyncIterator[None]:
    yield
    await scene.owner.block(scene.people[scene.admin].id)
    await scene.member.block(scene.people[scene.admin].id)


async def unblocked(scene: Scene) -> AsyncIterator[None]:
    await scene.owner.block(scene.people[scene.admin].id)
    yield
    await scene.owner.unblock(scene.people[scene.admin].id)
    await scene.member.unblock(scene.people[scene.admin].id)


async def introduced(scene: Scene) -> AsyncIterator[None]:
    yield
    body = {"display_name": "A New Name", "bio": "and another life"}
    await scene.member.request("PATCH", "/me", body=body)


CASES: dict[str, Case] = {
    "message.created": created,
    "message.updated": updated,
    "message.deleted": deleted,
    "message.reacted": reacted,
    "conversation.updated": renamed,
    "member.added": added,
    "member.updated": given,
    "member.removed": removed,
    "conversation.joined": joined,
    "conversation.left": left,
    "conversation.muted": muted,
    "conversation.read": marked,
    "block.added": blocked,
    "block.removed": unblocked,
    "user.updated": introduced,
}
