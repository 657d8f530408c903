"""Browsers subscribe to one key, which stays."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric import ec

from tests.feature.world import Person, World


async def test_the_key_is_a_point_of_p256_and_stays(ada: Person, grace: Person) -> None:
    key = (await ada.call("show_push_key")).body["public_key"]
    raw = base64.urlsafe_b64decode(key + "=" * (-len(key) % 4))
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    assert (await grace.call("show_push_key", many=True)).body["public_key"] == key


async def test_the_private_key_is_not_in_the_answer(world: World, ada: Person) -> None:
    answer = (await ada.call("show_push_key")).body
    assert answer.keys() == {"public_key"}
    assert await world.sql("SELECT length(key) FROM server_keys WHERE name = 'vapid'") == [(32,)]
