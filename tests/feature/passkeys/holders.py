"""People with passkeys, whose authenticators are software."""

from __future__ import annotations

from typing import Any

from cgraph_local.demo.authenticator import Authenticator
from tests.feature.world import Answer, Person, World

ORIGIN, DOMAIN = "https://chat.example.org", "example.org"


def new_authenticator(**changes: Any) -> Authenticator:
    return Authenticator(**{"origin": ORIGIN, "domain": DOMAIN, **changes})


async def registration_options(person: Person) -> Any:
    answer = await person.call("start_passkey")
    assert answer.status == 200, answer
    return answer.body["public_key"]


async def register(person: Person, authenticator: Authenticator, **fields: Any) -> Answer:
    response = authenticator.create(await registration_options(person))
    return await person.call("create_passkey", {"name": "a phone", "response": response, **fields})


async def with_passkey(person: Person, **fields: Any) -> Authenticator:
    authenticator = new_authenticator()
    answer = await register(person, authenticator, **fields)
    assert answer.status == 201, answer
    return authenticator


async def login_options(world: World, purpose: str = "log_in") -> Any:
    answer = await world.call("start_passkey_login", {"purpose": purpose})
    assert answer.status == 200, answer
    return answer.body["public_key"]


async def log_in(world: World, authenticator: Authenticator, purpose: str = "log_in") -> Answer:
    """With the passkey alone, for a challenge of this purpose."""
    response = authenticator.get(await login_options(world, purpose))
    return await world.call("log_in_with_passkey", {"response": response})
