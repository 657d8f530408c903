from __future__ import annotations

import json

import pytest

from tests.feature.world import Person


async def test_an_unknown_action_is_refused_by_name(ada: Person) -> None:
    socket = await ada.open_socket()
    frame = json.dumps({"action": "dance", "id": "d1"})
    reply = await socket.say_raw(frame)

    assert (reply["type"], reply["id"], reply["ok"]) == ("ack", "d1", False)
    assert (reply["error"]["code"], reply["error"]["status"]) == ("unknown_action", 404)
    assert "dance" in reply["error"]["message"]


@pytest.mark.parametrize("route", ["default", "ping", "send"])
@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "[]",
        "null",
        "7",
        "{}",
        '{"action": 1}',
        '{"action": "ping", "id": [1]}',
        '{"action": "ping", "id": {}}',
        '{"action": "ping", "id": "' + "x" * 101 + '"}',
        "[" * 30_000,
        '{"action": "ping"' + " " * 40_000,
    ],
)
async def test_a_malformed_frame_is_refused(ada: Person, route: str, frame: str) -> None:
    socket = await ada.open_socket()
    reply = await socket.say_raw(frame, route=route)

    assert (reply["type"], reply["id"], reply["ok"]) == ("ack", None, False)
    assert reply["error"]["code"] == "malformed_frame"
