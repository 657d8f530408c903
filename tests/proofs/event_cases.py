"""For each type of event a case that causes it, in a group of three people.

Before its `yield` a case prepares what the old snapshots contain; after it, it does what causes the
event (and perhaps others too).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from cgraph_client import Client, User


@dataclass(frozen=True, slots=True)
class Group:
    """`owner`, `admin` and `member`: by the role in which each begins. A case may change members
    and roles; the next one that needs them calls `restore_members`."""

    owner: Client
    admin: Client
    member: Client
    people: Mapping[Client, User]
    id: str

    async def restore_members(self) -> None:
        await self.owner.add_member(self.id, self.people[self.admin].id)
        await self.owner.set_role(self.id, self.people[self.admin].id, "admin")
        await self.owner.add_member(self.id, self.people[self.member].id)


FILE = Path(__file__).parents[1] / "media/tune.mp3"

EventCase = Callable[[Group], AsyncIterator[None]]


async def send_messages(group: Group) -> AsyncIterator[None]:
    first = await group.owner.send(group.id, "first")
    yield
    mention = f"@{group.people[group.member].username}, a reply"
    await group.admin.send(group.id, mention, reply_to=first.id)
    file = await group.member.uploads.upload(FILE)
    body = {"conversation_id": group.id, "content": "carries", "attachments": [file.id]}
    await group.member.request("POST", "/messages", body=body)


async def edit_and_pin(group: Group) -> AsyncIterator[None]:
    parent = await group.owner.send(group.id, "to be edited " + "at length " * 30)
    await group.admin.react(parent.id, "👀")
    await group.admin.send(group.id, "quotes it", reply_to=parent.id)
    pinned = await group.member.send(group.id, "to be pinned")
    await group.owner.pin(pinned.id)
    yield
    mention = f"edited for @{group.people[group.admin].username}"
    await group.owner.edit(parent.id, mention, version=1)
    await group.owner.edit(parent.id, "edited again " + "and again " * 30, version=2)
    await group.admin.unpin(pinned.id)
    await group.admin.pin(parent.id)


async def hide_history(group: Group) -> AsyncIterator[None]:
    """The member is added to a group with messages that they do not see."""
    names = [group.people[each].username for each in (group.admin, group.member)]
    other = await group.owner.create_conversation(*names, name="ours", history="from_joining")
    member = group.people[group.member].id
    await group.owner.remove_member(other.id, member)
    before = await group.owner.send(other.id, "before the member " + "at length " * 30)
    await group.admin.react(before.id, "👀")
    await group.owner.pin(before.id)
    quoting = await group.admin.send(other.id, "quotes it before", reply_to=before.id)
    await group.owner.add_member(other.id, member)
    reply = await group.admin.send(other.id, "quotes it", reply_to=before.id)
    await group.member.send(other.id, "quotes the quote", reply_to=reply.id)
    yield
    await group.owner.edit(before.id, "edited", version=1)
    await group.admin.edit(reply.id, "edited too", version=1)
    await group.admin.react(before.id, "👍")
    last = await group.admin.send(other.id, "one more", reply_to=before.id)
    await group.admin.delete(last.id)
    await group.owner.unpin(before.id)
    await group.admin.delete(quoting.id)
    await group.owner.delete(before.id)


async def delete_messages(group: Group) -> AsyncIterator[None]:
    parent = await group.member.send(group.id, "to be deleted")
    await group.admin.react(parent.id, "👍")
    await group.owner.pin(parent.id)
    reply = await group.owner.send(group.id, "quotes it", reply_to=parent.id)
    last = await group.admin.send(group.id, "replies too", reply_to=reply.id)
    await group.member.send(group.id, "not read by the owner")
    unread = await group.member.send(group.id, "nor this")
    yield
    await group.member.delete(unread.id)
    await group.owner.delete(parent.id)
    await group.admin.delete(last.id)


async def react(group: Group) -> AsyncIterator[None]:
    message = await group.owner.send(group.id, "what do you think?")
    other = await group.owner.send(group.id, "and of this?")
    await group.member.react(other.id, "👎")
    yield
    await group.admin.react(message.id, "👍")
    await group.member.react(message.id, "👍")
    await group.admin.react(message.id, "🎉")
    await group.member.unreact(message.id, "👍")
    await group.member.unreact(other.id, "👎")


async def rename(group: Group) -> AsyncIterator[None]:
    await group.owner.rename(group.id, "before")
    yield
    await group.admin.rename(group.id, f"after {uuid4().hex}")
    await group.owner.set_history(group.id, "from_joining")
    await group.owner.set_history(group.id, "all")
    await group.owner.set_history(group.id, "from_joining")


async def add_member(group: Group) -> AsyncIterator[None]:
    """The added user gets `conversation.joined` instead."""
    await group.restore_members()
    await group.owner.remove_member(group.id, group.people[group.member].id)
    yield
    await group.admin.add_member(group.id, group.people[group.member].id)
    await group.owner.send(group.id, "welcome")


async def change_roles(group: Group) -> AsyncIterator[None]:
    """The ownership is transferred, and transferred back."""
    await group.restore_members()
    yield
    owner, member = group.people[group.owner].id, group.people[group.member].id
    await group.owner.set_role(group.id, member, "admin")
    await group.owner.set_role(group.id, member, "owner")
    await group.member.set_role(group.id, owner, "owner")
    await group.owner.set_role(group.id, member, "member")


async def remove_member(group: Group) -> AsyncIterator[None]:
    await group.restore_members()
    yield
    await group.admin.remove_member(group.id, group.people[group.member].id)
    await group.owner.send(group.id, "among us")


async def start_conversations(group: Group) -> AsyncIterator[None]:
    yield
    names = [group.people[each].username for each in (group.admin, group.member)]
    fresh = await group.owner.create_conversation(*names, name="another")
    await group.member.send(fresh.id, "hello")
    direct = await group.admin.create_conversation(group.people[group.owner].username)
    await group.owner.send(direct.id, "between us")
    own = await group.owner.create_conversation(group.people[group.owner].username)
    note = await group.owner.send(own.id, "to be remembered")
    await group.owner.edit(note.id, "to be remembered well", version=1)


async def leave(group: Group) -> AsyncIterator[None]:
    await group.restore_members()
    yield
    await group.member.send(group.id, "farewell")
    await group.member.remove_member(group.id, group.people[group.member].id)


async def mute(group: Group) -> AsyncIterator[None]:
    await group.restore_members()
    await group.member.mute(group.id)
    yield
    await group.owner.mute(group.id)
    await group.admin.mute(group.id, until=datetime.now(UTC) + timedelta(hours=1))
    await group.member.unmute(group.id)


async def mark_read(group: Group) -> AsyncIterator[None]:
    await group.restore_members()
    middle = await group.owner.send(group.id, "read up to here")
    last = await group.owner.send(group.id, "and then to here")
    await group.owner.send(group.id, "not this")
    yield
    await group.admin.mark_read(group.id, middle.seq)
    await group.member.mark_read(group.id, middle.seq)
    await group.member.mark_read(group.id, last.seq)
    await group.member.mark_read(group.id, middle.seq)


async def mark_unread(group: Group) -> AsyncIterator[None]:
    """One stays marked, one reads, one sends."""
    await group.restore_members()
    last = await group.owner.send(group.id, "read this")
    for client in (group.admin, group.member):
        await client.mark_read(group.id, last.seq)
        await client.mark_unread(group.id)
    yield
    await group.owner.mark_unread(group.id)
    await group.admin.mark_read(group.id, last.seq)
    await group.member.send(group.id, "read and answered")


async def block(group: Group) -> AsyncIterator[None]:
    yield
    await group.owner.block(group.people[group.admin].id)
    await group.member.block(group.people[group.admin].id)


async def unblock(group: Group) -> AsyncIterator[None]:
    await group.owner.block(group.people[group.admin].id)
    yield
    await group.owner.unblock(group.people[group.admin].id)
    await group.member.unblock(group.people[group.admin].id)


async def change_profile(group: Group) -> AsyncIterator[None]:
    yield
    body = {"display_name": "A New Name", "bio": "and another life"}
    await group.member.request("PATCH", "/me", body=body)


async def ask_contact(group: Group) -> AsyncIterator[None]:
    yield
    await group.member.request("PUT", f"/me/contacts/{group.people[group.owner].id}")
    await group.owner.request("PUT", f"/me/contacts/{group.people[group.member].id}")


EVENT_CASES: dict[str, EventCase] = {
    "message.created": send_messages,
    "message.updated": edit_and_pin,
    "message.deleted": delete_messages,
    "message.reacted": react,
    "conversation.updated": rename,
    "member.added": add_member,
    "member.updated": change_roles,
    "member.removed": remove_member,
    "conversation.joined": start_conversations,
    "conversation.left": leave,
    "conversation.muted": mute,
    "conversation.read": mark_read,
    "conversation.unread": mark_unread,
    "history.hidden": hide_history,
    "block.added": block,
    "block.removed": unblock,
    "user.updated": change_profile,
    "contact.changed": ask_contact,
}

TOGETHER: tuple[tuple[str, ...], ...] = (
    (
        *("message.created", "message.updated", "message.reacted", "message.deleted"),
        "history.hidden",
    ),
    (
        *("conversation.updated", "conversation.joined", "conversation.muted"),
        "conversation.read",
    ),
    ("member.added",),
    ("member.updated", "contact.changed"),
    ("member.removed",),
    ("conversation.left",),
    ("conversation.unread", "block.added"),
    ("block.removed", "user.updated"),
)
"""Cases of which one does not take from another what that needs: in each of these groups all
prepare, and then all act."""
