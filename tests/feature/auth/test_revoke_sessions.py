from __future__ import annotations

from tests.feature.account import another_session
from tests.feature.environment import Request, answer_counted
from tests.feature.world import Person, World

CLOSING = {"type": "closing", "data": {"reason": "session_revoked"}}


async def cost_of_ending(world: World, person: Person, *, sessions: int) -> tuple[int, int]:
    """Round trips to Valkey and calls to SQS. Each session has a socket."""
    for _ in range(sessions):
        socket = await (await another_session(world, person)).open_socket()
        await socket.say("hello")
    headers = {"authorization": f"Bearer {person.access_token}"}
    request = Request("revoke_sessions", headers=headers, address=person.address)
    answer, round_trips, queued = await world.run(answer_counted, request)
    assert answer["statusCode"] == 204
    return round_trips, queued


async def test_all_sessions_but_the_current_one_are_revoked(
    world: World, ada: Person, eve: Person
) -> None:
    others = [await another_session(world, ada) for _ in range(3)]
    sockets = [await person.open_socket() for person in (*others, ada, eve)]
    for socket in sockets:
        await socket.say("hello")
    answer = await ada.call("revoke_sessions")

    assert (answer.status, answer.body) == (204, None)
    for other in others:
        assert (await other.call("show_me")).refusal == (401, "invalid_token")
    for person in (ada, eve):
        assert (await person.call("show_me")).status == 200
    assert [socket.received() for socket in sockets] == [[CLOSING]] * 3 + [[], []]
    pongs = [(await socket.say("ping"))["type"] for socket in sockets[3:]]
    assert pongs == ["pong", "pong"]
    (left,) = (await ada.call("list_sessions")).body["items"]
    assert left["current"]


async def test_revoking_sessions_without_another_one_changes_nothing(ada: Person) -> None:
    for _ in range(2):
        assert (await ada.call("revoke_sessions", query="current=false")).status == 204
    assert (await ada.call("show_me")).status == 200


async def test_with_current_all_sessions_are_revoked(world: World, ada: Person) -> None:
    other = await another_session(world, ada)
    assert (await ada.call("revoke_sessions", query="current=maybe")).status == 422
    assert (await ada.call("revoke_sessions", query="current=true")).status == 204

    for person in (ada, other):
        assert (await person.call("show_me")).refusal == (401, "invalid_token")


async def test_revoking_many_sessions_costs_no_more_round_trips_than_one(
    world: World, ada: Person
) -> None:
    one, queued_for_one = await cost_of_ending(world, ada, sessions=1)
    many, queued_for_many = await cost_of_ending(world, ada, sessions=6)

    assert many <= one
    assert queued_for_many == queued_for_one == 1
