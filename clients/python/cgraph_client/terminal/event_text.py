"""Events of the open conversation as lines of text, except new messages."""

from __future__ import annotations

from collections.abc import Callable

from cgraph_client.models.changes import CONVERSATION_STREAM, Event
from cgraph_client.terminal.formatting import Formatter, sanitize
from cgraph_client.terminal.inbox import Inbox


def describe_event(event: Event, *, inbox: Inbox, formatter: Formatter) -> str | None:
    """Returns the line for an event that the inbox has applied, None where there is none."""
    describe = _DESCRIPTIONS.get(event.event)
    return None if describe is None else describe(event, inbox, formatter)


def _describe_changed_message(event: Event, inbox: Inbox, formatter: Formatter) -> str | None:
    message = event.message
    if message is None:
        return None
    timeline = inbox.timeline(message.conversation_id)
    message = timeline.messages.get(message.id, message)
    return formatter.message(message, username_of=inbox.username_of)


def _describe_reactions(event: Event, inbox: Inbox, formatter: Formatter) -> str | None:
    timeline = inbox.timeline(event.stream.removeprefix(CONVERSATION_STREAM))
    message = timeline.messages.get(event.data["message_id"])
    if message is None:
        return None
    reactions = formatter.reactions(message) or "no reactions"
    return f"{message.seq:4} {reactions}"


def _describe_added_member(event: Event, inbox: Inbox, formatter: Formatter) -> str:
    name = sanitize(event.data["member"]["username"])
    return formatter.dim(f"({name} has joined the conversation)")


def _describe_new_role(event: Event, inbox: Inbox, formatter: Formatter) -> str:
    member = event.data["member"]
    return formatter.dim(f"({sanitize(member['username'])} is now {member['role']})")


def _describe_removed_member(event: Event, inbox: Inbox, formatter: Formatter) -> str:
    name = sanitize(inbox.username_of(event.data["user_id"]))
    return formatter.dim(f"({name} is no longer in the conversation)")


def _describe_new_name(event: Event, inbox: Inbox, formatter: Formatter) -> str:
    title = sanitize(inbox.title(event.stream.removeprefix(CONVERSATION_STREAM)))
    sees_all = event.data["conversation"]["history"] == "all"
    newcomers = "all messages" if sees_all else "only messages from then on"
    return formatter.dim(
        f"(the conversation is called {title}; people added later see {newcomers})"
    )


_DESCRIPTIONS: dict[str, Callable[[Event, Inbox, Formatter], str | None]] = {
    "message.updated": _describe_changed_message,
    "message.deleted": _describe_changed_message,
    "message.reacted": _describe_reactions,
    "member.added": _describe_added_member,
    "member.updated": _describe_new_role,
    "member.removed": _describe_removed_member,
    "conversation.updated": _describe_new_name,
}
