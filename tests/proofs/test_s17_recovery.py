"""S17: who asks for a new password, or registers an address, does not learn which accounts exist:
the same answer, in the same time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Report, Size
from tests.person import PASSWORD, Person
from tests.proofs.test_s17_enumeration import IGNORED, MS_APART
from tests.system import LocalSystem

ROUND = 5


def forgot(person: Person, *, known: bool) -> tuple[str, Mapping[str, str]]:
    return "/auth/password/forgot", {"login": person.username if known else uuid4().hex}


def register(person: Person, *, known: bool) -> tuple[str, Mapping[str, str]]:
    name = f"new-{uuid4().hex[:20]}"
    email = f"{person.username if known else name}@example.org"
    return "/auth/register", {"username": name, "email": email, "password": PASSWORD}


@dataclass
class Measured:
    """By whether the account exists."""

    cpu_ms: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    wall_ms: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    answers: set[tuple[int, tuple[str, ...], tuple[str, ...]]] = field(default_factory=set)

    def apart(self, times: Mapping[bool, list[float]]) -> float:
        return abs(statistics.median(times[True]) - statistics.median(times[False]))


@pytest.mark.parametrize(
    ("function", "call"), [("ForgotPassword", forgot), ("Register", register)], ids=str
)
async def test_the_answer_and_its_time_do_not_tell_which_accounts_exist(
    local: LocalSystem,
    size: Size,
    report: Report,
    function: str,
    call: Callable[..., tuple[str, Mapping[str, str]]],
) -> None:
    """Beside other tests the clock says little, so the fast variant compares CPU time. That both do
    the same statements and round trips is counted by the feature tests.
    """
    people, measured = await local.people(4), Measured()
    for number in range(size(3, 50)):
        for known in (True, False) if number % 2 else (False, True):
            before = cpu_ms_of(local, function)
            for person in (*people, people[0])[:ROUND]:
                path, body = call(person, known=known)
                began = time.perf_counter()
                response = await person.http.post(path, json=body)
                measured.wall_ms[known].append(1000 * (time.perf_counter() - began))
                measured.answers.add(shape_of(response))
            measured.cpu_ms[known].append((cpu_ms_of(local, function) - before) / ROUND)
    cpu_apart, apart = measured.apart(measured.cpu_ms), measured.apart(measured.wall_ms)
    report(f"S17 {function}", cpu_apart=f"{cpu_apart:.2f} ms", apart=f"{apart:.2f} ms")
    assert len(measured.answers) == 1, measured.answers
    assert cpu_apart <= size(3, 1) * MS_APART
    assert size(0, apart) <= MS_APART


def cpu_ms_of(system: LocalSystem, function: str) -> float:
    """All that the function has taken so far."""
    cpu_ms = system.statistics().get(function, {}).get("cpu_ms", {"count": 0})
    return float(cpu_ms["count"] * cpu_ms.get("mean", 0))


def shape_of(response: httpx.Response) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Without the values, which are of the new account."""
    document = response.json() if response.content else {}
    names = set(response.headers) - IGNORED
    return response.status_code, tuple(sorted(document)), tuple(sorted(names))
