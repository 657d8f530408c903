from __future__ import annotations

import pytest

from tests.feature.passkeys.holders import log_in, login_options, with_passkey
from tests.feature.world import Person, World


@pytest.mark.parametrize(
    ("purpose", "verification"),
    [("log_in", "required"), ("second_factor", "preferred"), ("confirm", "required")],
)
async def test_options_name_no_account(world: World, purpose: str, verification: str) -> None:
    first, second = [await login_options(world, purpose) for _ in range(2)]
    assert first.pop("challenge") != second.pop("challenge")
    assert first == second
    assert (first["rpId"], first["allowCredentials"]) == ("example.org", [])
    assert first["userVerification"] == verification


async def test_a_challenge_ends_after_five_minutes(world: World, ada: Person) -> None:
    before = set(world.valkey.scan_iter("challenge:*"))
    await login_options(world)
    (key,) = set(world.valkey.scan_iter("challenge:*")) - before
    assert 290 < world.valkey.ttl(key) <= 300
    assert (await log_in(world, await with_passkey(ada))).status == 200
