from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module

import pytest

from cgraph_client import Client, Message, Quote
from cgraph_client.terminal import chat
from cgraph_client.terminal.paint import Paint, harmless, shortened
from cgraph_client.terminal.screen import PlainScreen
from tests.terminal import Terminal
from tests.unit.client.small_server import SmallServer


class Seat:
    """Somebody at a terminal that is two pipes."""

    def __init__(self, server: SmallServer, name: str, conversation: str | None = None) -> None:
        reading, writing = os.pipe()
        self._keys = os.fdopen(writing, "w")
        self._source = os.fdopen(reading)
        self._output = io.StringIO()
        screen = PlainScreen(self._source, self._output)
        self._chat = asyncio.create_task(
            chat(server.url, name, "correct horse", conversation, screen=screen)
        )

    @property
    def seen(self) -> str:
        return self._output.getvalue()

    def types(self, *lines: str) -> None:
        self._keys.write("".join(f"{line}\n" for line in lines))
        self._keys.flush()

    async def sees(self, text: str, *, seconds: float = 5.0) -> None:
        try:
            async with asyncio.timeout(seconds):
                while text not in self.seen:
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pytest.fail(f"{text!r} is not in:\n{self.seen}")

    async def leaves(self) -> int:
        self._keys.close()
        status = await self._chat
        self._source.close()
        return status


@pytest.fixture(autouse=True)
async def people(server: SmallServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    module = import_module("cgraph_client.terminal.chat")
    monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.2)
    async with Client(server.url) as client:
        for name in ("ada", "grace", "linus"):
            await client.register(name, email=f"{name}@e.org", password="correct horse")
    yield


async def test_two_people_hold_a_conversation(server: SmallServer) -> None:
    ada, grace = Seat(server, "ada"), Seat(server, "grace")
    await ada.sees("No conversation yet")
    ada.types("/new grace", "Hello, Grace!")
    await grace.sees("(ada: a new conversation)")
    await grace.sees("(ada: Hello, Grace!)")
    grace.types("/open ada", "Hello yourself", "//shrug")
    await ada.sees("grace  Hello yourself")
    await ada.sees("grace  /shrug")
    await grace.sees("ada  Hello, Grace!")
    assert await ada.leaves() == await grace.leaves() == 0
    assert ada.seen.count("ada  Hello, Grace!") == 1
    (place,) = server.world.conversations
    assert server.world.read[server.world.by_name("ada")["id"], place] == 3


async def test_a_script_says_everything_before_it_ends(server: SmallServer) -> None:
    seat = Seat(server, "ada", conversation="grace")
    seat.types(*(f"line {n}" for n in range(30)))
    assert await seat.leaves() == 0
    (talk,) = server.world.conversations
    assert [m["content"] for m in server.world.messages(talk)] == [f"line {n}" for n in range(30)]
    assert "ada  line 29" in seat.seen


async def test_what_is_typed_while_the_server_is_away_arrives_later(server: SmallServer) -> None:
    seat = Seat(server, "ada", conversation="grace")
    await seat.sees("— grace —")
    await server.stop()
    await seat.sees("— reconnecting…")
    seat.types("are you there?")
    await seat.sees("… are you there?")
    await server.start()
    await seat.sees("— connected —", seconds=10)
    await seat.sees("ada  are you there?")
    assert await seat.leaves() == 0


async def test_the_list_numbers_conversations_and_counts_what_is_unread(
    server: SmallServer,
) -> None:
    ada, grace = Seat(server, "ada"), Seat(server, "grace")
    await ada.sees("No conversation yet")
    await grace.sees("No conversation yet")
    grace.types("/new ada linus", "to both", "/new ada", "to you")
    await ada.sees("(grace: to you)")
    ada.types("/list")
    await ada.sees("  1  grace                     1 unread")
    await ada.sees("  2  ")
    ada.types("/open 2")
    await ada.sees("grace  to both")
    ada.types("/open 9", "/open nobody", "/dance", "/history 1", "/help")
    await ada.sees("Which one?")
    await ada.sees("(not_found)")
    await ada.sees("/dance is no word here")
    await ada.sees("begins one, with several")
    assert await ada.leaves() == await grace.leaves() == 0


async def test_who_is_removed_is_told_and_can_say_no_more(server: SmallServer) -> None:
    seat = Seat(server, "ada", conversation="grace")
    await seat.sees("— grace —")
    (talk,) = server.world.conversations
    server.leave(talk, "ada")
    await seat.sees("you are no longer in this conversation")
    seat.types("hello?")
    await seat.sees("No conversation is open")
    assert await seat.leaves() == 0


async def test_a_refused_message_is_shown_as_not_sent(server: SmallServer) -> None:
    seat = Seat(server, "ada", conversation="grace")
    seat.types("x" * 4_001, "fine")
    await seat.sees("Not sent: content_too_long")
    await seat.sees("ada  fine")
    assert await seat.leaves() == 0


async def test_a_wrong_password_and_a_missing_server_say_what_to_do(
    server: SmallServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await chat(server.url, "ada", "wrong") == 1
    assert "The name or the password is wrong. (wrong_password)" in capsys.readouterr().err
    assert await chat("http://127.0.0.1:9", "ada", "wrong") == 1
    assert "Is it running? `make run` starts it." in capsys.readouterr().err


async def test_on_a_terminal_there_is_a_prompt(server: SmallServer) -> None:
    program = "import asyncio, sys; from cgraph_client.terminal import chat; "
    program += "sys.exit(asyncio.run(chat(sys.argv[1], 'ada', 'correct horse', 'grace')))"
    arguments = [sys.executable, "-c", program, server.url]
    async with Terminal(arguments, environment=os.environ) as terminal:
        await terminal.sees("grace>")
        terminal.type("hello from")
        await terminal.sees("hello from")
        terminal.enter(" a terminal")
        await terminal.sees("ada  hello from a terminal")
        terminal.enter("/edit")
        await terminal.sees("/edit hello from a terminal")
        terminal.enter(" window")
        await terminal.sees(r"hello from a terminal window \(edited\)")
        terminal.enter("/quit")
        assert await terminal.ends() == 0
    assert server.typed == [True, False]


def test_other_peoples_text_cannot_move_the_cursor_or_turn_the_line() -> None:
    assert harmless("a\x1b[2Jb\r\x9bc\u202ed") == "a�[2Jb��c�d"
    family = "\N{WOMAN}\u200d\N{GIRL}"
    assert harmless(f"{family}\nnext") == f"{family}\nnext"
    assert shortened("one\ntwo   three", width=9) == "one two …"


def test_further_lines_are_indented_so_nobody_fakes_anothers() -> None:
    quote = Quote("m1", "grace", "what?\nreally", deleted=False)
    message = Message("m2", "c", 12, "ada", "one\ntwo", datetime.now(UTC), quoted=quote)
    message = replace(message, reactions={"+1": 2, "!": 1}, my_reactions=("!",))
    shown = Paint(has_colours=False).message(message, name_of=str)
    quoted, first, second, reactions = shown.split("\n")
    assert quoted == " " * 13 + "> grace: what? really"
    assert first.startswith("  12 ") and first.endswith(" ada  one")
    assert second == " " * 13 + "two"
    assert reactions == " " * 13 + "+1 2  [! 1]"
