"""Words about conversations: which there are, and which one is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cgraph_client.errors import ApiError, NotFound
from cgraph_client.models import Conversation
from cgraph_client.terminal.paint import clock, shortened
from cgraph_client.terminal.room import HISTORY
from cgraph_client.terminal.words.word import Desk, Misspoken, Word

UNITS = {"m": "minutes", "h": "hours", "d": "days"}


async def list_talks(desk: Desk, _: str) -> None:
    talks = desk.room.inbox.listed()
    for number, talk in enumerate(talks, start=1):
        desk.screen.show(_line(desk, number, talk))
    if not talks:
        desk.screen.show("No conversation yet: /new NAME begins one.")


async def open_talk(desk: Desk, rest: str) -> None:
    found = desk.room.inbox.find(rest)
    if found is not None:
        await desk.room.open(found)
    elif not rest or rest.isdecimal():
        raise Misspoken("Which one? /list shows their numbers.")
    else:
        await _open_elsewhere(desk, rest)


async def _open_elsewhere(desk: Desk, name: str) -> None:
    """A conversation that is not in the list: an id, or somebody one may have talked to."""
    try:
        await desk.room.open(name)
    except ApiError as unknown:
        if not isinstance(unknown, NotFound) and unknown.status != 422:
            raise
        await desk.room.start(name)


async def new_talk(desk: Desk, rest: str) -> None:
    names = rest.replace(",", " ").split()
    if not names:
        raise Misspoken("With whom? /new NAME, or /new NAME NAME…")
    await desk.room.start(*names)


async def show_history(desk: Desk, rest: str) -> None:
    count = int(rest) if rest.isdecimal() else HISTORY
    await desk.room.open(desk.where(), history=max(1, min(count, 100)))


async def mute(desk: Desk, rest: str) -> None:
    if rest == "off":
        await desk.client.unmute(desk.where())
        desk.screen.show("You hear of this conversation again.")
        return
    until = _read_until(rest)
    await desk.client.mute(desk.where(), until=until)
    how_long = "until /mute off" if until is None else f"until {clock(until)}"
    desk.screen.show(f"You hear of this conversation only when you are meant, {how_long}.")


async def rename(desk: Desk, rest: str) -> None:
    await desk.client.rename(desk.where(), rest or None)


async def leave(desk: Desk, _: str) -> None:
    await desk.client.remove_member(desk.where(), desk.room.inbox.me.id)


def _line(desk: Desk, number: int, talk: Conversation) -> str:
    paint = desk.screen.paint
    title = shortened(desk.room.inbox.title(talk.id), width=24)
    unread = paint.bold(f"{talk.unread_count} unread  ") if talk.unread_count else ""
    muted = paint.dim("muted  ") if talk.is_muted(datetime.now(UTC)) else ""
    last = ""
    if talk.last_message is not None:
        said = talk.last_message.content if not talk.last_message.deleted_at else "(deleted)"
        at = clock(talk.last_message.created_at)
        last = paint.dim(f"{at}  {shortened(said, width=40)}")
    return f"{number:3}  {title:24}  {unread}{muted}{last}"


def _read_until(rest: str) -> datetime | None:
    """None: for ever. Raises Misspoken."""
    if not rest:
        return None
    number, unit = rest[:-1], UNITS.get(rest[-1:])
    if unit is None or not number.isdecimal() or len(number) > 4:
        raise Misspoken("For how long? /mute, /mute 30m, /mute 8h, /mute 7d, /mute off")
    return datetime.now(UTC) + timedelta(**{unit: int(number)})


WORDS = (
    Word("/list", "", "the conversations, the latest first", list_talks),
    Word("/open", "N|NAME", "opens one: its number, its name, or somebody's username", open_talk),
    Word("/new", "NAME…", "begins one, with several people a group", new_talk),
    Word("/history", "[N]", "the last N messages again", show_history),
    Word("/mute", "[8h|off]", "hears of it only when meant", mute),
    Word("/rename", "NAME", "gives a group another name", rename),
    Word("/leave", "", "leaves a group", leave),
)
