"""S12: 10,000 malformed frames of every action crash no handler, and a user receives nothing of
conversations they are not in, or not any more."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable

import pytest
from websockets.exceptions import ConnectionClosed

from cgraph_local.api_documents.frames import ACKS
from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.proofs.malformed_frames import ACTIONS, ForeignResources, malformed_frame
from tests.system import LocalSystem, System

SOCKET_FUNCTIONS = (
    *("Connect", "Disconnect", "Default", "PushEvents", "MaintainSockets"),
    *(action.capitalize() for action in ACTIONS),
)
REFUSALS = {
    *("malformed_frame", "unknown_action", "validation_failed", "not_allowed", "not_subscribed"),
    *("message_not_found", "conversation_not_found", "unknown_field"),
}
RARE_REFUSALS = {"not_an_emoji"}
"""Of so few of the frames that a small number of them may have none."""
AT_ONCE, FOREIGN = 20, 4
CANARY = "only between the two"
MARKS = (CANARY, '"typing.started"', '"receipts.updated"', '"busy"')
"""Each is in a frame that the members of the conversation receive, and nobody else."""

INTRUSION = "from a stranger"


async def test_a_malformed_frame_is_refused_and_crashes_no_handler(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """Nor does a well-formed frame with ids of foreign resources."""
    number = size(240, 10_000)
    person, owner = await local.new_person(), await local.new_person()
    foreign, conversations = await create_foreign(owner, person)
    socket = await person.open_socket()
    histories = [await owner.history(each) for each in conversations]
    before = local.errors(*SOCKET_FUNCTIONS), written(local, [*conversations, person.id, owner.id])
    dice = random.Random(12)
    codes: Counter[str] = Counter()
    for _ in range(number // AT_ONCE):
        frames = [malformed_frame(dice) for _ in range(AT_ONCE - FOREIGN)]
        codes += await refusal_codes(
            socket, [*frames, *(foreign.frame(dice) for _ in range(FOREIGN))]
        )
    pong = await socket.call("ping", {})
    await socket.close()
    report("S12 malformed frames", frames=number, **codes)
    assert codes.total() == number
    assert codes.keys() - RARE_REFUSALS == REFUSALS
    assert pong["type"] == "pong"
    after = local.errors(*SOCKET_FUNCTIONS), written(local, [*conversations, person.id, owner.id])
    assert after == before
    assert [await owner.history(each) for each in conversations] == histories


def written(local: LocalSystem, streams: Iterable[str]) -> int:
    """The events of these streams. Others write in others meanwhile, and notifications of what was
    sent before are made later.
    """
    ids = ", ".join(f"'{id}'" for id in streams)
    return local.count(
        f"SELECT count(*) FROM events WHERE stream_id IN ({ids}) AND type NOT LIKE 'notification.%'"
    )


async def create_foreign(owner: Person, person: Person) -> tuple[ForeignResources, list[str]]:
    """What the person must not change, and the conversations in which it is."""
    conversations = [
        await owner.start_conversation(person),
        await owner.start_conversation(person),
        await owner.start_conversation(),
    ]
    responses = [await owner.send_message(each, "mine") for each in conversations]
    readable, *messages = [str(response.json()["id"]) for response in responses]
    _, *foreign = conversations
    await owner.request_json("DELETE", f"/conversations/{foreign[0]}/members/{person.id}")
    streams = [f"conv:{id}" for id in foreign]
    return ForeignResources(messages, [readable], streams), conversations


def test_every_action_has_malformed_frames() -> None:
    assert set(ACTIONS) == {*ACKS, "hello", "ping"}


async def test_a_frame_that_is_no_text_closes_its_socket_only(
    local: LocalSystem,
) -> None:
    person = await local.new_person()
    other = await person.open_socket()
    errors = local.errors(*SOCKET_FUNCTIONS)
    for content, text, code in (
        (b"\x00\xff", False, 1003),
        (b'{"action": "ping", "id": "\xff"}', True, 1007),
        (b"x" * 33_000, True, 1009),
        ([b"x" * 30_000] * 5, True, 1009),
    ):
        socket = await person.open_socket()
        with pytest.raises(ConnectionClosed) as closed:
            await socket.connection.send(content, text=text)
            await socket.connection.wait_closed()
            await socket.connection.send("x")
        await socket.close()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code
    assert (await other.call("ping", {}))["type"] == "pong"
    await other.close()
    assert local.errors(*SOCKET_FUNCTIONS) == errors


async def test_a_stranger_and_a_removed_member_receive_nothing(
    system: System, size: Size, report: Report
) -> None:
    """No event, no typing, no receipt, no presence, although the removed member was subscribed; and
    the members receive nothing of them."""
    messages = size(4, 500)
    ada, grace = await system.people(2)
    intruders = [await system.new_person("stranger"), await system.new_person("former")]
    conversation = await ada.start_conversation(grace, intruders[1])
    foreign = [f"conv:{conversation}", f"user:{ada.id}", f"user:{grace.id}"]
    sockets = [
        await intruder.open_socket(cursors=dict.fromkeys(foreign, 0)) for intruder in intruders
    ]
    members = [await ada.open_socket(), await grace.open_socket()]
    for socket in (*members, sockets[1]):
        assert (await socket.call("subscribe", {"streams": foreign[:1]}))["ok"]
    path = f"/conversations/{conversation}/members/{intruders[1].id}"
    await ada.request_json("DELETE", path)
    for number in range(messages):
        assert (await ada.send_message(conversation, f"{CANARY} {number}")).status_code == 201
        await send_ephemeral(members, conversation, number)
        for intruder, socket in zip(intruders, sockets, strict=True):
            await intrude(intruder, socket, foreign)
    await members[1].wait_until(lambda: marks(members) == set(MARKS))
    present = await members[0].call("subscribe", {"streams": foreign[:1]})
    await asyncio.sleep(0.5)
    for socket in (*sockets, *members):
        await socket.close()
    marks_received = {"by_members": len(marks(members)), "by_intruders": len(marks(sockets))}
    report("S12 foreign streams", messages=messages, **marks_received)
    assert present["data"]["streams"][foreign[0]]["present_count"] == 1
    assert not marks(sockets)
    assert sockets[0].events == []
    assert not [text for each in members for text in each.frames if intruders[0].id in text]
    assert not [text for each in members for text in each.frames if INTRUSION in text]


async def send_ephemeral(members: list[Socket], conversation: str, number: int) -> None:
    """Presence is coalesced for some seconds, unless typing comes."""
    ada, grace = members
    stream = f"conv:{conversation}"
    for socket, action, data in (
        (grace, "presence", {"status": "away" if number % 2 else "busy"}),
        (ada, "typing", {"stream": stream, "typing": not number % 2}),
        (grace, "read", {"stream": stream, "seq": number + 1}),
    ):
        reply = await socket.call(action, data)
        assert reply["ok"], reply


def marks(sockets: Iterable[Socket]) -> set[str]:
    """Those that the sockets have received."""
    texts = [text for socket in sockets for text in socket.frames]
    return {mark for mark in MARKS if any(mark in text for text in texts)}


async def intrude(intruder: Person, socket: Socket, foreign: list[str]) -> None:
    pong = await socket.call("ping", {"streams": foreign})
    assert set(pong["heads"]) == {f"user:{intruder.id}"}
    cursors = dict.fromkeys(foreign, 0)
    over_socket = (await socket.call("sync", {"cursors": cursors}))["data"]
    over_http = (await intruder.request("POST", "/sync", body={"cursors": cursors})).json()
    subscribed = (await socket.call("subscribe", {"streams": foreign}))["data"]
    gone = {stream: {"gone": True} for stream in foreign}
    assert over_socket["streams"] == over_http["streams"] == subscribed["streams"] == gone
    for action, data in (
        ("typing", {"stream": foreign[0], "typing": True}),
        ("read", {"stream": foreign[0], "seq": 1}),
        ("send", {"conversation_id": foreign[0].removeprefix("conv:"), "content": INTRUSION}),
    ):
        reply = await socket.call(action, data)
        assert reply.get("error", {}).get("status") in (403, 404), reply
    for action, own in (("unsubscribe", {"streams": foreign}), ("presence", {"status": "busy"})):
        reply = await socket.call(action, own)
        assert reply["ok"], reply


async def refusal_codes(socket: Socket, frames: list[str]) -> Counter[str]:
    """One for each of the frames."""
    socket.refusals.clear()
    for frame in frames:
        await socket.connection.send(frame)
    try:
        await socket.wait_until(lambda: len(socket.refusals) >= len(frames), seconds=60)
    except TimeoutError:
        shown = "\n".join(frame[:200] for frame in frames)
        raise AssertionError(f"{len(socket.refusals)} refusals of:\n{shown}") from None
    return Counter(refusal["error"]["code"] for refusal in socket.refusals)
