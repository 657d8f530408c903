from __future__ import annotations

from uuid import uuid4

from tests.feature.account import log_in
from tests.feature.api_tokens.people import age_session
from tests.feature.passkeys.holders import new_authenticator, register
from tests.feature.world import Person, World


async def test_a_passkey_is_renamed(ada: Person) -> None:
    created = (await register(ada, new_authenticator())).body
    await age_session(ada)
    answer = await ada.call("change_passkey", {"name": "Key"}, id=created["id"])
    assert (answer.status, answer.body) == (200, {**created, "name": "Key"})
    assert (await ada.call("list_passkeys")).body["items"] == [answer.body]


async def test_a_passkey_becomes_a_second_factor_after_a_fresh_log_in(
    world: World, ada: Person
) -> None:
    id = (await register(ada, new_authenticator())).body["id"]
    assert (await log_in(world, ada)).status == 200, "not asked for"
    for wanted, status in ((True, 401), (False, 200)):
        answer = await ada.call("change_passkey", {"second_factor": wanted}, id=id)
        assert answer.body["second_factor"] is wanted
        assert (await log_in(world, ada)).status == status
    await age_session(ada)
    answer = await ada.call("change_passkey", {"second_factor": True}, id=id)
    assert answer.refusal == (403, "fresh_login_required")


async def test_a_passkey_of_another_user_is_not_found(ada: Person, eve: Person) -> None:
    id = (await register(ada, new_authenticator())).body["id"]
    for unknown in (id, str(uuid4())):
        answer = await eve.call("change_passkey", {"name": "mine"}, id=unknown)
        assert answer.refusal == (404, "passkey_not_found")
