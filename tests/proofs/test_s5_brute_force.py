"""S5: 1,000 guesses at a password and at a code, from many addresses, each with another
X-Forwarded-For: less than a hundred an hour are tried, and the owner logs in all along."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pyotp
import pytest

from tests.conftest import Report, Size
from tests.person import PASSWORD, Document, Person
from tests.proofs.broken import Mutation, broken_system
from tests.system import LocalSystem

ATTEMPTS = 10
SHARED_ATTEMPTS = 14
SHARED_A_MINUTE = 0.15
LOGINS = 2
"""Of one account: its username and its e-mail address."""

ADDRESSES = 20
AT_ONCE = 10

ATTEMPTS_FILE = "layers/cgraph/cgraph/accounts/auth/attempts.py"
NO_KNOWN_DEVICE = Mutation(
    file=ATTEMPTS_FILE,
    original="if device is not None and device.user_id == user_id:",
    replacement="if device is not None and device.user_id != user_id:",
)
NO_SHARED_BUDGET = Mutation(
    file=ATTEMPTS_FILE,
    original="    if attempt.network is not None:",
    replacement="    if attempt.network is not None and attempt.login is None:",
)

Guess = Callable[[int], Awaitable[httpx.Response]]
WrongCode = Callable[[int], str]

several_addresses = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have one loopback address"
)


@several_addresses
async def test_the_owner_logs_in_while_strangers_guess_the_password(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    began = time.monotonic()
    owner, outcomes = await guess_a_password(rate_limited, number=size(80, 1000))
    report("S5 guesses at a password", **outcomes, owner=owner.log_ins)
    assert_few_tried(outcomes, tried="401 invalid_credentials", since=began, logins=LOGINS)
    assert owner.refused == []
    elsewhere = rate_limited.new_http_from("127.0.4.1")
    assert await status(elsewhere, login=owner.username) == 429, "a new device must wait"
    assert (await owner.person.request("GET", "/me")).is_success


@several_addresses
@pytest.mark.usefixtures("only_in_full")
async def test_the_proof_fails_where_devices_are_not_known(tmp_path: Path) -> None:
    async with broken_system(tmp_path, NO_KNOWN_DEVICE, rate_limits="on") as system:
        owner, _ = await guess_a_password(system, number=80)
    assert owner.refused, "the attacker at the same address has used the attempts up"


@several_addresses
@pytest.mark.usefixtures("only_in_full")
async def test_the_proof_fails_where_addresses_share_no_budget(tmp_path: Path) -> None:
    began = time.monotonic()
    async with broken_system(tmp_path, NO_SHARED_BUDGET, rate_limits="on") as system:
        _, outcomes = await guess_a_password(system, number=300)
    with pytest.raises(AssertionError):
        assert_few_tried(outcomes, tried="401 invalid_credentials", since=began, logins=LOGINS)


@several_addresses
async def test_the_owner_logs_in_while_strangers_who_know_the_password_guess_the_code(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    owner = await Owner.register(rate_limited)
    codes = await add_second_factor(owner.person)
    wrong, owner.codes = wrong_codes(pyotp.TOTP(codes.pop())), codes
    strangers = clients(rate_limited, network=2)

    async def guess(number: int) -> httpx.Response:
        http = strangers[number % ADDRESSES]
        return await log_in(http, number, login=owner.username, code=wrong(number))

    began = time.monotonic()
    outcomes = await guess_at(guess, owner=owner, number=size(80, 1000), other=strangers[0])
    report("S5 guesses at a code", **outcomes, owner=owner.log_ins)
    assert_few_tried(outcomes, tried="401 invalid_code", since=began, logins=1)
    assert owner.refused == []


@several_addresses
async def test_one_address_that_guesses_locks_nobody_out(rate_limited: LocalSystem) -> None:
    """Not even a new device at a new address. It has ten attempts, whatever the header says."""
    person = await rate_limited.new_person()
    attacker, elsewhere = (rate_limited.new_http_from(f"127.0.3.{place}") for place in (1, 2))
    statuses = [
        await status(attacker, number, login=person.username, password="no") for number in range(20)
    ]

    assert statuses == [401] * ATTEMPTS + [429] * (20 - ATTEMPTS)
    assert await status(elsewhere, login=person.username) == 200


async def test_a_stolen_session_has_ten_guesses_at_a_code(
    rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    stolen = await rate_limited.new_person()
    *_, secret = await add_second_factor(stolen)
    wrong = wrong_codes(pyotp.TOTP(secret))

    async def guess(number: int) -> httpx.Response:
        headers = {"authorization": f"Bearer {stolen.access_token}", **forwarded(number)}
        body = {"code": wrong(number)}
        return await stolen.http.post("/auth/totp/remove", json=body, headers=headers)

    outcomes = await guess_at(guess, number=size(60, 100))
    report("S5 guesses at a code, of a stolen session", **outcomes)
    assert ATTEMPTS - 1 <= outcomes["401 invalid_code"] <= ATTEMPTS + 1
    assert (await stolen.get("/me"))["totp"], "the second factor is still there"


async def test_a_forwarded_header_does_not_change_the_address(rate_limited: LocalSystem) -> None:
    http = rate_limited.new_http()
    left = []
    for number in range(5):
        response = await http.get("/limits", headers=forwarded(number))
        left.append(int(response.headers["ratelimit-remaining"]))
    assert left[-1] < left[0], "five different headers share one limit"


async def guess_a_password(system: LocalSystem, *, number: int) -> tuple[Owner, Counter[str]]:
    """By name and by e-mail address in turn, half of it from where the owner also is."""
    owner = await Owner.register(system)
    strangers = clients(system, network=1)

    async def guess(number: int) -> httpx.Response:
        http = strangers[0 if number % 2 else number // 2 % ADDRESSES]
        login = owner.username if number // 2 % 2 else f"{owner.username}@example.org"
        return await log_in(http, number, login=login, password=f"guess number {number}")

    return owner, await guess_at(guess, owner=owner, number=number, other=strangers[0])


@dataclass
class Owner:
    """Logs in on a known device from the address of an attacker, and from a known address."""

    person: Person
    device_token: str
    codes: list[str] = field(default_factory=list)
    log_ins: int = 0
    refused: list[str] = field(default_factory=list)

    @classmethod
    async def register(cls, system: LocalSystem) -> Owner:
        person = await system.new_person()
        response = await log_in(person.http, 0, login=person.username)
        return cls(person, response.json()["device_token"])

    @property
    def username(self) -> str:
        return self.person.username

    async def log_in(self, *, other: httpx.AsyncClient) -> None:
        known: tuple[httpx.AsyncClient, dict[str, str]] = (self.person.http, {})
        for http, fields in ((other, {"device_token": self.device_token}), known):
            code = {"code": self.codes.pop()} if self.codes else {}
            response = await log_in(http, 0, login=self.username, **fields, **code)
            self.log_ins += 1
            if not response.is_success:
                self.refused.append(response.text)


def clients(system: LocalSystem, *, network: int) -> list[httpx.AsyncClient]:
    """Each with an address of its own."""
    return [system.new_http_from(f"127.0.{network}.{place + 1}") for place in range(ADDRESSES)]


async def guess_at(
    guess: Guess,
    *,
    number: int,
    owner: Owner | None = None,
    other: httpx.AsyncClient | None = None,
) -> Counter[str]:
    """The outcomes. The owner logs in five times meanwhile."""
    outcomes: Counter[str] = Counter()
    for start in range(0, number, AT_ONCE):
        responses = await asyncio.gather(*(guess(start + place) for place in range(AT_ONCE)))
        outcomes.update(f"{each.status_code} {each.json()['code']}" for each in responses)
        if owner is not None and other is not None and owner.log_ins < 10 * start / number:
            await owner.log_in(other=other)
    return outcomes


def assert_few_tried(outcomes: Counter[str], *, tried: str, since: float, logins: int) -> None:
    """One of the addresses becomes a known one, because the owner logs in from there too; it has
    its own ten attempts."""
    minutes = (time.monotonic() - since) / 60
    assert outcomes.keys() == {tried, "429 rate_limited"}, outcomes
    most = logins * (SHARED_ATTEMPTS + ATTEMPTS + 2 * (SHARED_A_MINUTE * minutes + 1))
    assert logins * SHARED_ATTEMPTS <= outcomes[tried] <= most
    hour = 2 * LOGINS * (SHARED_ATTEMPTS + SHARED_A_MINUTE * 60)
    assert hour < 100, "of strangers and of known addresses together"


async def status(http: httpx.AsyncClient, number: int = 0, **fields: str) -> int:
    return (await log_in(http, number, **fields)).status_code


async def log_in(http: httpx.AsyncClient, number: int, **fields: str) -> httpx.Response:
    body: Document = {"password": PASSWORD, **fields}
    return await http.post("/auth/login", json=body, headers=forwarded(number))


def forwarded(number: int) -> dict[str, str]:
    address = f"203.0.{number // 250}.{number % 250}"
    return {"x-forwarded-for": address, "forwarded": f"for={address}", "x-real-ip": address}


async def add_second_factor(person: Person) -> list[str]:
    """Its backup codes, and then its secret."""
    response = await person.request("POST", "/auth/totp", body={"password": PASSWORD})
    assert response.is_success, response.text
    secret = response.json()["secret"]
    body = {"code": pyotp.TOTP(secret).now()}
    confirmed = await person.request("POST", "/auth/totp/confirm", body=body)
    assert confirmed.is_success, confirmed.text
    return [*confirmed.json()["backup_codes"], secret]


def wrong_codes(codes: pyotp.TOTP) -> WrongCode:
    """The number as a code, unless that is right within some minutes around now."""
    right = {codes.at(time.time(), counter_offset=steps) for steps in range(-20, 60)}

    def code(number: int) -> str:
        text = f"{number:06}"
        return text if text not in right else f"{number + 500_000:06}"

    return code
