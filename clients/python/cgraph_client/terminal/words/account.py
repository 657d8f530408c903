"""Words about oneself: how one is, and where one is logged in."""

from __future__ import annotations

from cgraph_client.terminal.paint import clock, shortened
from cgraph_client.terminal.words.word import Desk, Misspoken, Word


async def be_away(desk: Desk, _: str) -> None:
    desk.changes.be("away")


async def be_back(desk: Desk, _: str) -> None:
    desk.changes.be("online")


async def sessions(desk: Desk, rest: str) -> None:
    word, _, number = rest.partition(" ")
    devices = (await desk.client.devices()).items
    if not rest:
        for place, device in enumerate(devices, start=1):
            used = clock(device.last_used_at) if device.last_used_at else ""
            name = shortened(device.device or "something without a name", width=40)
            here = "  (this one)" if device.current else ""
            desk.screen.show(f"{place:3}  {used:16}  {name}{here}")
    elif rest == "end others":
        await desk.client.end_sessions()
        desk.screen.show("You are logged in nowhere else any more.")
    elif word == "end" and number.isdecimal() and 0 < int(number) <= len(devices):
        await desk.client.end_session(devices[int(number) - 1].id)
        desk.screen.show("That one is over.")
    else:
        raise Misspoken("/sessions, /sessions end N, /sessions end others")


WORDS = (
    Word("/away", "", "others see you as away; /back ends it", be_away),
    Word("/back", "", "", be_back),
    Word("/sessions", "[end N]", "where you are logged in; ends one, or all: end others", sessions),
)
