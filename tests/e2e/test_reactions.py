"""Reactions as they really travel: percent-encoded through the gateway, told together by a job."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from urllib.parse import quote

from tests.system import System

EMOJI = ("👍🏽", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇺🇦", "#️⃣")


async def test_over_http_and_the_socket_they_are_told_together(system: System) -> None:
    (ada, grace), conversation = await system.group(2)
    message = (await ada.send(conversation, "hi")).json()
    socket = await ada.open_socket()
    for emoji in EMOJI[:-1]:
        path = f"/messages/{message['id']}/reactions/{quote(emoji)}"
        answer = await grace.ask("PUT", path)
        assert (answer.status_code, answer.json()["my_reactions"][-1]) == (200, emoji)
    frame = {"message_id": message["id"], "emoji": EMOJI[-1], "added": True}
    assert (await socket.ask("react", frame))["ok"]

    def told() -> list[str]:
        changes = [change for event in socket.events for change in event["data"]["changes"]]
        return [change["emoji"] for change in changes]

    await socket.until(lambda: told() == list(EMOJI))
    await socket.close()
    assert {event["event"] for event in socket.events} == {"message.reacted"}
    assert socket.events[-1]["data"]["reactions"] == dict.fromkeys(EMOJI, 1)
    moments = [datetime.fromisoformat(event["ts"]).timestamp() for event in socket.events]
    assert all(later - sooner > 1.9 for sooner, later in pairwise(moments))
    path = f"/messages/{message['id']}/reactions/{quote(EMOJI[1])}"
    assert EMOJI[1] not in (await grace.ask("DELETE", path)).json()["reactions"]
