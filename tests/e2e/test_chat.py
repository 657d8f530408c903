"""`cgraph chat`, by hand and by script."""

from __future__ import annotations

from tests.command import run_command
from tests.system import LocalSystem


async def test_two_people_chat(local: LocalSystem) -> None:
    async with (
        local.command("chat", "grace", "ada") as grace,
        local.command("chat", "ada", "grace") as ada,
    ):
        await grace.until("ada")
        await ada.until("grace")
        await ada.type("Is this thing on?")
        await grace.until("Is this thing on?")
        await grace.type("It is. Ünïcode 🦊 too.")
        await ada.until("Ünïcode 🦊")
        await ada.type("/nonsense")
        await ada.until("/help")
        await ada.type("/quit")
        await grace.end_input()
        assert await ada.finish() == await grace.finish() == 0
        for said in (ada.said, grace.said):
            assert said.index("Is this thing on?") < said.index("Ünïcode 🦊")
            assert "Traceback" not in said


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
