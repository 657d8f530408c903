from __future__ import annotations

from tests.feature.invitations.test_create_invitation import register
from tests.feature.world import Person, World


async def test_nobody_registers_with_a_revoked_invitation(
    world: World, ada: Person, eve: Person
) -> None:
    made = (await ada.call("create_invitation", {})).body
    hidden = await eve.call("revoke_invitation", id=made["id"])
    assert hidden.refusal == (404, "invitation_not_found")
    assert (await ada.call("revoke_invitation", id=made["id"])).status == 204
    answer = await register(world, made["invitation"])
    assert answer.refusal == (403, "invalid_invitation")


async def test_an_invitation_that_was_used_cannot_be_revoked(world: World, ada: Person) -> None:
    made = (await ada.call("create_invitation", {})).body
    await register(world, made["invitation"])
    answer = await ada.call("revoke_invitation", id=made["id"])
    assert answer.refusal == (404, "invitation_not_found")
