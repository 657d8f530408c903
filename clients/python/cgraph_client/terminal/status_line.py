"""The line at the bottom: who is typing, who is present, who has seen the user's last message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from cgraph_client.models.changes import CONVERSATION_STREAM, Change
from cgraph_client.models.notifications import Badge
from cgraph_client.state.presence import Presence
from cgraph_client.terminal.formatting import sanitize
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.screens.screen import Screen

MAX_NAMES = 4


class StatusLine:
    """Of the open conversation."""

    def __init__(self, inbox: Inbox, *, screen: Screen) -> None:
        self._presence = Presence()
        self._inbox = inbox
        self._screen = screen
        self._open_id: str | None = None
        self._refresh_timer: asyncio.TimerHandle | None = None
        self._badge = Badge()

    def set_badge(self, badge: Badge) -> None:
        """Shows how many notifications the user has not seen."""
        self._badge = badge
        self.refresh()

    def switch_to(self, conversation_id: str | None) -> None:
        self._presence = Presence()
        self._open_id = conversation_id
        self.refresh()

    def apply(self, change: Change) -> None:
        if change.stream == f"{CONVERSATION_STREAM}{self._open_id}":
            self._presence.apply(change, now=_now())
            self.refresh()

    def refresh(self) -> None:
        """Shows the line, and again when something in it expires."""
        self.close()
        expires_at = self._presence.expire(now=_now())
        if expires_at is not None:
            loop = asyncio.get_running_loop()
            self._refresh_timer = loop.call_at(expires_at, self.refresh)
        parts = [self._badge_text(), self._typing_text(), self._present_text(), self.seen_text()]
        self._screen.set_status_line("   ".join(filter(None, parts)))

    def close(self) -> None:
        if self._refresh_timer is not None:
            self._refresh_timer.cancel()
            self._refresh_timer = None

    def status_of(self, user_id: str) -> str:
        user = self._presence.users.get(user_id)
        return "" if user is None else user.status

    def seen_text(self) -> str:
        """Who has seen the last message, where it is the user's own."""
        if self._open_id is None or self._open_id not in self._inbox:
            return ""
        conversation, me = self._inbox.conversation(self._open_id), self._inbox.me.id
        last = conversation.last_message
        if last is None or last.author_id != me:
            return ""
        readers = [
            member.username
            for member in conversation.members
            if member.id != me and (member.last_read_seq or 0) >= last.seq
        ]
        if self._presence.readers > 1 and self._presence.read_seq >= last.seq:
            return f"seen by {self._presence.readers - 1}"
        if conversation.kind == "direct":
            return "seen" if readers else ""
        return f"seen by {_join_names(readers, count=len(readers))}" if readers else ""

    def _badge_text(self) -> str:
        return f"{self._badge.unseen} new" if self._badge.unseen else ""

    def _typing_text(self) -> str:
        names = [name for _, name in self._others(self._presence.typing)]
        count = len(names) + self._presence.unnamed_typing
        verb = "is" if count == 1 else "are"
        return f"{_join_names(names, count=count)} {verb} typing…" if names else ""

    def _present_text(self) -> str:
        users = self._presence.users
        names = [
            name if users[user_id].status == "online" else f"{name} ({users[user_id].status})"
            for user_id, name in self._others(users)
        ]
        unnamed = self._presence.count - len(users)
        return f"here: {_join_names(names, count=len(names) + unnamed)}" if names else ""

    def _others(self, user_ids: Iterable[str]) -> list[tuple[str, str]]:
        """Returns the id and the username of each except the user, by username."""
        others = (user_id for user_id in user_ids if user_id != self._inbox.me.id)
        named = [(user_id, self._inbox.username_of(user_id)) for user_id in others]
        return sorted(named, key=lambda pair: pair[1])


def _join_names(names: list[str], *, count: int) -> str:
    """`count` may be larger than the number of names."""
    shown = ", ".join(sanitize(name) for name in names[:MAX_NAMES])
    return shown if count <= MAX_NAMES else f"{shown} and {count - len(names[:MAX_NAMES])} more"


def _now() -> float:
    return asyncio.get_running_loop().time()
