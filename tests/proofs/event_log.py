"""The log of a conversation's stream, compared with what was acknowledged to those who wrote."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tests.person import Document
from tests.proofs.writers import Outcome, WriteKey, WriteLog
from tests.system import LocalSystem


class LogEntry(NamedTuple):
    """One event, by what does not change when its message is deleted later."""

    seq: int
    type: str
    message_id: str

    @classmethod
    def of(cls, seq: int, type: str, payload: Document) -> LogEntry:
        message = payload.get("message") or {"id": payload.get("message_id", "")}
        return cls(seq, type, message["id"])


@dataclass(frozen=True, slots=True)
class EventLog:
    rows: Sequence[tuple[int, str, Document]]

    @classmethod
    def read(cls, system: LocalSystem, conversation: str) -> EventLog:
        sql = f"SELECT seq, type, payload FROM events WHERE stream_id = '{conversation}'"
        return cls(system.query(f"{sql} ORDER BY seq"))

    def entries(self) -> list[LogEntry]:
        return [LogEntry.of(*row) for row in self.rows]

    def keys(self, contents: dict[str, str]) -> Iterator[WriteKey]:
        """The writes that the events report, each as often as it is reported. `contents`: those of
        acknowledged messages as they were sent, since a deleted message has none."""
        for _, type, payload in self.rows:
            message = payload.get("message", {})
            if type == "message.created":
                yield "send", contents.get(message["id"], message["content"])
            elif type == "message.updated":
                yield "edit", message["id"], str(message["version"])
            elif type == "message.deleted":
                yield "delete", message["id"]
            else:
                yield from (
                    ("react", payload["message_id"], change["user_id"], change["emoji"])
                    for change in payload["changes"]
                )


@dataclass(frozen=True, slots=True)
class LogCheck:
    """`lost`: acknowledged and without an event; `never_done`: events of what nobody wrote;
    `out_of_order`: numbers that are not the next one, and messages that are numbered below an
    earlier one of their author."""

    acknowledged: int
    unknown: int
    unknown_and_done: int
    lost: int
    twice: int
    never_done: int
    out_of_order: int

    def check(self) -> None:
        wrong = (self.lost, self.twice, self.never_done, self.out_of_order)
        assert wrong == (0, 0, 0, 0), f"the log is not what was acknowledged: {self}"


def check_log(writes: WriteLog, log: EventLog) -> LogCheck:
    sends = [w for w in writes.writes if w.outcome is Outcome.OK and w.key[0] == "send"]
    logged = Counter(log.keys({write.message_id: write.key[1] for write in sends}))
    deleted = {key[1] for key in logged if key[0] == "delete"}
    done, unknown = set(writes.keys(Outcome.OK)), set(writes.keys(Outcome.UNKNOWN))
    too_late = {write.key for write in writes.writes if write.code == "message_deleted"}
    # reactions that have no event yet are dropped with their message
    expected = {key for key in done if key[0] != "react" or key[1] not in deleted}
    numbers = [row[0] for row in log.rows]
    return LogCheck(
        acknowledged=len(done),
        unknown=len(unknown),
        unknown_and_done=len(unknown & logged.keys()),
        lost=len(expected - logged.keys()),
        twice=sum(times - 1 for times in logged.values()),
        never_done=len(logged.keys() - done - unknown - too_late),
        out_of_order=_gaps(numbers) + sum(map(_steps_back, _numbers_by_author(writes))),
    )


def _numbers_by_author(writes: WriteLog) -> Iterable[list[int]]:
    numbers = defaultdict(list)
    for write in writes.writes:
        if write.outcome is Outcome.OK and write.key[0] == "send":
            numbers[write.author_id].append(write.seq)
    return numbers.values()


def _gaps(numbers: Sequence[int]) -> int:
    return sum(number != place for place, number in enumerate(numbers, start=1))


def _steps_back(numbers: Sequence[int]) -> int:
    return sum(after <= before for before, after in pairwise(numbers))
