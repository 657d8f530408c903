"""Accounts in tests: further sessions of a user, an authenticator app, and the user's stream."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pyotp

from tests.feature.world import PASSWORD, Answer, Person, World


async def log_in(world: World, person: Person, **options: Any) -> Answer:
    """`options`: password, code, device, address, many."""
    body = {"login": person.username, "password": options.pop("password", PASSWORD)}
    if "code" in options:
        body["code"] = options.pop("code")
    headers = {"user-agent": options.pop("device", "a device")}
    return await world.call(
        "log_in", body, headers=headers, **{"address": person.address, **options}
    )


async def another_session(world: World, person: Person, *, device: str = "a device") -> Person:
    """The same user, signed in once more."""
    answer = await log_in(world, person, device=device)
    assert answer.status == 200, answer
    return world.signed_in(answer.body, address=person.address)


async def reset_attempts(world: World, person: Person) -> None:
    """Makes all attempts at the password and at codes available again."""
    for key in world.valkey.scan_iter(f"limit:{{*:{person.id}}}:*"):
        world.valkey.delete(key)


async def user_events(person: Person, type: str) -> list[Any]:
    """The data of the events of a type in the user's own stream."""
    rows = await person.world.sql(
        "SELECT payload FROM events WHERE stream_id = %s AND type = %s ORDER BY seq",
        person.id,
        type,
    )
    return [row[0] for row in rows]


@dataclass(slots=True)
class AuthenticatorApp:
    """Two codes are valid at a time that were not used before: the current one and the next one,
    because the clock may be one step off.
    """

    secret: str
    backup_codes: list[str]

    def code(self, *, ahead: int = 0) -> str:
        """The code of the current time step, or of one `ahead` steps later."""
        return pyotp.TOTP(self.secret).at(time.time(), counter_offset=ahead)

    def wrong_code(self) -> str:
        """A code that belongs to no time step near now."""
        near = {self.code(ahead=steps) for steps in range(-3, 4)}
        return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


async def set_up_app(person: Person) -> AuthenticatorApp:
    """The second factor is set up, but not confirmed."""
    answer = await person.call("set_up_totp", {"password": PASSWORD})
    assert answer.status == 200, answer
    return AuthenticatorApp(answer.body["secret"], [])


async def activate_app(person: Person) -> AuthenticatorApp:
    """The second factor is confirmed with the current code; the next code is still valid."""
    app = await set_up_app(person)
    answer = await person.call("confirm_totp", {"code": app.code()})
    assert answer.status == 200, answer
    app.backup_codes = answer.body["backup_codes"]
    return app
