"""The smoke test takes the same two users again, as long as they are there."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.smoke.accounts import FILE, people
from tests.system import System


async def names(system: System) -> list[str]:
    return [person.username for person in await people(system.url, system.new_http())]


async def test_the_users_of_the_first_run_log_in_and_one_who_is_gone_is_replaced(
    system: System, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "build" / "accounts.json"
    monkeypatch.setenv(FILE, str(file))
    first = await names(system)
    assert await names(system) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    kept = json.loads(file.read_text())
    kept[system.url][1]["username"] = "nobody-at-all"
    file.write_text(json.dumps({**kept, "https://other.example": []}))
    second = await names(system)
    assert (second[0], second[1] in first) == (first[0], False)
    assert await names(system) == second
    assert json.loads(file.read_text()).keys() == {system.url, "https://other.example"}


async def test_without_a_file_they_are_new_ones(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FILE, raising=False)
    assert set(await names(system)).isdisjoint(await names(system))
