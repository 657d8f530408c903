"""`cgraph chat`, by hand and by script."""

from __future__ import annotations

import re
from uuid import uuid4

from tests.command import CGRAPH, command_environment, run_command
from tests.system import LocalSystem
from tests.terminal import Terminal


def at_terminal(local: LocalSystem, *arguments: str) -> Terminal:
    environment = command_environment(local.home.path, port=local.port)
    return Terminal([str(CGRAPH), *arguments], environment=environment)


async def test_two_people_talk_at_terminals_and_a_cut_leaves_no_seam(local: LocalSystem) -> None:
    said = f"Is this thing on, {uuid4().hex[:6]}?"
    async with at_terminal(local, "chat", "grace", "ada") as grace:
        await grace.sees("ada>")
        async with at_terminal(local, "chat", "ada", "grace") as ada:
            await ada.sees("re: grace")  # “here: …”, maybe drawn over something else
            await talk(local, ada=ada, grace=grace, said=said)
            for terminal in (ada, grace):
                terminal.enter("/quit")
                assert await terminal.ends() == 0
                assert "reconnecting" not in terminal.seen and "Traceback" not in terminal.seen


async def talk(local: LocalSystem, *, ada: Terminal, grace: Terminal, said: str) -> None:
    ada.type(said[:10])
    await grace.sees("ada is typing…")
    seen = len(ada.seen)
    ada.enter(said[10:])
    number = (await grace.sees(rf"(\d+) \d\d:\d\d ada  {re.escape(said)}"))[1]
    await ada.sees("seen", after=seen)
    grace.enter(f"/react {number} 🦊")
    await ada.sees(rf"{number} 🦊 1")
    ada.enter(f"/edit {said} Ünïcode?")
    await grace.sees(rf"{re.escape(said)} Ünïcode\? \(edited\)")
    local.set_faults(sockets={"cut": 1.0})
    grace.enter(f"/reply {number} It is.")
    await ada.sees(rf"> ada: {re.escape(said)} Ünïcode\?")
    await ada.sees("grace  It is.")
    ada.enter("/nonsense")
    await ada.sees("/help")


def test_what_was_said_in_one_go_has_arrived_when_it_ends(local: LocalSystem) -> None:
    lines = [f"line {number} of a script" for number in range(20)]
    local.cgraph("chat", "ada", "grace", typed="\n".join(lines))
    rows = local.query("SELECT content FROM messages WHERE content LIKE 'line % of a script'")
    assert sorted(row[0] for row in rows) == sorted(lines)
    shown = local.cgraph("chat", "grace", "ada", typed="/history 20\n")
    assert [line for line in lines if line not in shown] == []


def test_a_wrong_name_is_refused_in_words(local: LocalSystem) -> None:
    done = run_command(
        local.home.path,
        ["chat", "nobody"],
        port=local.port,
        typed="x\n",
        CGRAPH_PASSWORD="wrong horse",
    )
    assert done.returncode == 1
    assert "invalid_credentials" in done.stdout
