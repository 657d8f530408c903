from __future__ import annotations

import asyncio
from uuid import uuid4

from tests.feature.account import another_session
from tests.feature.world import Person, World

CLOSING = {"type": "closing", "data": {"reason": "session_revoked"}}


async def id_of(person: Person) -> str:
    sessions = (await person.call("list_sessions")).body["items"]
    (current,) = (session["id"] for session in sessions if session["current"])
    return str(current)


async def test_a_revoked_session_ends_at_once_and_no_other_does(world: World, ada: Person) -> None:
    lost, third = [await another_session(world, ada) for _ in range(2)]
    kept_socket, lost_socket = await ada.open_socket(), await lost.open_socket()
    for socket in (kept_socket, lost_socket):
        await socket.say("hello")
    answer = await ada.call("revoke_session", id=await id_of(lost))

    assert (answer.status, answer.body) == (204, None)
    assert (await lost.call("show_me")).refusal == (401, "invalid_token")
    refreshed = await world.call("refresh_session", {"refresh_token": lost.refresh_token})
    assert refreshed.refusal == (401, "invalid_token")
    assert lost_socket.received() == [CLOSING]
    assert (await lost_socket.say("ping"))["error"]["code"] == "authentication_required"
    assert (await kept_socket.say("ping"))["type"] == "pong"
    assert kept_socket.received() == []
    for kept in (ada, third):
        assert (await kept.call("show_me")).status == 200


async def test_the_current_session_can_be_revoked(ada: Person) -> None:
    assert (await ada.call("revoke_session", id=await id_of(ada))).status == 204
    assert (await ada.call("show_me")).refusal == (401, "invalid_token")


async def test_a_session_of_another_user_or_an_ended_one_is_not_found(
    world: World, ada: Person, eve: Person
) -> None:
    ended, expired = await another_session(world, ada), await another_session(world, ada)
    ids = await id_of(ended), await id_of(expired)
    await ended.call("log_out")
    await world.sql("UPDATE sessions SET expires_at = now() WHERE id = %s", ids[1])

    for id in (*ids, str(uuid4()), await id_of(eve)):
        answer = await ada.call("revoke_session", id=id)
        assert answer.refusal == (404, "session_not_found")
    assert (await eve.call("show_me")).status == 200
    assert (await ada.call("revoke_session", id="no-id")).refusal == (422, "validation_failed")


async def test_one_of_several_concurrent_revocations_ends_the_session(
    world: World, ada: Person
) -> None:
    id = await id_of(await another_session(world, ada))
    answers = await asyncio.gather(
        *(ada.call("revoke_session", id=id, many=True) for _ in range(4))
    )

    assert sorted(answer.status for answer in answers) == [204, 404, 404, 404]


async def test_a_refresh_during_a_revocation_does_not_save_the_session(
    world: World, ada: Person
) -> None:
    for _ in range(5):
        lost = await another_session(world, ada)
        id = await id_of(lost)
        refreshed, revoked = await asyncio.gather(
            world.call("refresh_session", {"refresh_token": lost.refresh_token}, many=True),
            ada.call("revoke_session", id=id, many=True),
        )
        assert revoked.status == 204
        assert (await lost.call("show_me")).status == 401
        if refreshed.status == 200:
            lost.access_token = refreshed.body["access_token"]
            assert (await lost.call("show_me")).refusal == (401, "invalid_token")
            again = {"refresh_token": refreshed.body["refresh_token"]}
            assert (await world.call("refresh_session", again)).status == 401


async def test_a_session_is_revoked_without_valkey(world: World, ada: Person) -> None:
    lost = await another_session(world, ada)
    id = await id_of(lost)
    async with world.away("valkey"):
        assert (await ada.call("revoke_session", id=id)).status == 204
        assert (await lost.call("show_me")).refusal == (401, "invalid_token")
