from __future__ import annotations

from base64 import urlsafe_b64decode
from uuid import UUID

from tests.feature.api_tokens.people import age_session
from tests.feature.passkeys.holders import registration_options, with_passkey
from tests.feature.world import Person, World


async def test_options_are_of_the_user_and_of_this_site(ada: Person) -> None:
    options = await registration_options(ada)

    assert options["rp"] == {"id": "example.org", "name": "CGraph"}
    assert UUID(bytes=urlsafe_b64decode(options["user"]["id"] + "==")) == UUID(ada.id)
    assert options["user"]["name"] == ada.username
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert len(urlsafe_b64decode(options["challenge"] + "=")) == 32
    assert options["challenge"] != (await registration_options(ada))["challenge"]


async def test_options_exclude_the_passkeys_that_the_user_has(ada: Person, grace: Person) -> None:
    await with_passkey(grace)
    authenticator = await with_passkey(ada)
    (known,) = (await registration_options(ada))["excludeCredentials"]
    assert urlsafe_b64decode(known["id"] + "=") == authenticator.credential_id
    assert known["transports"] == ["internal"]


async def test_adding_one_needs_a_fresh_log_in(ada: Person) -> None:
    await age_session(ada)
    assert (await ada.call("start_passkey")).refusal == (403, "fresh_login_required")


async def test_without_valkey_it_is_refused_with_a_time(world: World, ada: Person) -> None:
    async with world.away("valkey"):
        answer = await ada.call("start_passkey")
    assert answer.refusal == (503, "passkeys_unavailable")
    assert "retry-after" in answer.headers
