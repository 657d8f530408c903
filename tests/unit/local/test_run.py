"""`cgraph run` and the command line, as a person has them."""

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

from cgraph_local.home import CHECKOUT
from cgraph_local.services.ports import free_port

CGRAPH = Path(sys.executable).with_name("cgraph")


class Running:
    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.environment = {**os.environ, "CGRAPH_HOME": str(home), "CGRAPH_PORT": str(self.port)}
        self.output = home / "output.txt"
        home.mkdir(exist_ok=True)
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [CGRAPH, "run"], env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        until(lambda: "Ctrl-C stops everything" in self.text or self.process.poll() is not None)

    @property
    def text(self) -> str:
        return self.output.read_text()

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def cgraph(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [CGRAPH, *arguments],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )


def until(holds: Callable[[], bool], *, seconds: float = 40) -> None:
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.05)


def is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("home")
    home.chmod(0o711)
    running = Running(home)
    yield running
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        running.process.wait(30)


def test_it_is_ready_when_it_says_so(running: Running) -> None:
    assert running.process.poll() is None, running.text
    address = f"http://127.0.0.1:{running.port}"
    assert f"CGraph answers at {address}" in running.text
    with urllib.request.urlopen(f"{address}/health/ready") as response:
        assert json.loads(response.read())["status"] == "ready"


def test_an_event_with_placeholders_reaches_its_function(running: Running) -> None:
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
    done = running.cgraph("invoke", "ShowMe", "--event", "-", given=json.dumps(event))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["body"]["username"] == "ada"
    assert "ms billed" in done.stderr
    odd = running.cgraph("invoke", "ShowMe", "--event", "-", given='{"x": "{{nothing}}"}')
    assert (odd.returncode, "access_token" in odd.stderr) == (1, True)


def test_the_command_line_shows_what_runs(running: Running) -> None:
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


def test_a_second_one_says_who_is_there(running: Running, tmp_path: Path) -> None:
    same_home = running.cgraph("run")
    assert (same_home.returncode, "already runs" in same_home.stderr) == (1, True)
    other = {**running.environment, "CGRAPH_HOME": str(tmp_path / "other")}
    same_port = subprocess.run(
        [CGRAPH, "run"], env=other, capture_output=True, text=True, timeout=30, check=False
    )
    assert same_port.returncode == 1
    assert f"Port {running.port} of 127.0.0.1 is not free" in same_port.stderr
    nobody = subprocess.run(
        [CGRAPH, "functions"], env=other, capture_output=True, text=True, timeout=30, check=False
    )
    assert nobody.returncode == 1
    assert "make run" in nobody.stderr


def test_a_signal_stops_everything_and_a_changed_migration_is_told(running: Running) -> None:
    """While it runs and when it starts."""
    change = "UPDATE migrations SET digest = 'of another file' WHERE number = 1"
    assert running.cgraph("psql", "-c", change).returncode == 0
    told = [running.cgraph("migrate")]
    children = running.children()
    assert len(children) > 3
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert running.text.rstrip().endswith("stopped")
    assert all(is_gone(child) for child in children)
    told.append(running.cgraph("run"))
    for done in told:
        assert done.returncode == 1
        assert re.fullmatch(
            r"0001_events\.sql was changed after it was applied: restore .*, or start again with "
            rf"`rm -r {running.environment['CGRAPH_HOME']}`, which deletes all data .*\.\n",
            done.stderr,
        )


def test_the_command_starts_at_once() -> None:
    """In CPU time: a busy machine does not count."""
    began = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run([CGRAPH, "--help"], capture_output=True, check=True, cwd=CHECKOUT)
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - began < 1
