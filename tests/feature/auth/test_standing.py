"""S1, for accounts that are not in full standing: on every route and every socket action, who has
not verified their address may read and look after the account, and who waits for approval may only
do the latter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from uuid import uuid4

import pytest

from cgraph.core.policies import Policy
from tests.feature.account import log_in
from tests.feature.mailed import admitting, verified, with_mail
from tests.feature.world import World
from tests.proofs.expectations import Declared, declared_functions

ENDS_THE_SESSION = ("log_out", "revoke_sessions")
PEOPLE = 4
"""Who share the calls, so that no rate limit is met."""

UNVERIFIED, UNAPPROVED = (403, "email_not_verified"), (403, "account_not_approved")


def may_unverified(method: str, policy: Policy) -> bool:
    return method == "GET" or policy.unverified


def may_unapproved(method: str, policy: Policy) -> bool:
    return policy.unapproved


def routes(*, of_sockets: bool) -> Iterator[tuple[str, str, Declared]]:
    """Name, method (that of an action is its name) and what the function declares."""
    for name, declared in declared_functions().items():
        method, _, path = declared.operation.partition(" ")
        is_closing = name in ENDS_THE_SESSION
        if declared.policy.signed_in and bool(path) is not of_sockets and not is_closing:
            yield name, method, declared


async def refusals(world: World) -> Mapping[str, tuple[int, str]]:
    """Of each route that refuses people who lack something, for that reason."""
    people = [await world.new_person() for _ in range(PEOPLE)]
    found = {}
    for number, (name, _, declared) in enumerate(routes(of_sockets=False)):
        names = [part.partition("}")[0] for part in declared.operation.split("{")[1:]]
        path = {each.partition(":")[0]: str(uuid4()) for each in names}
        answer = await people[number % PEOPLE].call(name, {}, **path)
        code = answer.body.get("code") if isinstance(answer.body, dict) else None
        if (answer.status, code) in (UNVERIFIED, UNAPPROVED):
            found[name] = (answer.status, str(code))
    return found


@pytest.mark.parametrize(
    ("settings", "may", "refusal"),
    [
        ({"unverified_may": "read"}, may_unverified, UNVERIFIED),
        ({"registration": "approval"}, may_unapproved, UNAPPROVED),
        ({}, lambda method, policy: True, None),
    ],
    ids=["unverified", "unapproved", "nothing required"],
)
async def test_every_route_admits_those_whom_its_policy_admits(
    world: World,
    settings: Mapping[str, str],
    may: Callable[[str, Policy], bool],
    refusal: tuple[int, str] | None,
) -> None:
    with admitting(world, **settings):
        found = await refusals(world)
    assert found == {
        name: refusal
        for name, method, declared in routes(of_sockets=False)
        if not may(method, declared.policy)
    }


async def test_every_socket_action_admits_those_whom_its_policy_admits(world: World) -> None:
    with admitting(world, unverified_may="read"):
        person = await world.new_person()
        socket = await person.open_socket()
        found = set()
        for name, _, _ in routes(of_sockets=True):
            answer = await socket.say(name, {})
            if answer.get("error", {}).get("code") == "email_not_verified":
                found.add(name)
        expected = {name for name, _, each in routes(of_sockets=True) if not each.policy.unverified}
        assert found == expected
        assert {"send", "react", "edit", "delete", "typing"} <= found

        await verified(person)
        answer = await socket.say("typing", {})
        assert answer["error"]["code"] == "validation_failed", "the open socket knows at once"


async def test_a_verified_address_counts_at_once_in_all_sessions(world: World) -> None:
    with admitting(world, unverified_may="read"):
        person = await world.new_person()
        other = world.signed_in((await log_in(world, person)).body, address=person.address)
        for session in (person, other):
            assert (await session.call("create_invitation", {})).refusal == UNVERIFIED
        mail = await with_mail(person)
        assert (await person.call("verify_email", {"code": mail.code})).status == 204
        for session in (person, other):
            assert (await session.call("create_invitation", {})).status == 201


async def test_a_token_that_was_refreshed_opens_no_more_than_before(world: World) -> None:
    """In its grace period too, and where Valkey has forgotten it meanwhile."""
    with admitting(world, unverified_may="read"):
        for forgotten in (False, True):
            person = await world.new_person()
            assert (await person.call("show_me")).status == 200
            if forgotten:
                for key in world.valkey.scan_iter(f"session:{{{person.id}}}:*"):
                    world.valkey.delete(key)
            body = {"refresh_token": person.refresh_token}
            assert (await world.call("refresh_session", body)).status == 200
            assert (await person.call("create_invitation", {})).refusal == UNVERIFIED
            assert (await person.call("show_me")).status == 200
            await verified(person)
            assert (await person.call("create_invitation", {})).status == 201


async def test_without_valkey_postgres_says_who_is_verified(world: World) -> None:
    with admitting(world, unverified_may="read"):
        person, full = await world.new_person(), await verified(await world.new_person())
        async with world.away("valkey"):
            assert (await person.call("create_invitation", {})).refusal == UNVERIFIED
            assert (await full.call("create_invitation", {})).status == 201


async def test_refused_requests_count_for_the_rate_limit(world: World) -> None:
    with admitting(world, unverified_may="read"):
        person = await world.new_person()
        first = await person.call("create_invitation", {})
        world.valkey.set(f"limit:{{{person.id}}}:write", 2**60)
        assert first.refusal == UNVERIFIED
        assert (await person.call("create_invitation", {})).refusal[0] == 429
