from __future__ import annotations

from uuid import uuid4

from tests.feature.api_tokens.people import age_session
from tests.feature.passkeys.holders import log_in, new_authenticator, register, with_passkey
from tests.feature.world import Person, World


async def test_nobody_logs_in_with_a_deleted_passkey(world: World, ada: Person) -> None:
    kept, lost = await with_passkey(ada), new_authenticator()
    id = (await register(ada, lost)).body["id"]
    session = world.signed_in((await log_in(world, lost)).body)
    assert (await ada.call("delete_passkey", id=id)).status == 204

    assert (await log_in(world, lost)).refusal == (401, "invalid_passkey")
    assert (await log_in(world, kept)).status == 200
    assert (await session.call("show_me")).status == 200
    assert (await ada.call("delete_passkey", id=id)).refusal == (404, "passkey_not_found")


async def test_a_passkey_of_another_user_is_not_found(
    world: World, ada: Person, eve: Person
) -> None:
    authenticator = new_authenticator()
    id = (await register(ada, authenticator)).body["id"]
    for unknown in (id, str(uuid4())):
        answer = await eve.call("delete_passkey", id=unknown)
        assert answer.refusal == (404, "passkey_not_found")
    assert (await log_in(world, authenticator)).status == 200


async def test_deleting_one_needs_a_fresh_log_in(ada: Person) -> None:
    id = (await register(ada, new_authenticator())).body["id"]
    await age_session(ada)
    assert (await ada.call("delete_passkey", id=id)).refusal == (403, "fresh_login_required")
