"""The home: one run at a time, and what the next one learns of the last."""

import os
from pathlib import Path

import pytest

from cgraph_local.core.home import Home, HomeUnavailable


def test_a_second_run_is_told_who_holds_the_home(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with home.lock():
        home.write_run({"port": 8123})
        with (
            pytest.raises(HomeUnavailable, match=rf"process {os.getpid()}, on port 8123"),
            Home(tmp_path).lock(),
        ):
            pass
    with Home(tmp_path).lock():
        pass


def test_what_runs_is_known_while_it_runs(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.running() is None
    with home.lock():
        home.write_run({"port": 8123})
        running = home.running()
        assert running is not None
        assert (running["pid"], running["port"]) == (os.getpid(), 8123)
    assert home.running() is None
    assert home.read_run() is None


def test_services_left_running_stay_written_down(tmp_path: Path) -> None:
    home = Home(tmp_path)
    services = {"postgres": {"pid": 1, "started": 1.0}}
    with home.lock():
        home.write_run({"services": services})
    assert home.read_run() == {"services": services}


def test_the_environment_chooses_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGRAPH_HOME", str(tmp_path / "mine"))
    assert Home.from_environment().path == tmp_path / "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_of_another_user_says_so(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with (
        pytest.raises(HomeUnavailable, match="another user"),
        Home(tmp_path / "closed" / "home").lock(),
    ):
        pass
