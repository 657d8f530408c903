"""How often a password may be guessed, and that nobody is locked out by somebody else."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

from cgraph.core.addresses import network_of
from tests.feature.account import another_session
from tests.feature.world import PASSWORD, Answer, Person, World

WRONG = "wrong password"


def some_address() -> str:
    return f"203.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"


def use_up(world: World, key: str) -> None:
    """As if so much had been asked that the limit refuses for ten minutes."""
    world.valkey.set(key, int((time.time() + 600) * 1_000_000), ex=600)


async def log_in(
    world: World, login: str, password: str = PASSWORD, *, address: str, **fields: Any
) -> Answer:
    body = {"login": login, "password": password, **fields}
    return await world.call("log_in", body, address=address)


async def guess(
    world: World, login: str, *, addresses: list[str], times: int = 12, **fields: Any
) -> Counter[int]:
    """The statuses of `times` wrong passwords from each address in turn."""
    return Counter(
        [
            (await log_in(world, login, WRONG, address=address, **fields)).status
            for _ in range(times)
            for address in addresses
        ]
    )


async def test_an_address_has_ten_wrong_attempts_at_a_login_in_any_spelling(
    world: World, ada: Person
) -> None:
    for login in (ada.username, ada.email, f"nobody-{ada.username}"):
        address = some_address()
        logins = [login, login.upper(), login.title()] * 4
        answers = [await log_in(world, each, WRONG, address=address) for each in logins]

        assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
        refused = await log_in(world, login, address=address)
        assert refused.refusal == (429, "rate_limited")
        assert 500 <= int(refused.headers["retry-after"]) <= 601


async def test_wrong_attempts_from_one_address_do_not_lock_another_one_out(
    world: World, ada: Person
) -> None:
    await guess(world, ada.username, addresses=[some_address()])

    assert (await log_in(world, ada.username, address=some_address())).status == 200


async def test_many_addresses_together_guess_less_than_a_hundred_times_an_hour(
    world: World, ada: Person
) -> None:
    """An account has two logins; 9 more attempts an hour are those of the long run."""
    strangers = [some_address() for _ in range(30)]
    statuses = await guess(world, ada.username, addresses=strangers, times=2)
    statuses += await guess(world, ada.email, addresses=strangers, times=2)

    assert statuses == {401: 2 * 14, 429: 2 * 46}


async def test_under_attack_the_owner_logs_in_from_a_known_address(
    world: World, ada: Person
) -> None:
    await guess(world, ada.username, addresses=[some_address() for _ in range(30)], times=2)

    stranger = await log_in(world, ada.username, address=some_address())
    assert stranger.refusal == (429, "rate_limited"), "a new device at a new address must wait"
    for _ in range(20):
        assert (await log_in(world, ada.username, address=ada.address)).status == 200
    assert (await log_in(world, ada.email, address=ada.address)).status == 200


async def test_under_attack_the_owner_logs_in_from_a_known_device(
    world: World, ada: Person
) -> None:
    """Also from the address of the attacker, who has used up its budget."""
    known = await log_in(world, ada.username, address=ada.address)
    attackers = [some_address() for _ in range(30)]
    await guess(world, ada.username, addresses=attackers, times=2)
    await guess(world, ada.username, addresses=[ada.address])

    device = {"device_token": known.body["device_token"]}
    for _ in range(20):
        answer = await log_in(world, ada.username, address=attackers[0], **device)
        assert answer.status == 200
    assert answer.body["device_token"] == device["device_token"], "it stays the same device"
    statuses = await guess(world, ada.username, addresses=[some_address()], times=12, **device)
    assert statuses == {401: 10, 429: 2}, "a device has a budget of its own"


async def test_the_device_of_another_account_or_a_forged_one_is_a_strangers(
    world: World, ada: Person, eve: Person
) -> None:
    address = some_address()
    own = (await log_in(world, eve.username, address=address)).body["device_token"]
    mine = (await log_in(world, ada.username, address=ada.address)).body["device_token"]
    other = some_address()
    for token in (own, f"{mine[:-4]}0000", "cgd_", eve.access_token):
        statuses = await guess(world, ada.username, addresses=[other], times=3, device_token=token)
    assert statuses == {401: 1, 429: 2}, "one budget, whatever token is sent"
    fresh = await log_in(world, ada.username, address=ada.address, device_token=own)
    assert fresh.status == 200
    assert fresh.body["device_token"] != own


async def test_registrations_and_log_ins_from_one_address_have_budgets_of_their_own(
    world: World, ada: Person
) -> None:
    address = some_address()
    use_up(world, f"limit:{{address:{address}}}:register")

    refused = await world.call("register", {}, address=address)
    assert refused.refusal == (429, "rate_limited")
    assert (await log_in(world, ada.username, address=address)).status == 200


async def test_a_flood_from_the_owners_address_does_not_keep_a_known_device_out(
    world: World, ada: Person
) -> None:
    device = (await log_in(world, ada.username, address=ada.address)).body["device_token"]
    use_up(world, f"limit:{{address:{ada.address}}}:log_in")

    assert (await log_in(world, ada.username, address=ada.address)).status == 429
    answer = await log_in(world, ada.username, address=ada.address, device_token=device)
    assert answer.status == 200


async def test_nothing_tells_that_a_name_and_an_e_mail_address_belong_together(
    world: World, ada: Person, eve: Person
) -> None:
    """Ten wrong attempts by name, then by e-mail address: of the same account, of another one, and
    of none."""
    answers = []
    for email in (ada.email, eve.email, f"nobody-{ada.email}"):
        address = some_address()
        assert await guess(world, ada.username, addresses=[address], times=10)
        answers.append(await log_in(world, email, WRONG, address=address))
        for key in world.valkey.scan_iter(f"limit:{{username:{ada.id}}}:*"):
            world.valkey.delete(key)

    assert {answer.refusal for answer in answers} == {(401, "invalid_credentials")}
    varying = {"x-correlation-id", "ratelimit-reset"}
    for answer in answers:
        assert answer.body == answers[0].body
        headers = {name: value for name, value in answer.headers.items() if name not in varying}
        assert headers == {n: v for n, v in answers[0].headers.items() if n not in varying}


async def test_ipv6_counts_by_the_64_and_more_generously_by_the_48(
    world: World, ada: Person
) -> None:
    site = f"2001:db8:{random.randrange(1, 65536):x}"
    statuses = await guess(
        world, ada.username, addresses=[f"{site}:1::{number:x}" for number in range(1, 13)], times=1
    )
    assert statuses == {401: 10, 429: 2}
    assert (await world.call("show_limits", address=f"{site}:2::1")).status == 200
    (key,) = world.valkey.scan_iter(
        f"limit:{{address:{network_of(site + '::').site}}}:anonymous:0002"
    )
    use_up(world, str(key))
    assert (await world.call("show_limits", address=f"{site}:2::2")).status == 429
    assert (await world.call("show_limits", address=f"{site}:3::1")).status == 200


async def test_a_mapped_address_is_the_ipv4_address(world: World) -> None:
    address = some_address()
    for sent in (address, f"::ffff:{address}"):
        answer = await world.call("show_limits", address=sent)
    assert int(answer.headers["ratelimit-remaining"]) == 148


async def test_another_session_does_not_need_the_budget_of_wrong_attempts(
    world: World, ada: Person
) -> None:
    """A right password is not counted."""
    for _ in range(15):
        await another_session(world, ada)
