"""The home: its lock, and the state of the running local cloud."""

import os
from pathlib import Path

import pytest

from cgraph_local.core.home import Home, HomeUnavailable


def test_a_second_run_is_refused_with_the_pid_and_port_of_the_first(tmp_path: Path) -> None:
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


def test_the_state_is_available_while_the_run_holds_the_lock(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.running() is None
    with home.lock():
        home.write_run({"port": 8123})
        running = home.running()
        assert running is not None
        assert (running["pid"], running["port"]) == (os.getpid(), 8123)
    assert home.running() is None
    assert home.read_run() is None


def test_services_that_still_run_stay_in_the_state(tmp_path: Path) -> None:
    home = Home(tmp_path)
    services = {"postgres": {"pid": 1, "started": 1.0}}
    with home.lock():
        home.write_run({"services": services})
    assert home.read_run() == {"services": services}


def test_the_environment_variable_sets_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CGRAPH_HOME", str(tmp_path / "mine"))
    assert Home.from_environment().path == tmp_path / "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_of_another_user_is_refused_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with (
        pytest.raises(HomeUnavailable, match="another user"),
        Home(tmp_path / "closed" / "home").lock(),
    ):
        pass
