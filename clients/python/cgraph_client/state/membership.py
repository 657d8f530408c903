"""The members of a conversation after a change."""

from __future__ import annotations

from dataclasses import replace

from cgraph_client.core.parsing import parse
from cgraph_client.models.changes import Event
from cgraph_client.models.conversations import Conversation, Member


def with_member(conversation: Conversation, event: Event, *, me: str) -> Conversation:
    """After `member.added` or `member.updated`: a new member, who has read everything, or a new
    role, which leaves the read marker. `me`: the user who sees the conversation."""
    member = parse(Member.from_json, event.data["member"])
    others = [other for other in conversation.members if other.id != member.id]
    before = next((other for other in conversation.members if other.id == member.id), None)
    if before is not None:
        member = replace(member, last_read_seq=before.last_read_seq)
    elif any(other.last_read_seq is not None for other in others):
        member = replace(member, last_read_seq=event.seq)
    is_new = before is None and event.event == "member.added" and member.id != me
    return replace(
        conversation,
        members=tuple(sorted([*others, member], key=lambda each: each.id)),
        member_count=conversation.member_count + is_new,
        role=member.role if member.id == me else conversation.role,
    )


def without_member(conversation: Conversation, user_id: str) -> Conversation:
    return replace(
        conversation,
        members=tuple(member for member in conversation.members if member.id != user_id),
        member_count=conversation.member_count - 1,
    )


def with_read_marker(conversation: Conversation, user_id: str, seq: int) -> Conversation:
    """Moves a member's read marker forward. None, where the server does not send it, stays."""
    members = [
        replace(m, last_read_seq=seq)
        if m.id == user_id and m.last_read_seq is not None and m.last_read_seq < seq
        else m
        for m in conversation.members
    ]
    return replace(conversation, members=tuple(members))
