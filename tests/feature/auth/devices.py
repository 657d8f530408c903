"""More sessions of one person, and an authenticator app."""

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
    answer = await log_in(world, person, device=device)
    assert answer.status == 200, answer
    return world.signed_in(answer.body, address=person.address)


async def forget_tries(world: World, person: Person) -> None:
    """As if the minutes had passed."""
    for budget in (f"{{login:{person.id}}}:password", f"{{code:{person.id}}}:code"):
        world.valkey.delete(f"limit:{budget}")


@dataclass(slots=True)
class App:
    """Gives codes of steps that have not been used, as long as there are any: two, because the
    clock may be one step off.
    """

    secret: str
    backup_codes: list[str]

    def code(self, *, ahead: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(time.time(), counter_offset=ahead)

    def wrong_code(self) -> str:
        """Of no step that is near."""
        near = {self.code(ahead=steps) for steps in range(-3, 4)}
        return next(code for code in (f"{n:06}" for n in range(10)) if code not in near)


async def new_app(person: Person) -> App:
    """Set up, not confirmed."""
    answer = await person.call("set_up_totp", {"password": PASSWORD})
    assert answer.status == 200, answer
    return App(answer.body["secret"], [])


async def active_app(person: Person) -> App:
    """Confirmed with the code of now: that of the next step is good still."""
    app = await new_app(person)
    answer = await person.call("confirm_totp", {"code": app.code()})
    assert answer.status == 200, answer
    app.backup_codes = answer.body["backup_codes"]
    return app
