"""The line below: who is here, who is typing, and who has seen what one said."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from cgraph_client.changes import Change
from cgraph_client.company import Company
from cgraph_client.terminal.inbox import Inbox
from cgraph_client.terminal.paint import harmless
from cgraph_client.terminal.screen import Screen

NAMED = 4


class Aside:
    """Of the conversation that is open."""

    def __init__(self, inbox: Inbox, *, screen: Screen) -> None:
        self.company = Company()
        self._inbox = inbox
        self._screen = screen
        self._open_id: str | None = None
        self._later: asyncio.TimerHandle | None = None

    def turn_to(self, conversation_id: str | None) -> None:
        self.company = Company()
        self._open_id = conversation_id
        self.show()

    def take(self, change: Change) -> None:
        if change.stream == f"conv:{self._open_id}":
            self.company.apply(change, now=_now())
            self.show()

    def show(self) -> None:
        if self._later is not None:
            self._later.cancel()
        again = self.company.expire(now=_now())
        self._later = (
            None if again is None else asyncio.get_running_loop().call_at(again, self.show)
        )
        self._screen.set_aside(
            "   ".join(filter(None, [self._typing(), self._here(), self.seen()]))
        )

    def close(self) -> None:
        if self._later is not None:
            self._later.cancel()

    def status_of(self, user_id: str) -> str:
        here = self.company.people.get(user_id)
        return "" if here is None else here.status

    def seen(self) -> str:
        """Of one's own message, where nothing has followed it."""
        if self._open_id is None or self._open_id not in self._inbox:
            return ""
        talk, me = self._inbox.talk(self._open_id), self._inbox.me.id
        last = talk.last_message
        if last is None or last.author_id != me:
            return ""
        readers = [
            m.username for m in talk.members if m.id != me and (m.last_read_seq or 0) >= last.seq
        ]
        if self.company.readers > 1 and self.company.read_seq >= last.seq:
            return f"seen by {self.company.readers - 1}"
        if talk.kind == "direct":
            return "seen" if readers else ""
        return f"seen by {_some(readers, count=len(readers))}" if readers else ""

    def _typing(self) -> str:
        names = [name for _, name in self._others(self.company.typing)]
        count = len(names) + self.company.others_typing
        verb = "is" if count == 1 else "are"
        return f"{_some(names, count=count)} {verb} typing…" if names else ""

    def _here(self) -> str:
        people = self.company.people
        names = [
            name if people[user_id].status == "online" else f"{name} ({people[user_id].status})"
            for user_id, name in self._others(people)
        ]
        unnamed = self.company.count - len(people)
        return f"here: {_some(names, count=len(names) + unnamed)}" if names else ""

    def _others(self, user_ids: Iterable[str]) -> list[tuple[str, str]]:
        others = (user_id for user_id in user_ids if user_id != self._inbox.me.id)
        named = [(user_id, self._inbox.name_of(user_id)) for user_id in others]
        return sorted(named, key=lambda pair: pair[1])


def _some(names: list[str], *, count: int) -> str:
    shown = ", ".join(harmless(name) for name in names[:NAMED])
    return shown if count <= NAMED else f"{shown} and {count - len(names[:NAMED])} more"


def _now() -> float:
    return asyncio.get_running_loop().time()
