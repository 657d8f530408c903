"""`cgraph chat` in terminals and in a script."""

from __future__ import annotations

import re
import time
from uuid import uuid4

from tests.command import CGRAPH, command_environment, run_command
from tests.system import LocalSystem
from tests.terminal import Terminal


def open_terminal(local: LocalSystem, *arguments: str) -> Terminal:
    environment = command_environment(local.home.path, port=local.port)
    return Terminal([str(CGRAPH), *arguments], environment=environment)


async def test_two_people_chat_in_terminals_and_notice_no_cut_of_their_sockets(
    local: LocalSystem,
) -> None:
    content = f"Is this thing on, {uuid4().hex[:6]}?"
    async with open_terminal(local, "chat", "grace", "ada") as grace:
        await grace.wait_for("ada>")
        async with open_terminal(local, "chat", "ada", "grace") as ada:
            await ada.wait_for("re: grace")  # of "here: …", which may be drawn over other text
            await chat(local, ada=ada, grace=grace, content=content)
            for terminal in (ada, grace):
                terminal.enter("/quit")
                assert await terminal.wait_for_exit() == 0
                assert "reconnecting" not in terminal.output
                assert "Traceback" not in terminal.output


async def chat(local: LocalSystem, *, ada: Terminal, grace: Terminal, content: str) -> None:
    ada.type(content[:10])
    await grace.wait_for("ada is typing…")
    length = len(ada.output)
    ada.enter(content[10:])
    number = (await grace.wait_for(rf"(\d+) \d\d:\d\d ada  {re.escape(content)}"))[1]
    await ada.wait_for("seen", after=length)
    grace.enter(f"/react {number} fox_face")
    await ada.wait_for(rf"{number} 🦊 1")
    ada.enter(f"/edit {content} Ünïcode?")
    await grace.wait_for(rf"{re.escape(content)} Ünïcode\? \(edited\)")
    local.set_faults(sockets={"cut": 1.0})
    grace.enter(f"/reply {number} It is.")
    await ada.wait_for(rf"> ada: {re.escape(content)} Ünïcode\?")
    await ada.wait_for("grace  It is.")
    ada.enter("/nonsense")
    await ada.wait_for("/help")


def test_every_line_of_a_script_has_arrived_when_the_chat_ends(local: LocalSystem) -> None:
    lines = [f"line {number} of a script" for number in range(20)]
    local.cgraph("chat", "ada", "grace", stdin="\n".join(lines))
    rows = local.query("SELECT content FROM messages WHERE content LIKE 'line % of a script'")
    assert sorted(row[0] for row in rows) == sorted(lines)
    output = local.cgraph("chat", "grace", "ada", stdin="/history 20\n")
    assert [line for line in lines if line not in output] == []


def test_an_unknown_username_is_refused_with_a_message(local: LocalSystem) -> None:
    done = run_command(
        local.home.path,
        ["chat", "nobody"],
        port=local.port,
        stdin="x\n",
        CGRAPH_PASSWORD="wrong horse",
    )
    assert done.returncode == 1
    assert "invalid_credentials" in done.stdout


def test_notes_show_replies_reactions_and_earlier_versions(local: LocalSystem) -> None:
    written = ["/notes", "tea", "/edit green tea", "/react 1 🍵", "/reply 1 with milk"]
    local.cgraph("chat", "grace", stdin="\n".join(written))
    asked = ["/versions 1", "/reactions 1", "/replies 1", "/around 1", "/unread", "/list unread"]
    output = local.cgraph("chat", "grace", stdin="\n".join(["/notes", *asked]))
    assert re.search(r"until [\d :-]+ +tea\n", output)
    assert "🍵  grace" in output
    assert len(re.findall(r"grace  with milk", output)) >= 3  # in the notes, and in two lists
    assert "marked as unread, and closed" in output
    assert re.search(r"1  grace +marked unread", output)
    assert "Traceback" not in output
    local.cgraph("chat", "grace", stdin="/notes\n")
    output = local.cgraph("chat", "grace", stdin="/list unread\n")
    assert "No conversation is unread." in output


def test_search_finds_what_was_written(local: LocalSystem) -> None:
    word = f"w{uuid4().hex[:10]}"
    local.cgraph("chat", "grace", stdin=f"/notes\nabout the {word}\n")
    deadline = time.monotonic() + 20
    output = ""
    while "grace: about the" not in output:
        assert time.monotonic() < deadline, output
        output = local.cgraph("chat", "grace", stdin=f"/search {word}\n")
    assert f"message grace: about the {word}" in output
    output = local.cgraph("chat", "ada", stdin=f"/search {word}\n/search\n/search has:nothing\n")
    assert "Nothing was found." in output
    assert "What do you look for?" in output
    assert "invalid_search_filter" in output
    assert "Traceback" not in output
