"""A socket does not act for a session that has ended."""

from __future__ import annotations

from tests.feature.world import Person, Socket, World


async def test_sockets_are_told_and_act_for_nobody(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    socket = await ada.open_socket()
    await socket.say("hello")
    silent = await ada.open_socket()
    other = await grace.open_socket()
    await other.say("hello")
    assert (await ada.call("log_out")).status == 204

    told = {"type": "closing", "data": {"reason": "session_revoked"}}
    assert socket.received() == [told]
    for ended in (socket, silent):
        reply = await ended.say("send", {"conversation_id": conversation, "content": "still me"})
        assert reply["error"]["code"] == "authentication_required"
    await grace.send(conversation, "are you there?")
    assert [event["seq"] for event in other.received()] == [1]
    assert socket.received() == []


async def test_a_ticket_made_before_opens_nothing(world: World, ada: Person) -> None:
    ticket = (await ada.call("make_ticket")).body["ticket"]
    await ada.call("log_out")

    socket = Socket(world, "late")
    assert await socket.connect(ticket) == 401
    assert (await socket.say("ping"))["error"]["code"] == "authentication_required"
