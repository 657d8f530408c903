"""S5: 1,000 guesses at a password and at a code, each with another X-Forwarded-For: ten count."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx
import pyotp

from tests.conftest import Report, Size
from tests.person import PASSWORD, Document, Person
from tests.system import LocalSystem

ATTEMPTS = 10
AT_ONCE = 10

Guess = Callable[[int], Awaitable[httpx.Response]]
WrongCode = Callable[[int], str]


async def test_ten_guesses_at_a_password_are_tried(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    person = await rate_limited.new_person()

    async def guess(number: int) -> httpx.Response:
        login = person.username if number % 2 else f"{person.username}@example.org"
        return await log_in(person, number, login=login, password=f"guess number {number}")

    began = time.monotonic()
    outcomes = await guess_at(rate_limited, guess, number=size(60, 1000))
    report("S5 guesses at a password", **outcomes)
    assert_ten_tried(outcomes, tried="401 invalid_credentials", since=began)
    assert (await log_in(person, 0)).status_code == 429, "the right password is refused too"
    assert (await person.request("GET", "/me")).is_success, "a session that exists stays valid"


async def test_ten_guesses_at_a_code_are_tried(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    """By an attacker who knows the password, and by one who has stolen a session."""
    known, wrong_for_known = await with_second_factor(rate_limited)
    stolen, wrong_for_stolen = await with_second_factor(rate_limited)

    async def at_log_in(number: int) -> httpx.Response:
        return await log_in(known, number, code=wrong_for_known(number))

    async def at_removal(number: int) -> httpx.Response:
        headers = {"authorization": f"Bearer {stolen.access_token}", **forwarded(number)}
        body = {"code": wrong_for_stolen(number)}
        return await stolen.http.post("/auth/totp/remove", json=body, headers=headers)

    for title, guess in (("at log-in", at_log_in), ("of a stolen session", at_removal)):
        began = time.monotonic()
        outcomes = await guess_at(rate_limited, guess, number=size(60, 1000))
        report(f"S5 guesses at a code, {title}", **outcomes)
        assert_ten_tried(outcomes, tried="401 invalid_code", since=began)
    assert (await stolen.get("/me"))["totp"], "the second factor is still there"


async def guess_at(system: LocalSystem, guess: Guess, *, number: int) -> Counter[str]:
    """The outcomes. The limit of the address is lifted again and again, as if there were many: the
    limit of the account must hold."""
    outcomes: Counter[str] = Counter()
    for start in range(0, number, AT_ONCE):
        with system.valkey() as valkey:
            valkey.delete("limit:{address:127.0.0.1}:register")
        responses = await asyncio.gather(*(guess(start + place) for place in range(AT_ONCE)))
        outcomes.update(f"{each.status_code} {each.json()['code']}" for each in responses)
    return outcomes


def assert_ten_tried(outcomes: Counter[str], *, tried: str, since: float) -> None:
    """And one more for each minute."""
    minutes = (time.monotonic() - since) / 60
    assert outcomes.keys() == {tried, "429 rate_limited"}, outcomes
    assert ATTEMPTS - 1 <= outcomes[tried] <= ATTEMPTS + 1 + minutes


async def test_a_forwarded_header_does_not_change_the_address(rate_limited: LocalSystem) -> None:
    http = rate_limited.new_http()
    left = []
    for number in range(5):
        response = await http.get("/limits", headers=forwarded(number))
        left.append(int(response.headers["ratelimit-remaining"]))
    assert left[-1] < left[0], "five different headers share one limit"


async def log_in(person: Person, number: int, **fields: str) -> httpx.Response:
    body: Document = {"login": person.username, "password": PASSWORD, **fields}
    return await person.http.post("/auth/login", json=body, headers=forwarded(number))


def forwarded(number: int) -> dict[str, str]:
    address = f"203.0.{number // 250}.{number % 250}"
    return {"x-forwarded-for": address, "forwarded": f"for={address}", "x-real-ip": address}


async def with_second_factor(system: LocalSystem) -> tuple[Person, WrongCode]:
    """And codes that are wrong for them."""
    person = await system.new_person()
    response = await person.request("POST", "/auth/totp", body={"password": PASSWORD})
    assert response.is_success, response.text
    codes = pyotp.TOTP(response.json()["secret"])
    confirmed = await person.request("POST", "/auth/totp/confirm", body={"code": codes.now()})
    assert confirmed.is_success, confirmed.text
    with system.valkey() as valkey:
        valkey.delete(f"limit:{{code:{person.id}}}:code")
        valkey.delete(f"limit:{{login:{person.id}}}:password")
    return person, wrong_codes(codes)


def wrong_codes(codes: pyotp.TOTP) -> WrongCode:
    """The number as a code, unless that is right within some minutes around now."""
    right = {codes.at(time.time(), counter_offset=steps) for steps in range(-20, 60)}

    def code(number: int) -> str:
        text = f"{number:06}"
        return text if text not in right else f"{number + 500_000:06}"

    return code
