"""Passkeys of people in the proofs, whose pages are on localhost."""

from __future__ import annotations

from cgraph_local.demo.authenticator import Authenticator
from tests.person import Person


async def new_passkey(person: Person) -> str:
    """What an authenticator answers for a new one."""
    return (await _created(person))[1]


async def add_passkey(person: Person) -> str:
    """Its id. In place of the older ones: a user has few."""
    return await _add(person, response=await new_passkey(person))


async def passkey_response(person: Person) -> str:
    """What the authenticator of a new one answers at a log-in."""
    authenticator, response = await _created(person)
    await _add(person, response=response)
    options = await person.http.post("/auth/passkey/options", json={})
    return authenticator.get(options.json()["public_key"])


async def _created(person: Person) -> tuple[Authenticator, str]:
    fresh = await person.log_in()
    options = await fresh.request_json("POST", "/me/passkeys/options")
    authenticator = Authenticator(origin_of(person), "localhost")
    return authenticator, authenticator.create(options["public_key"])


async def _add(person: Person, *, response: str) -> str:
    fresh = await person.log_in()
    for passkey in (await fresh.get("/me/passkeys"))["items"]:
        await fresh.request_json("DELETE", f"/me/passkeys/{passkey['id']}")
    draft = {"name": "a phone", "response": response}
    return str((await fresh.request_json("POST", "/me/passkeys", body=draft))["id"])


def origin_of(person: Person) -> str:
    url = person.http.base_url
    return f"http://localhost:{url.port}"
