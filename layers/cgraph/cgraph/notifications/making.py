"""What events bring about: whose notifications they may make, and whose they may end.

An event says only what it is about. Whom it concerns, and whether they may see it, is read from the
tables as they are when the consumer works.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from cgraph.core.clock import rfc3339
from cgraph.events.consumers import LoggedEvent

MESSAGES = frozenset({"message.created", "message.updated", "message.deleted"})
POSTS = frozenset(
    {
        "post.created",
        "post.updated",
        "post.deleted",
        "post.removed",
        "post.restored",
        "post.moved",
    }
)
COMMENTS = frozenset({"comment.created", "comment.updated", "comment.deleted"})
NOTICES = frozenset(
    {
        "conversation.joined",
        "moderation.warned",
        "moderation.removed",
        "moderation.restored",
        "moderation.approved",
        "moderation.unbanned",
        "appeal.resolved",
        "request.created",
        "request.resolved",
    }
)
TYPES = (
    MESSAGES
    | POSTS
    | COMMENTS
    | NOTICES
    | {
        "message.reacted",
        "report.claimed",
        "report.resolved",
        "moderation.banned",
        "conversation.left",
        "forum.left",
        "block.added",
        "forum.updated",
    }
)


@dataclass(slots=True)
class Effects:
    """What is to be looked at. `created`: what goes to followers too. `changed_texts`,
    `changed_posts`: of which somebody may no longer see something; the latter with all that is
    below. `left`: users and the places that they have left;
    `closed`: forums that are private now; `blocks`: between whom there is one;
    `sent`: who has written in which conversation, and so has read it; `undone_reactions`: messages
    and who has taken a reaction to them back; `cases`: what moderators did with which case.
    """

    messages: dict[UUID, None] = field(default_factory=dict)
    posts: dict[UUID, None] = field(default_factory=dict)
    comments: dict[UUID, None] = field(default_factory=dict)
    created: set[UUID] = field(default_factory=set)
    reactions: list[dict[str, Any]] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    changed_texts: set[UUID] = field(default_factory=set)
    changed_posts: set[UUID] = field(default_factory=set)
    left: list[tuple[str, str]] = field(default_factory=list)
    closed: set[UUID] = field(default_factory=set)
    blocks: list[tuple[str, str]] = field(default_factory=list)
    sent: set[tuple[str, str]] = field(default_factory=set)
    undone_reactions: set[tuple[str, str]] = field(default_factory=set)
    cases: set[tuple[str, str]] = field(default_factory=set)


def effects_of(events: Sequence[LoggedEvent]) -> Effects | None:
    """None where there are no events."""
    if not events:
        return None
    effects = Effects()
    for event in events:
        _reader_of(event.type)(effects, event)
    return effects


def _reader_of(type: str) -> Callable[[Effects, LoggedEvent], None]:
    for types, read in _READERS:
        if type in types:
            return read
    raise ValueError(f"no event of this consumer: {type}")


def _read_message(effects: Effects, event: LoggedEvent) -> None:
    message = event.payload["message"]
    id = UUID(message["id"])
    effects.messages[id] = None
    if event.type == "message.created":
        effects.created.add(id)
        effects.sent.add((message["author_id"], message["conversation_id"]))
    else:
        effects.changed_texts.add(id)


def _read_reactions(effects: Effects, event: LoggedEvent) -> None:
    message_id = event.payload["message_id"]
    for change in event.payload["changes"]:
        if not change["added"]:
            effects.undone_reactions.add((message_id, change["user_id"]))
            continue
        effects.reactions.append(
            {
                "message_id": message_id,
                "seq": event.seq,
                "user_id": change["user_id"],
                "created_at": rfc3339(event.created_at),
            }
        )


def _read_post(effects: Effects, event: LoggedEvent) -> None:
    id = UUID(event.payload["post"]["id"])
    effects.posts[id] = None
    if event.type == "post.created":
        effects.created.add(id)
    else:
        effects.changed_texts.add(id)
        effects.changed_posts.add(id)


def _read_comment(effects: Effects, event: LoggedEvent) -> None:
    id = UUID(event.payload["comment"]["id"])
    effects.comments[id] = None
    if event.type == "comment.created":
        effects.created.add(id)
    else:
        effects.changed_texts.add(id)


def _read_notice(effects: Effects, event: LoggedEvent) -> None:
    effects.notices.append(
        {
            "stream_id": str(event.stream_id),
            "seq": event.seq,
            "type": event.type,
            "payload": event.payload,
            "created_at": rfc3339(event.created_at),
        }
    )


def _read_ban(effects: Effects, event: LoggedEvent) -> None:
    effects.left.append((str(event.stream_id), event.payload["forum"]["id"]))
    _read_notice(effects, event)


def _read_left(effects: Effects, event: LoggedEvent) -> None:
    place = event.payload.get("conversation_id") or event.payload["forum_id"]
    effects.left.append((str(event.stream_id), place))


def _read_case(effects: Effects, event: LoggedEvent) -> None:
    effects.cases.add((event.type.replace(".", "_"), event.payload["case"]["id"]))


def _read_forum(effects: Effects, event: LoggedEvent) -> None:
    forum = event.payload["forum"]
    if forum["visibility"] == "private":
        effects.closed.add(UUID(forum["id"]))


def _read_block(effects: Effects, event: LoggedEvent) -> None:
    effects.blocks.append((str(event.stream_id), event.payload["user_id"]))


_READERS: Iterable[tuple[frozenset[str], Callable[[Effects, LoggedEvent], None]]] = (
    (MESSAGES, _read_message),
    (COMMENTS, _read_comment),
    (POSTS, _read_post),
    (frozenset({"message.reacted"}), _read_reactions),
    (NOTICES, _read_notice),
    (frozenset({"moderation.banned"}), _read_ban),
    (frozenset({"conversation.left", "forum.left"}), _read_left),
    (frozenset({"block.added"}), _read_block),
    (frozenset({"forum.updated"}), _read_forum),
    (frozenset({"report.claimed", "report.resolved"}), _read_case),
)
