from __future__ import annotations

from tests.feature.world import Person, World


async def test_a_ticket_comes_with_a_complete_url_for_one_socket(world: World, ada: Person) -> None:
    answer = await ada.call("make_ticket")

    assert answer.status == 201
    ticket, sockets = answer.body["ticket"], world.gateway.replace("http", "ws") + "/ws"
    assert answer.body == {
        "ticket": ticket, "url": f"{sockets}?ticket={ticket}", "expires_in": 30,
    }  # fmt: skip
    assert ticket.startswith("cgt_")
    assert not any(ticket in str(key) for key in world.valkey.scan_iter("*"))


async def test_a_ticket_needs_a_session(world: World) -> None:
    answer = await world.call("make_ticket")

    assert answer.refusal == (401, "authentication_required")
