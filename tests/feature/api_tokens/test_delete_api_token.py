from __future__ import annotations

from uuid import uuid4

from tests.feature.account import another_session
from tests.feature.api_tokens.people import as_program, create_token
from tests.feature.world import PASSWORD, Person, World

CLOSING = {"type": "closing", "data": {"reason": "session_revoked"}}
ENDED = (401, "invalid_token")


async def test_a_deleted_token_and_its_sockets_end_at_once(ada: Person) -> None:
    created, other = [await create_token(ada, "profile:read", "events:read") for _ in range(2)]
    program, kept = as_program(ada, created["token"]), as_program(ada, other["token"])
    socket, ticket = await program.open_socket(), (await program.call("make_ticket")).body["ticket"]
    await socket.say("hello")
    answer = await ada.call("delete_api_token", id=created["id"])

    assert (answer.status, answer.body) == (204, None)
    assert (await program.call("show_me")).refusal == ENDED
    assert socket.received() == [CLOSING]
    assert (await socket.say("ping"))["error"]["code"] == "authentication_required"
    assert await socket.connect(ticket) == 401
    assert (await kept.call("show_me")).status == 200


async def test_a_token_of_another_user_is_not_found(ada: Person, eve: Person) -> None:
    created = await create_token(ada, "profile:read")
    for id in (created["id"], str(uuid4())):
        answer = await eve.call("delete_api_token", id=id)
        assert answer.refusal == (404, "api_token_not_found")
    assert (await as_program(ada, created["token"]).call("show_me")).status == 200


async def test_a_new_password_and_the_end_of_all_sessions_end_all_tokens(
    world: World, ada: Person
) -> None:
    change = {"current_password": PASSWORD, "new_password": "battery horse, correct"}
    for function, body in (("change_password", change), ("revoke_sessions", None)):
        program = as_program(ada, (await create_token(ada, "profile:read", "events:read"))["token"])
        socket = await program.open_socket()
        assert (await program.call("show_me")).status == 200
        assert (await ada.call(function, body)).status == 204
        assert (await program.call("show_me")).refusal == ENDED
        assert socket.received() == [CLOSING]
    assert (await ada.call("list_api_tokens")).body["items"] == []


async def test_the_end_of_one_session_ends_no_token(world: World, ada: Person) -> None:
    second = await another_session(world, ada)
    program = as_program(ada, (await create_token(second, "profile:read"))["token"])
    await second.call("log_out")
    assert (await program.call("show_me")).status == 200
