"""S17: log-ins with names that exist and names that do not: the same answer, in the same time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Report, Size
from tests.person import Person
from tests.proofs.broken import Mutation, broken_system
from tests.system import LocalSystem

MS_APART = 5.0
ROUND = 5
IGNORED = {"x-correlation-id", "apigw-requestid", "date"}
Answer = tuple[int, str, tuple[tuple[str, str], ...]]

NO_HASH_WITHOUT_ACCOUNT = Mutation(
    "layers/cgraph/cgraph/accounts/auth/passwords.py",
    "    forms = precis.password_forms(password)",
    "    forms = precis.password_forms(password) if password_hash else ()",
)


@dataclass
class LogIns:
    """What was measured, by whether the name exists."""

    cpu_ms: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    """Of the function, the mean of a round."""
    wall_ms: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    answers: set[Answer] = field(default_factory=set)

    @property
    def cpu_apart(self) -> float:
        return abs(statistics.median(self.cpu_ms[True]) - statistics.median(self.cpu_ms[False]))

    @property
    def wall_apart(self) -> float:
        return abs(statistics.fmean(self.wall_ms[True]) - statistics.fmean(self.wall_ms[False]))


async def test_a_log_in_does_not_tell_which_names_exist(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """Beside other tests the clock says little, so the fast variant compares the function's CPU
    time; a password hash that is left out is 20 ms of it."""
    log_ins = await log_in_in_rounds(local, rounds=size(6, 50))
    report(
        "S17 enumeration",
        log_ins=2 * len(log_ins.wall_ms[True]),
        cpu_apart=f"{log_ins.cpu_apart:.2f} ms",
        apart=f"{log_ins.wall_apart:.2f} ms",
    )
    assert len(log_ins.answers) == 1
    assert log_ins.cpu_apart <= size(2, 1) * MS_APART
    assert size(0, log_ins.wall_apart) <= MS_APART


@pytest.mark.usefixtures("only_in_full")
async def test_a_hash_that_is_left_out_is_noticed(tmp_path: Path) -> None:
    async with broken_system(tmp_path, NO_HASH_WITHOUT_ACCOUNT) as system:
        log_ins = await log_in_in_rounds(system, rounds=6)
    assert log_ins.cpu_apart > 2 * MS_APART


async def log_in_in_rounds(system: LocalSystem, *, rounds: int) -> LogIns:
    """Existing and other names by turns, so that a slow moment of the machine meets both."""
    people = await system.people(4)
    log_ins = LogIns()
    for number in range(rounds):
        for exists in (True, False) if number % 2 else (False, True):
            before = cpu_ms_of(system)
            for name in names(people, exists=exists):
                began = time.perf_counter()
                response = await log_in(people[0].http, name)
                log_ins.wall_ms[exists].append(1000 * (time.perf_counter() - began))
                log_ins.answers.add(answer_of(response))
            log_ins.cpu_ms[exists].append((cpu_ms_of(system) - before) / ROUND)
    return log_ins


def names(people: list[Person], *, exists: bool) -> Iterator[str]:
    for number in range(ROUND):
        username = people[number % len(people)].username
        known = f"{username}@example.org" if number % 2 else username
        yield known if exists else known.replace(username, uuid4().hex)


def cpu_ms_of(system: LocalSystem) -> float:
    """All that the function has taken so far."""
    cpu_ms = system.statistics()["LogIn"]["cpu_ms"]
    return float(cpu_ms["count"] * cpu_ms.get("mean", 0))


async def log_in(http: httpx.AsyncClient, login: str) -> httpx.Response:
    body = {"login": login, "password": "not the password"}
    return await http.post("/auth/login", json=body)


def answer_of(response: httpx.Response) -> Answer:
    headers = {name: value for name, value in response.headers.items() if name not in IGNORED}
    return response.status_code, response.text, tuple(sorted(headers.items()))
