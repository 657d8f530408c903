"""S12: 10,000 malformed frames of every action; what is not for one: foreign streams, those one was
removed from, the messages of others."""

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
from tests.proofs.malformed import ACTIONS, Others, malformed_frame
from tests.system import LocalSystem, System

SOCKET_FUNCTIONS = (
    *("Connect", "Disconnect", "Default", "PushEvents", "MaintainSockets"),
    *(action.capitalize() for action in ACTIONS),
)
REFUSALS = {
    *("malformed_frame", "unknown_action", "validation_failed", "not_allowed", "not_subscribed"),
    *("message_not_found", "conversation_not_found", "unknown_field"),
}
AT_ONCE, FOREIGN = 20, 4
CANARY = "only between the two"
MARKS = (CANARY, '"typing.started"', '"receipts.updated"', '"busy"')
"""What friends hear, each by one of these, and nobody else."""

SPYING = "from nobody"


async def test_no_handler_dies_of_a_malformed_frame(
    local: LocalSystem, size: Size, report: Report
) -> None:
    """Nor of one in the right form that names what is others'."""
    number = size(400, 10_000)
    person, owner = await local.new_person(), await local.new_person()
    others, conversations = await set_apart(owner, person)
    socket = await person.open_socket()
    seen = [await owner.history(each) for each in conversations]
    before = local.errors(*SOCKET_FUNCTIONS), local.count("SELECT count(*) FROM events")
    dice = random.Random(12)
    codes: Counter[str] = Counter()
    for _ in range(number // AT_ONCE):
        frames = [malformed_frame(dice) for _ in range(AT_ONCE - FOREIGN)]
        codes += await answers(socket, [*frames, *(others.frame(dice) for _ in range(FOREIGN))])
    pong = await socket.ask("ping", {})
    await socket.close()
    report("S12 malformed frames", frames=number, **codes)
    assert codes.total() == number
    assert codes.keys() == REFUSALS
    assert pong["type"] == "pong"
    after = local.errors(*SOCKET_FUNCTIONS), local.count("SELECT count(*) FROM events")
    assert after == before
    assert [await owner.history(each) for each in conversations] == seen


async def set_apart(owner: Person, person: Person) -> tuple[Others, list[str]]:
    """What a person must not touch, and the conversations in which it is."""
    shared, former = await owner.start(person), await owner.start(person)
    conversations = [shared, former, await owner.start()]
    said = [await owner.send(conversation, "mine") for conversation in conversations]
    readable, *messages = [str(answer.json()["id"]) for answer in said]
    removed = await owner.ask("DELETE", f"/conversations/{former}/members/{person.id}")
    assert removed.is_success, removed.text
    return Others(messages, [readable], [f"conv:{id}" for id in conversations[1:]]), conversations


def test_every_action_has_malformed_frames() -> None:
    assert set(ACTIONS) == {*ACKS, "hello", "ping"}


async def test_frames_that_are_no_text_close_the_socket_and_nothing_else(
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
    assert (await other.ask("ping", {}))["type"] == "pong"
    await other.close()
    assert local.errors(*SOCKET_FUNCTIONS) == errors


async def test_nothing_foreign_is_heard(system: System, size: Size, report: Report) -> None:
    """Neither by a stranger nor by one who looked there until they were removed: no event, no
    typing, no receipt, nor who is there; and nothing of them is heard by others."""
    talk = size(8, 500)
    ada, grace = await system.people(2)
    spies = [await system.new_person("spy"), await system.new_person("former")]
    conversation = await ada.start(grace, spies[1])
    foreign = [f"conv:{conversation}", f"user:{ada.id}", f"user:{grace.id}"]
    sockets = [await spy.open_socket(cursors=dict.fromkeys(foreign, 0)) for spy in spies]
    friends = [await ada.open_socket(), await grace.open_socket()]
    for socket in (*friends, sockets[1]):
        assert (await socket.ask("subscribe", {"streams": foreign[:1]}))["ok"]
    path = f"/conversations/{conversation}/members/{spies[1].id}"
    assert (await ada.ask("DELETE", path)).is_success
    for number in range(talk):
        assert (await ada.send(conversation, f"{CANARY} {number}")).status_code == 201
        await signal(friends, conversation, number)
        for spy, socket in zip(spies, sockets, strict=True):
            await spy_on(spy, socket, foreign)
    await friends[1].until(lambda: marks(friends) == set(MARKS))
    present = await friends[0].ask("subscribe", {"streams": foreign[:1]})
    await asyncio.sleep(0.5)
    for socket in (*sockets, *friends):
        await socket.close()
    heard = {"heard_by_friends": len(marks(friends)), "heard_by_spies": len(marks(sockets))}
    report("S12 foreign streams", said=talk, **heard)
    assert present["data"]["streams"][foreign[0]]["present_count"] == 1
    assert not marks(sockets)
    assert sockets[0].events == []
    assert not [text for each in friends for text in each.texts if spies[0].id in text]
    assert not [text for each in friends for text in each.texts if SPYING in text]


async def signal(friends: list[Socket], conversation: str, number: int) -> None:
    """What is told in passing: presence waits some seconds, unless typing comes."""
    ada, grace = friends
    stream = f"conv:{conversation}"
    for socket, action, data in (
        (grace, "presence", {"status": "away" if number % 2 else "busy"}),
        (ada, "typing", {"stream": stream, "typing": not number % 2}),
        (grace, "read", {"stream": stream, "seq": number + 1}),
    ):
        answer = await socket.ask(action, data)
        assert answer["ok"], answer


def marks(sockets: Iterable[Socket]) -> set[str]:
    """Which of the marks were heard."""
    texts = [text for socket in sockets for text in socket.texts]
    return {mark for mark in MARKS if any(mark in text for text in texts)}


async def spy_on(spy: Person, socket: Socket, foreign: list[str]) -> None:
    pong = await socket.ask("ping", {"streams": foreign})
    assert set(pong["heads"]) == {f"user:{spy.id}"}
    cursors = dict.fromkeys(foreign, 0)
    over_socket = (await socket.ask("sync", {"cursors": cursors}))["data"]
    over_http = (await spy.ask("POST", "/sync", body={"cursors": cursors})).json()
    looked_at = (await socket.ask("subscribe", {"streams": foreign}))["data"]
    gone = {stream: {"gone": True} for stream in foreign}
    assert over_socket["streams"] == over_http["streams"] == looked_at["streams"] == gone
    for action, data in (
        ("typing", {"stream": foreign[0], "typing": True}),
        ("read", {"stream": foreign[0], "seq": 1}),
        ("send", {"conversation_id": foreign[0].removeprefix("conv:"), "content": SPYING}),
    ):
        answer = await socket.ask(action, data)
        assert answer.get("error", {}).get("status") in (403, 404), answer
    for action, own in (("unsubscribe", {"streams": foreign}), ("presence", {"status": "busy"})):
        answer = await socket.ask(action, own)
        assert answer["ok"], answer


async def answers(socket: Socket, frames: list[str]) -> Counter[str]:
    """The codes of the refusals, one for each of the frames."""
    socket.refusals.clear()
    for frame in frames:
        await socket.connection.send(frame)
    try:
        await socket.until(lambda: len(socket.refusals) >= len(frames), patience=60)
    except TimeoutError:
        shown = "\n".join(frame[:200] for frame in frames)
        raise AssertionError(f"{len(socket.refusals)} answers to:\n{shown}") from None
    return Counter(refusal["error"]["code"] for refusal in socket.refusals)
