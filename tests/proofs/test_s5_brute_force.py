"""S5: 1,000 guesses at a password and at a code, each from another X-Forwarded-For; ten tries."""

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

TRIES = 10
AT_ONCE = 10

Guess = Callable[[int], Awaitable[httpx.Response]]
WrongCode = Callable[[int], str]


async def test_a_password_is_guessed_at_ten_times(
    limited: LocalSystem, size: Size, report: Report
) -> None:
    person = await limited.new_person()

    async def guess(number: int) -> httpx.Response:
        login = person.username if number % 2 else f"{person.username}@example.org"
        return await log_in(person, number, login=login, password=f"guess number {number}")

    began = time.monotonic()
    outcomes = await guess_at(limited, guess, number=size(60, 1000))
    report("S5 guesses at a password", **outcomes)
    assert_ten_tries(outcomes, tried="401 invalid_credentials", since=began)
    assert (await log_in(person, 0)).status_code == 429, "whoever asks: the right one too"
    assert (await person.ask("GET", "/me")).is_success, "who is logged in stays so"


async def test_a_code_is_guessed_at_ten_times(
    limited: LocalSystem, size: Size, report: Report
) -> None:
    """By somebody who knows the password, and by somebody who has stolen a session."""
    knows, wrong_for_knows = await with_second_factor(limited)
    stolen, wrong_for_stolen = await with_second_factor(limited)

    async def at_log_in(number: int) -> httpx.Response:
        return await log_in(knows, number, code=wrong_for_knows(number))

    async def at_removal(number: int) -> httpx.Response:
        headers = {"authorization": f"Bearer {stolen.access_token}", **forwarded(number)}
        body = {"code": wrong_for_stolen(number)}
        return await stolen.http.post("/auth/totp/remove", json=body, headers=headers)

    for title, guess in (("at log-in", at_log_in), ("of a stolen session", at_removal)):
        began = time.monotonic()
        outcomes = await guess_at(limited, guess, number=size(60, 1000))
        report(f"S5 guesses at a code, {title}", **outcomes)
        assert_ten_tries(outcomes, tried="401 invalid_code", since=began)
    assert (await stolen.get("/me"))["totp"], "it is there still"


async def guess_at(system: LocalSystem, guess: Guess, *, number: int) -> Counter[str]:
    """What each was answered. What an address may do is lifted again and again, as if there were
    many of them: it is the account's budget that must hold."""
    outcomes: Counter[str] = Counter()
    for start in range(0, number, AT_ONCE):
        with system.valkey() as valkey:
            valkey.delete("limit:{address:127.0.0.1}:register")
        answers = await asyncio.gather(*(guess(start + place) for place in range(AT_ONCE)))
        outcomes.update(f"{each.status_code} {each.json()['code']}" for each in answers)
    return outcomes


def assert_ten_tries(outcomes: Counter[str], *, tried: str, since: float) -> None:
    """And one more for each minute that has passed."""
    minutes = (time.monotonic() - since) / 60
    assert outcomes.keys() == {tried, "429 rate_limited"}, outcomes
    assert TRIES - 1 <= outcomes[tried] <= TRIES + 1 + minutes


async def test_a_header_does_not_make_an_address(limited: LocalSystem) -> None:
    http = limited.new_http()
    left = []
    for number in range(5):
        answer = await http.get("/limits", headers=forwarded(number))
        left.append(int(answer.headers["ratelimit-remaining"]))
    assert left[-1] < left[0], "five different headers draw on one budget"


async def log_in(person: Person, number: int, **fields: str) -> httpx.Response:
    body: Document = {"login": person.username, "password": PASSWORD, **fields}
    return await person.http.post("/auth/login", json=body, headers=forwarded(number))


def forwarded(number: int) -> dict[str, str]:
    address = f"203.0.{number // 250}.{number % 250}"
    return {"x-forwarded-for": address, "forwarded": f"for={address}", "x-real-ip": address}


async def with_second_factor(system: LocalSystem) -> tuple[Person, WrongCode]:
    """And codes that are none of theirs."""
    person = await system.new_person()
    answer = await person.ask("POST", "/auth/totp", body={"password": PASSWORD})
    assert answer.is_success, answer.text
    codes = pyotp.TOTP(answer.json()["secret"])
    confirmed = await person.ask("POST", "/auth/totp/confirm", body={"code": codes.now()})
    assert confirmed.is_success, confirmed.text
    with system.valkey() as valkey:
        valkey.delete(f"limit:{{code:{person.id}}}:code")
        valkey.delete(f"limit:{{login:{person.id}}}:password")
    return person, wrong_codes(codes)


def wrong_codes(codes: pyotp.TOTP) -> WrongCode:
    """The number's, unless it happens to be right for some minutes around now."""
    right = {codes.at(time.time(), counter_offset=steps) for steps in range(-20, 60)}

    def code(number: int) -> str:
        text = f"{number:06}"
        return text if text not in right else f"{number + 500_000:06}"

    return code
