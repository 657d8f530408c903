from __future__ import annotations

from tests.feature.world import Person, Socket, World


async def test_a_log_out_ends_the_session_and_its_refresh_token(world: World, ada: Person) -> None:
    assert (await ada.call("show_me")).status == 200
    answer = await ada.call("log_out")

    assert (answer.status, answer.body) == (204, None)
    assert (await ada.call("show_me")).refusal == (401, "invalid_token")
    refreshed = await world.call("refresh_session", {"refresh_token": ada.refresh_token})
    assert refreshed.refusal == (401, "invalid_token")


async def test_a_second_log_out_is_refused(ada: Person) -> None:
    await ada.call("log_out")

    assert (await ada.call("log_out")).refusal == (401, "invalid_token")


async def test_a_log_out_closes_sockets_and_they_can_no_longer_send(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    socket = await ada.open_socket()
    await socket.say("hello")
    silent = await ada.open_socket()
    other = await grace.open_socket()
    await other.say("hello")
    assert (await ada.call("log_out")).status == 204

    closing = {"type": "closing", "data": {"reason": "session_revoked"}}
    assert socket.received() == [closing]
    for ended in (socket, silent):
        reply = await ended.say("send", {"conversation_id": conversation, "content": "still me"})
        assert reply["error"]["code"] == "authentication_required"
    await grace.send(conversation, "are you there?")
    assert [event["seq"] for event in other.received()] == [1]
    assert socket.received() == []


async def test_a_ticket_from_before_the_log_out_opens_no_socket(world: World, ada: Person) -> None:
    ticket = (await ada.call("make_ticket")).body["ticket"]
    await ada.call("log_out")

    socket = Socket(world, "late")
    assert await socket.connect(ticket) == 401
    assert (await socket.say("ping"))["error"]["code"] == "authentication_required"
