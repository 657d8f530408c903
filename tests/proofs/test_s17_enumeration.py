"""S17: log-ins with names that exist and names that do not: the same answer, in the same time."""

from __future__ import annotations

import statistics
import time
from uuid import uuid4

import httpx

from tests.conftest import Report, Size
from tests.system import LocalSystem

MS_APART = 5.0
IGNORED = {"x-correlation-id", "apigw-requestid", "date"}


async def test_a_log_in_does_not_tell_which_names_exist(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """In pairs, each name first in turn, so that a slow moment of the machine meets both. The
    fast variant runs beside other tests, so it compares lower quartiles, and more generously; a
    password hash that is left out is 20 ms."""
    people = await local.people(4)
    known = [people[0].username, f"{people[1].username}@example.org", people[2].username]
    seconds: dict[bool, list[float]] = {True: [], False: []}
    answers = set()
    for number in range(size(30, 250)):
        name = known[number % len(known)]
        unknown = uuid4().hex + name[32:] if "@" not in name else f"{uuid4().hex}@example.org"
        for exists in (True, False) if number % 2 else (False, True):
            began = time.perf_counter()
            response = await log_in(people[0].http, name if exists else unknown)
            seconds[exists].append(time.perf_counter() - began)
            answers.add(answer_of(response))
    apart = 1000 * abs(central(seconds[True], size) - central(seconds[False], size))
    report("S17 enumeration", log_ins=2 * len(seconds[True]), apart=f"{apart:.2f} ms")
    assert len(answers) == 1
    assert apart <= MS_APART * size(2.0, 1.0)


def central(values: list[float], size: Size) -> float:
    return size(statistics.quantiles(values)[0], statistics.fmean(values))


async def log_in(http: httpx.AsyncClient, login: str) -> httpx.Response:
    body = {"login": login, "password": "not the password"}
    return await http.post("/auth/login", json=body)


def answer_of(response: httpx.Response) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    headers = {name: value for name, value in response.headers.items() if name not in IGNORED}
    return response.status_code, response.text, tuple(sorted(headers.items()))
