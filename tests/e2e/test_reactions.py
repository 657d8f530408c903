"""Reactions through the whole system: percent-encoded in the path, coalesced by a job."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from urllib.parse import quote

from tests.person import Document
from tests.system import System

EMOJI = ("👍🏽", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇺🇦", "#️⃣")


async def test_reactions_over_http_and_a_socket_are_coalesced(system: System) -> None:
    (ada, grace), conversation = await system.group(2)
    message = (await ada.send_message(conversation, "hi")).json()
    socket = await ada.open_socket()
    for emoji in EMOJI[:-1]:
        path = f"/messages/{message['id']}/reactions/{quote(emoji)}"
        response = await grace.request("PUT", path)
        assert (response.status_code, response.json()["my_reactions"][-1]) == (200, emoji)
    frame = {"message_id": message["id"], "emoji": EMOJI[-1], "added": True}
    assert (await socket.call("react", frame))["ok"]

    def events() -> list[Document]:
        """Without those about her notifications."""
        return [event for event in socket.events if event["event"].startswith("message.")]

    def received() -> list[str]:
        changes = [change for event in events() for change in event["data"]["changes"]]
        return [change["emoji"] for change in changes]

    await socket.wait_until(lambda: received() == list(EMOJI))
    await socket.close()
    assert {event["event"] for event in events()} == {"message.reacted"}
    assert events()[-1]["data"]["reactions"] == dict.fromkeys(EMOJI, 1)
    times = [datetime.fromisoformat(event["ts"]).timestamp() for event in events()]
    assert all(later - sooner > 1.9 for sooner, later in pairwise(times))
    path = f"/messages/{message['id']}/reactions/{quote(EMOJI[1])}"
    assert EMOJI[1] not in (await grace.request("DELETE", path)).json()["reactions"]
