from __future__ import annotations

import pytest

from tests.feature.account import activate_app, log_in
from tests.feature.world import PASSWORD, Person, World

INVALID = (401, "invalid_code")

OWN = {"password": PASSWORD}


async def has_totp(person: Person) -> bool:
    return bool((await person.call("show_me")).body["totp"])


@pytest.mark.parametrize("kind", ["by time", "backup"])
async def test_a_second_factor_is_removed_with_a_totp_code_or_a_backup_code(
    world: World, ada: Person, kind: str
) -> None:
    app = await activate_app(ada)
    wrong = await ada.call("remove_totp", {"code": app.wrong_code()})
    assert wrong.refusal == INVALID
    code = app.code(ahead=1) if kind == "by time" else app.backup_codes[0]
    answer = await ada.call("remove_totp", {"code": code})

    assert (answer.status, answer.body) == (204, None)
    assert not await has_totp(ada)
    assert (await log_in(world, ada)).status == 200
    left = await world.sql(
        "SELECT totp_secret, (SELECT count(*) FROM backup_codes WHERE user_id = u.id)"
        " FROM users u WHERE id = %s",
        ada.id,
    )
    assert left == [(None, 0)]
    assert (await ada.call("set_up_totp", OWN)).status == 200


async def test_devices_of_the_user_get_an_event_when_the_second_factor_changes(
    world: World, ada: Person
) -> None:
    socket = await ada.open_socket()
    await socket.say("hello")
    app = await activate_app(ada)
    await ada.call("remove_totp", {"code": app.backup_codes[0]})

    published = [(event["event"], event["data"]["user"]["totp"]) for event in socket.received()]
    assert published == [("user.updated", True), ("user.updated", False)]
    logged = await world.sql(
        "SELECT payload FROM events WHERE stream_id = %s ORDER BY seq DESC LIMIT 1", ada.id
    )
    me = (await ada.call("show_me")).body
    assert me.pop("karma") == 0, "no event tells it: each vote would be one"
    assert logged == [({"user": me},)]
