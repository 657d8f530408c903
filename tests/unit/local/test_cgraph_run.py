"""`cgraph run` and the commands on it."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cgraph_local.core.home import CHECKOUT
from cgraph_local.services.ports import free_port
from tests.prepared_home import copy_home

CGRAPH = Path(sys.executable).with_name("cgraph")


class RunningCommand:
    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.environment = {**os.environ, "CGRAPH_HOME": str(home), "CGRAPH_PORT": str(self.port)}
        self.output = home / "output.txt"
        home.mkdir(exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [CGRAPH, "run"], env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        wait_until(
            lambda: "Ctrl-C stops everything" in self.text or self.process.poll() is not None
        )

    @property
    def text(self) -> str:
        return self.output.read_text()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def cgraph(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CGRAPH, *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCommand]:
    folder = tmp_path_factory.mktemp("running")
    folder.chmod(0o711)
    home = folder / "home"
    copy_home(home)  # what a first start does is seen in tests/e2e/test_lifecycle.py
    running = RunningCommand(home)
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        running.process.wait(30)


def test_the_system_is_ready_when_its_address_is_printed(running: RunningCommand) -> None:
    assert running.process.poll() is None, running.text
    address = f"http://127.0.0.1:{running.port}"
    assert f"CGraph answers at {address}" in running.text
    with urllib.request.urlopen(f"{address}/health/ready") as response:
        assert json.loads(response.read())["status"] == "ready"


def test_invoke_fills_placeholders_and_refuses_unknown_ones(running: RunningCommand) -> None:
    event = {
        "version": "2.0",
        "routeKey": "GET /me",
        "rawPath": "/me",
        "rawQueryString": "",
        "headers": {"authorization": "Bearer {{access_token}}"},
        "requestContext": {
            "http": {"method": "GET", "path": "/me", "sourceIp": "127.0.0.1"},
            "requestId": "{{unique}}",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    done = running.cgraph("invoke", "ShowMe", "--event", "-", stdin=json.dumps(event))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["body"]["username"] == "ada"
    assert "ms billed" in done.stderr
    unknown = running.cgraph("invoke", "ShowMe", "--event", "-", stdin='{"x": "{{nothing}}"}')
    assert (unknown.returncode, "access_token" in unknown.stderr) == (1, True)


def test_the_commands_show_the_running_system(running: RunningCommand) -> None:
    functions = running.cgraph("functions").stdout
    assert any(line.startswith("CheckReadiness") for line in functions.splitlines())
    routes = running.cgraph("routes").stdout
    assert "api.messages.send_message.handler" in routes
    assert "(of PushQueue): 0" in running.cgraph("dlq", "list").stdout
    assert running.cgraph("dlq", "list", "nothing").returncode == 1
    assert running.cgraph("migrate").stdout == "nothing new\n"
    count = running.cgraph("psql", "-c", "SELECT count(*) AS people FROM users")
    assert "people" in count.stdout
    assert running.cgraph("logs", "ShowMe", "--nonsense").returncode == 2


def test_a_second_run_on_the_same_home_or_port_is_refused(
    running: RunningCommand, tmp_path: Path
) -> None:
    same_home = running.cgraph("run")
    assert (same_home.returncode, "already runs" in same_home.stderr) == (1, True)
    other = {**running.environment, "CGRAPH_HOME": str(tmp_path / "other")}
    same_port = subprocess.run(
        [CGRAPH, "run"], env=other, capture_output=True, text=True, timeout=30, check=False
    )
    assert same_port.returncode == 1
    assert f"Port {running.port} of 127.0.0.1 is not free" in same_port.stderr
    not_running = subprocess.run(
        [CGRAPH, "functions"], env=other, capture_output=True, text=True, timeout=30, check=False
    )
    assert not_running.returncode == 1
    assert "make run" in not_running.stderr


def test_sigterm_stops_everything_and_a_changed_migration_is_reported(
    running: RunningCommand,
) -> None:
    """Both by `cgraph migrate` and by the next `cgraph run`."""
    change = "UPDATE migrations SET digest = 'of another file' WHERE number = 1"
    assert running.cgraph("psql", "-c", change).returncode == 0
    refused = [running.cgraph("migrate")]
    children = running.children()
    assert len(children) > 3
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert running.text.rstrip().endswith("stopped")
    assert all(has_ended(child) for child in children)
    refused.append(running.cgraph("run"))
    for done in refused:
        assert done.returncode == 1
        assert re.fullmatch(
            r"0001_events\.sql was changed after it was applied: restore .*, or start again with "
            rf"`rm -r {running.environment['CGRAPH_HOME']}`, which deletes all data .*\.\n",
            done.stderr,
        )


def test_the_command_starts_quickly() -> None:
    """Measured in CPU time, so that a busy machine does not matter."""
    started_at = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([CGRAPH, "--help"], capture_output=True, check=True, cwd=CHECKOUT)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - started_at < 1
