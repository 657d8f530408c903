from __future__ import annotations

from tests.feature.world import Person, World


async def test_a_closed_socket_leaves_nothing_in_valkey(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    gone, stays = await ada.open_socket(), await ada.open_socket()
    for socket in (gone, stays):
        await socket.say("hello")
    await gone.disconnect()
    await gone.disconnect()
    await grace.send(conversation, "hi")

    assert (await gone.say("ping"))["error"]["code"] == "authentication_required"
    assert gone.received() == []
    assert len(stays.received()) == 1
    keys = [str(key) for key in world.valkey.scan_iter(f"connection:*{gone.id}*")]
    assert keys == []


async def test_a_socket_may_close_before_it_says_hello(ada: Person) -> None:
    socket = await ada.open_socket()
    await socket.disconnect()

    assert (await socket.say("hello"))["error"]["code"] == "authentication_required"
