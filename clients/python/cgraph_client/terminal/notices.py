"""What happened in the open conversation beside new messages, as a line below the last one."""

from __future__ import annotations

from collections.abc import Callable

from cgraph_client.changes import Event
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.paint import Paint, harmless


def notice(event: Event, *, inbox: Inbox, paint: Paint) -> str | None:
    """After the event was applied. None where there is nothing to say."""
    tell = _TOLD.get(event.event)
    return None if tell is None else tell(event, inbox, paint)


def _changed(event: Event, inbox: Inbox, paint: Paint) -> str | None:
    message = event.message
    if message is None:
        return None
    known = inbox.timeline(message.conversation_id).messages.get(message.id, message)
    return paint.message(known, name_of=inbox.name_of)


def _reacted(event: Event, inbox: Inbox, paint: Paint) -> str | None:
    timeline = inbox.timeline(event.stream.removeprefix("conv:"))
    message = timeline.messages.get(event.data["message_id"])
    if message is None:
        return None
    said = paint.reactions(message) or "no reaction any more"
    return f"{message.seq:4} {said}"


def _member_added(event: Event, inbox: Inbox, paint: Paint) -> str:
    return paint.dim(f"({harmless(event.data['member']['username'])} is in the conversation)")


def _member_updated(event: Event, inbox: Inbox, paint: Paint) -> str:
    member = event.data["member"]
    return paint.dim(f"({harmless(member['username'])} is now {member['role']})")


def _member_removed(event: Event, inbox: Inbox, paint: Paint) -> str:
    name = harmless(inbox.name_of(event.data["user_id"]))
    return paint.dim(f"({name} is no longer in the conversation)")


def _renamed(event: Event, inbox: Inbox, paint: Paint) -> str:
    title = harmless(inbox.title(event.stream.removeprefix("conv:")))
    return paint.dim(f"(this is now {title})")


_TOLD: dict[str, Callable[[Event, Inbox, Paint], str | None]] = {
    "message.updated": _changed,
    "message.deleted": _changed,
    "message.reacted": _reacted,
    "member.added": _member_added,
    "member.updated": _member_updated,
    "member.removed": _member_removed,
    "conversation.updated": _renamed,
}
