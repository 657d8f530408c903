"""What the API must do, as a model without a database: conversations, members, messages, blocks.

Each action returns the code of the refusal that is expected, or None and takes effect.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

OWNER, ADMIN, MEMBER = "owner", "admin", "member"
QUOTED = 200
Refusal = str | None


@dataclass(slots=True)
class ModelMessage:
    """`id` and `seq` come from the server. `reactions`: by emoji, the ids of users."""

    author: str
    content: str
    quoted: ModelMessage | None = None
    mentions: tuple[str, ...] = ()
    id: str = ""
    seq: int = 0
    version: int = 1
    deleted: bool = False
    pinned: bool = False
    replies: int = 0
    reactions: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def expected(
        self, *, reader: str, with_reactions: bool, sees_quote: bool = True
    ) -> dict[str, Any]:
        quoted = None
        if self.quoted is not None and not self.deleted and sees_quote:
            quoted = (self.quoted.id, self.quoted.content[:QUOTED], self.quoted.deleted)
        expected = {
            "id": self.id,
            "seq": self.seq,
            "author": self.author,
            "content": self.content,
            "quoted": quoted,
            "version": self.version,
            "deleted": self.deleted,
            "pinned": self.pinned,
            "replies": self.replies,
            "mentions": self.mentions,
        }
        if with_reactions:
            by_emoji = self.reactions.items()
            expected["reactions"] = {emoji: len(users) for emoji, users in by_emoji if users}
            expected["mine"] = {emoji for emoji, users in by_emoji if reader in users}
        return expected


@dataclass(slots=True)
class ModelConversation:
    """`roles` of its members; `read`: by user, how many of the messages; `hidden`: how many of them
    a member does not see. `marked`: by whom it is marked as unread.
    """

    id: str
    is_direct: bool
    roles: dict[str, str]
    read: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    messages: list[ModelMessage] = field(default_factory=list)
    history: str = "all"
    hidden: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    marked: set[str] = field(default_factory=set)

    def expected(self, *, reader: str, since: int, with_reactions: bool) -> dict[str, Any]:
        """With the messages after the number `since`."""
        visible = self.messages[self.hidden[reader] :]
        last = [message for message in visible if not message.deleted][-1:]
        return {
            "role": self.roles[reader],
            "roles": self.roles,
            "count": len(self.roles),
            "unread": sum(not each.deleted for each in self.messages[self.read[reader] :]),
            "marked": reader in self.marked,
            "history": self.history,
            "last": last[0].id if last else None,
            "messages": [
                message.expected(
                    reader=reader,
                    with_reactions=with_reactions,
                    sees_quote=message.quoted in visible,
                )
                for message in visible
                if message.seq > since
            ],
        }

    def shows(self, message: ModelMessage, *, to: str) -> bool:
        return to in self.roles and self.messages.index(message) >= self.hidden[to]

    def is_led_by(self, user: str) -> bool:
        return self.roles[user] in (OWNER, ADMIN)


@dataclass(slots=True)
class Model:
    """`blocks`: (the user who blocks, the blocked one)."""

    conversations: list[ModelConversation] = field(default_factory=list)
    blocks: set[tuple[str, str]] = field(default_factory=set)

    def expected(
        self, *, reader: str, since: dict[str, int], with_reactions: bool
    ) -> dict[str, Any]:
        """Everything that this user sees."""
        conversations = {
            each.id: each.expected(
                reader=reader, since=since.get(each.id, 0), with_reactions=with_reactions
            )
            for each in self.conversations
            if reader in each.roles
        }
        return {
            "blocked": {blocked for by, blocked in self.blocks if by == reader},
            **conversations,
        }

    def is_blocked(self, conversation: ModelConversation) -> bool:
        """Whether one peer has blocked the other. Notes have no peer."""
        peers = [*conversation.roles]
        return conversation.is_direct and len(peers) == 2 and self.is_hidden(*peers)

    def is_hidden(self, one: str | None, other: str) -> bool:
        """Whether one of the two has blocked the other."""
        return any({*pair} == {one, other} for pair in self.blocks)

    def send(
        self,
        user: str,
        conversation: ModelConversation,
        content: str,
        *,
        quoted: ModelMessage | None,
        mentioned: str | None,
    ) -> Refusal:
        if user not in conversation.roles:
            return "conversation_not_found"
        if self.is_blocked(conversation):
            return "blocked"
        if quoted is not None and not conversation.shows(quoted, to=user):
            return "reply_target_not_found"
        is_mentioned = mentioned in conversation.roles and not self.is_hidden(mentioned, user)
        mentions = (mentioned,) if mentioned is not None and is_mentioned else ()
        conversation.messages.append(ModelMessage(user, content, quoted, mentions))
        if quoted is not None:
            quoted.replies += 1
        conversation.read[user] = len(conversation.messages)
        conversation.marked.discard(user)
        return None

    def edit(
        self,
        user: str,
        conversation: ModelConversation,
        message: ModelMessage,
        content: str,
        *,
        version: int,
    ) -> Refusal:
        if not conversation.shows(message, to=user):
            return "message_not_found"
        if user != message.author:
            return "not_allowed"
        if message.deleted:
            return "message_deleted"
        if version != message.version:
            return "stale_version"
        if self.is_blocked(conversation):
            return "blocked"
        message.content, message.version, message.mentions = content, version + 1, ()
        return None

    def delete(self, user: str, conversation: ModelConversation, message: ModelMessage) -> Refusal:
        if not conversation.shows(message, to=user):
            return "message_not_found"
        if user != message.author and not conversation.is_led_by(user):
            return "not_allowed"
        message.content, message.mentions, message.deleted, message.pinned = "", (), True, False
        message.reactions.clear()
        return None

    def react(
        self,
        user: str,
        conversation: ModelConversation,
        message: ModelMessage,
        emoji: str,
        *,
        added: bool,
    ) -> Refusal:
        if not conversation.shows(message, to=user):
            return "message_not_found"
        if added and message.deleted:
            return "message_deleted"
        if added is not (user in message.reactions[emoji]) and self.is_blocked(conversation):
            return "blocked"
        (message.reactions[emoji].add if added else message.reactions[emoji].discard)(user)
        return None

    def pin(
        self, user: str, conversation: ModelConversation, message: ModelMessage, *, pinned: bool
    ) -> Refusal:
        if not conversation.shows(message, to=user):
            return "message_not_found"
        if not conversation.is_direct and not conversation.is_led_by(user):
            return "not_allowed"
        if pinned and message.deleted:
            return "message_deleted"
        if pinned is not message.pinned and self.is_blocked(conversation):
            return "blocked"
        message.pinned = pinned
        return None

    def mark_read(
        self, user: str, conversation: ModelConversation, message: ModelMessage
    ) -> Refusal:
        if user not in conversation.roles:
            return "conversation_not_found"
        conversation.read[user] = max(
            conversation.read[user], conversation.messages.index(message) + 1
        )
        conversation.marked.discard(user)
        return None

    def mark_unread(self, user: str, conversation: ModelConversation) -> Refusal:
        if user not in conversation.roles:
            return "conversation_not_found"
        conversation.marked.add(user)
        return None

    def set_history(self, user: str, conversation: ModelConversation, history: str) -> Refusal:
        if user not in conversation.roles:
            return "conversation_not_found"
        if not conversation.is_led_by(user):
            return "not_allowed"
        conversation.history = history
        return None

    def put_member(
        self, user: str, conversation: ModelConversation, target: str, role: str | None
    ) -> Refusal:
        if user not in conversation.roles:
            return "conversation_not_found"
        if not conversation.is_led_by(user):
            return "not_allowed"
        had = conversation.roles.get(target)
        role = role or had or MEMBER
        if role == had:
            return None
        refusal = self._role_refusal(user, conversation, target, (had, role))
        if refusal is None:
            if had is None:
                count = len(conversation.messages)
                conversation.read[target] = count
                conversation.hidden[target] = count if conversation.history != "all" else 0
                conversation.marked.discard(target)
            conversation.roles[target] = role
            if role == OWNER:
                conversation.roles[user] = ADMIN
        return refusal

    def _role_refusal(
        self,
        user: str,
        conversation: ModelConversation,
        target: str,
        change: tuple[str | None, str],
    ) -> Refusal:
        if conversation.roles[user] != OWNER and change != (None, MEMBER):
            return "not_allowed"
        if target == user:
            return "ownership_transfer_required"
        return "blocked" if change[0] is None and self.is_hidden(target, user) else None

    def remove_member(self, user: str, conversation: ModelConversation, target: str) -> Refusal:
        if user not in conversation.roles:
            return "conversation_not_found"
        role = conversation.roles[user]
        if user != target and not conversation.is_led_by(user):
            return "not_allowed"
        if conversation.is_direct:
            return "invalid_members"
        if target not in conversation.roles:
            return "member_not_found"
        if user == target and role == OWNER and len(conversation.roles) > 1:
            return "ownership_transfer_required"
        if user != target and role == ADMIN and conversation.roles[target] != MEMBER:
            return "not_allowed"
        del conversation.roles[target]
        return None

    def block(self, user: str, target: str, *, blocked: bool) -> Refusal:
        if user == target and blocked:
            return "invalid_block"
        (self.blocks.add if blocked else self.blocks.discard)((user, target))
        return None
