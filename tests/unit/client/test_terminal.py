from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from cgraph_client import Attachment, Client, Message, Preview, Quote
from cgraph_client.terminal import chat, connection_notice
from cgraph_client.terminal.commands.files import path_and_rest
from cgraph_client.terminal.formatting import Formatter, sanitize, truncate
from cgraph_client.terminal.screens.plain_screen import PlainScreen
from tests.terminal import Terminal
from tests.unit.client.fake_server.server import FakeServer


class ChatSession:
    """One user in `chat`, with pipes in place of a terminal."""

    def __init__(self, server: FakeServer, name: str, conversation: str | None = None) -> None:
        reading, writing = os.pipe()
        self._input = os.fdopen(writing, "w")
        self._source = os.fdopen(reading)
        self._output = io.StringIO()
        screen = PlainScreen(self._source, self._output)
        self._chat = asyncio.create_task(
            chat(server.url, name, "correct horse", conversation, screen=screen)
        )

    @property
    def output(self) -> str:
        return self._output.getvalue()

    def enter(self, *lines: str) -> None:
        self._input.write("".join(f"{line}\n" for line in lines))
        self._input.flush()

    async def wait_for(self, text: str, *, seconds: float = 5.0) -> None:
        try:
            async with asyncio.timeout(seconds):
                while text not in self.output:
                    await asyncio.sleep(0.01)
        except TimeoutError:
            pytest.fail(f"{text!r} is not in:\n{self.output}")

    async def finish(self) -> int:
        self._input.close()
        status = await self._chat
        self._source.close()
        return status


@pytest.fixture(autouse=True)
async def accounts(server: FakeServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    monkeypatch.setattr(connection_notice, "PATIENCE_SECONDS", 0.2)
    async with Client(server.url) as client:
        for name in ("ada", "grace", "linus"):
            await client.register(name, email=f"{name}@e.org", password="correct horse")
    yield


async def test_two_people_chat(server: FakeServer) -> None:
    ada, grace = ChatSession(server, "ada"), ChatSession(server, "grace")
    await ada.wait_for("No conversation yet")
    ada.enter("/new grace", "Hello, Grace!")
    await grace.wait_for("(ada: a new conversation)")
    await grace.wait_for("(ada: Hello, Grace!)")
    grace.enter("/open ada", "Hello yourself", "//shrug")
    await ada.wait_for("grace  Hello yourself")
    await ada.wait_for("grace  /shrug")
    await grace.wait_for("ada  Hello, Grace!")
    assert await ada.finish() == await grace.finish() == 0
    assert ada.output.count("ada  Hello, Grace!") == 1
    (conversation_id,) = server.state.conversations
    assert server.state.read[server.state.user_by_name("ada")["id"], conversation_id] == 3


async def test_every_line_of_a_script_is_sent_before_the_chat_ends(server: FakeServer) -> None:
    session = ChatSession(server, "ada", conversation="grace")
    session.enter(*(f"line {n}" for n in range(30)))
    assert await session.finish() == 0
    (conversation,) = server.state.conversations
    assert [m["content"] for m in server.state.history(conversation)] == [
        f"line {n}" for n in range(30)
    ]
    assert "ada  line 29" in session.output


async def test_a_message_typed_while_the_server_is_down_arrives_later(server: FakeServer) -> None:
    session = ChatSession(server, "ada", conversation="grace")
    await session.wait_for("— grace —")
    await server.stop()
    await session.wait_for("— reconnecting…")
    session.enter("are you there?")
    await session.wait_for("… are you there?")
    await server.start()
    await session.wait_for("— connected —", seconds=10)
    await session.wait_for("ada  are you there?")
    assert await session.finish() == 0


async def test_the_list_has_numbers_and_unread_counts(
    server: FakeServer,
) -> None:
    ada, grace = ChatSession(server, "ada"), ChatSession(server, "grace")
    await ada.wait_for("No conversation yet")
    await grace.wait_for("No conversation yet")
    grace.enter("/new ada linus", "to both", "/new ada", "to you")
    await ada.wait_for("(grace: to you)")
    ada.enter("/list")
    await ada.wait_for("  1  grace                     1 unread")
    await ada.wait_for("  2  ")
    ada.enter("/open 2")
    await ada.wait_for("grace  to both")
    ada.enter("/open 9", "/open nobody", "/dance", "/history 1", "/help")
    await ada.wait_for("Which one?")
    await ada.wait_for("(not_found)")
    await ada.wait_for("/dance is not a command")
    await ada.wait_for("begins one, with several")
    assert await ada.finish() == await grace.finish() == 0


async def test_a_removed_member_sees_it_and_can_send_no_more(server: FakeServer) -> None:
    session = ChatSession(server, "ada", conversation="grace")
    await session.wait_for("— grace —")
    (conversation,) = server.state.conversations
    server.actions.remove_member(conversation, "ada")
    await session.wait_for("you are no longer in this conversation")
    session.enter("hello?")
    await session.wait_for("No conversation is open")
    assert await session.finish() == 0


async def test_a_refused_message_is_shown_as_not_sent(server: FakeServer) -> None:
    session = ChatSession(server, "ada", conversation="grace")
    session.enter("x" * 4_001, "fine")
    await session.wait_for("Not sent: content_too_long")
    await session.wait_for("ada  fine")
    assert await session.finish() == 0


async def test_a_wrong_password_and_a_missing_server_end_with_a_message(
    server: FakeServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await chat(server.url, "ada", "wrong") == 1
    assert "The name or the password is wrong. (wrong_password)" in capsys.readouterr().err
    assert await chat("http://127.0.0.1:9", "ada", "wrong") == 1
    assert "Is it running? `make run` starts it." in capsys.readouterr().err


async def test_a_terminal_has_a_prompt(server: FakeServer) -> None:
    program = "import asyncio, sys; from cgraph_client.terminal import chat; "
    program += "sys.exit(asyncio.run(chat(sys.argv[1], 'ada', 'correct horse', 'grace')))"
    arguments = [sys.executable, "-c", program, server.url]
    async with Terminal(arguments, environment=os.environ) as terminal:
        await terminal.wait_for("grace>")
        terminal.type("hello from")
        await terminal.wait_for("hello from")
        terminal.enter(" a terminal")
        await terminal.wait_for("ada  hello from a terminal")
        terminal.enter("/edit")
        await terminal.wait_for("/edit hello from a terminal")
        terminal.enter(" window")
        await terminal.wait_for(r"hello from a terminal window \(edited\)")
        terminal.enter("/quit")
        assert await terminal.wait_for_exit() == 0
    assert server.typing == [True, False]


def test_text_of_others_cannot_move_the_cursor_or_change_the_direction() -> None:
    assert sanitize("a\x1b[2Jb\r\x9bc\u202ed") == "a�[2Jb��c�d"
    family = "\N{WOMAN}\u200d\N{GIRL}"
    assert sanitize(f"{family}\nnext") == f"{family}\nnext"
    assert truncate("one\ntwo   three", width=9) == "one two …"
    assert truncate(f"x{family}y", width=4) == "x…"


def test_further_lines_are_indented_so_that_they_cannot_imitate_a_message() -> None:
    quote = Quote("m1", 11, "grace", "what?\nreally", deleted=False)
    message = Message("m2", "c", 12, "ada", "one\ntwo", datetime.now(UTC), quoted=quote)
    message = replace(message, reactions={"+1": 2, "!": 1}, my_reactions=("!",))
    shown = Formatter(has_colours=False).message(message, username_of=str)
    quoted, first, second, reactions = shown.split("\n")
    assert quoted == " " * 13 + "> grace: what? really"
    assert first.startswith("  12 ") and first.endswith(" ada  one")
    assert second == " " * 13 + "two"
    assert reactions == " " * 13 + "+1 2  [! 1]"


HOSTILE_NAME = "tea\x1b[2J\n9999 12:00 grace  I agree\u202egnp.exe"


def test_files_are_lines_of_their_own_and_their_names_are_no_commands() -> None:
    attachment = Attachment(
        "1", "image", HOSTILE_NAME, size=1_234_567, width=800, height=600, spoiler=True, alt="a\nb"
    )
    message = Message(
        "m1",
        "c",
        12,
        "ada",
        "look",
        datetime.now(UTC),
        attachments=(attachment, replace(attachment, id="2")),
    )
    text = Formatter(has_colours=False).message(message, username_of=lambda _: "ada")
    lines = text.split("\n")
    assert len(lines) == 3
    assert lines[1].lstrip().startswith("[1] tea�[2J 9999")
    assert lines[1].endswith("(image, 800 × 600, 1.2 MB, spoiler) a b")
    assert "\x1b" not in text and "\u202e" not in text


PICTURE = {"id": "p1", "path": "public/p1/picture.webp", "thumbnails": []}
PREVIEWS: list[dict[str, Any]] = [
    {"url": "https://a.example/", "title": "Tea\x1b[2J\n9999", "site": "A", "picture": PICTURE},
    {"url": "https://b.example/", "title": "Coffee", "site": "b.example", "picture": None},
]


def test_previews_are_lines_after_the_files_with_their_title_and_site() -> None:
    message = Message(
        "m1",
        "c",
        12,
        "ada",
        "look",
        datetime.now(UTC),
        attachments=(Attachment("1", "image", "a.png"),),
        previews=tuple(Preview.from_json(each) for each in PREVIEWS),
    )
    text = Formatter(has_colours=False).message(message, username_of=lambda _: "ada")
    assert [line.lstrip() for line in text.split("\n")[2:]] == [
        "[2] Tea�[2J 9999 (A, picture)",
        "[3] Coffee (b.example)",
    ]


async def test_the_picture_of_a_preview_is_shown_from_our_server(
    server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def open_browser(url: str) -> bool:
        shown.append(url)
        return True

    monkeypatch.setattr("webbrowser.open", open_browser)
    sender = ChatSession(server, "ada", conversation="grace")
    sender.enter("look")
    assert await sender.finish() == 0
    (message,) = server.state.messages.values()
    message["previews"] = PREVIEWS
    session = ChatSession(server, "grace", conversation="ada")
    await session.wait_for("[2] Coffee (b.example)")
    session.enter(*(f"{command} {message['seq']}" for command in ("/view", "/save")))
    session.enter(f"/view {message['seq']}.2")
    await session.wait_for("The message has no files.")
    await session.wait_for("The preview has no picture.")
    assert await session.finish() == 0
    assert shown == ["https://media.example/public/p1/picture.webp"]


@pytest.mark.parametrize(
    ("typed", "path", "rest"),
    [
        ("tea.png", "tea.png", ""),
        ("tea.png  it's hot", "tea.png", "it's hot"),
        ('"my tea.png" "quoted"', "my tea.png", '"quoted"'),
        ("my\\ tea.png hot", "my tea.png", "hot"),
        ("#1.png no comment", "#1.png", "no comment"),
    ],
)
def test_a_path_with_spaces_is_quoted(typed: str, path: str, rest: str) -> None:
    assert path_and_rest(typed) == (Path(path), rest)
