"""Starting, stopping and crashing of `cgraph run`, and the next start; two of them side by side."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from cgraph_local.core.process_identity import ProcessIdentity
from cgraph_local.services.ports import free_port
from tests.command import run_command
from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.prepared_home import start_prepared
from tests.system import LocalSystem

DEMO = {"login": "ada", "password": "correct horse battery"}


@pytest.mark.usefixtures("only_in_full")
async def test_no_data_is_lost_however_it_ends(tmp_path: Path, size: Size, report: Report) -> None:
    system = start_prepared(tmp_path / "home")
    person, conversation, history = await send_messages(system)
    for name, end in list(ENDS.items())[: size(2, 4)]:
        processes = system.processes()
        end(system)
        await system.close()
        began = time.monotonic()
        system = LocalSystem.start(system.home.path, port=system.port)
        report(f"Start after {name}", seconds=f"{time.monotonic() - began:.1f}")
        assert not [identity for identity in processes if identity.find() is not None]
        person = at(system, person)
        assert await person.history(conversation) == history
        history.append(await use_again(system, person, conversation))
    await system.close()
    system.stop()


def kill_the_command_alone(system: LocalSystem) -> None:
    """Its functions end without it; the next start ends its services."""
    left = system.processes()
    functions = [identity for identity in left if "fork_server" in command_of(identity)]
    assert functions
    system.process.kill()
    system.process.wait()
    limit = time.monotonic() + 10
    while any(identity.find() is not None for identity in functions):
        assert time.monotonic() < limit
        time.sleep(0.05)


def command_of(identity: ProcessIdentity) -> str:
    process = identity.find()
    return " ".join(process.cmdline()) if process else ""


def press_ctrl_c(system: LocalSystem) -> None:
    """In a terminal the whole group of processes gets the signal, not only the command."""
    os.killpg(system.process.pid, signal.SIGINT)
    assert system.process.wait(30) == 0
    assert not system.processes()


ENDS: dict[str, Callable[[LocalSystem], None]] = {
    "kill -9 of all of it": LocalSystem.kill,
    "kill -9 of the command alone": kill_the_command_alone,
    "Ctrl-C": press_ctrl_c,
    "SIGTERM": lambda system: system.stop(by=signal.SIGTERM),
}


@pytest.mark.usefixtures("only_in_full")
def test_a_start_after_interrupted_ones_succeeds(tmp_path: Path, size: Size) -> None:
    """Interrupted while they create the database."""
    home = tmp_path / "home"
    for by in (signal.SIGINT, signal.SIGKILL):
        for tenths in size((15,), range(5, 26, 2)):
            process = LocalSystem.launch(home)
            time.sleep(tenths / 10)
            started = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(by)
            assert process.wait(30) in (0, 130, -by)
            if by is signal.SIGINT:
                assert not [child for child in started if child.is_running()]
    system = LocalSystem.start(home)
    system.stop()


async def test_two_side_by_side_share_nothing(
    local: LocalSystem, rate_limited: LocalSystem
) -> None:
    here, there = await local.new_person(), await rate_limited.new_person()
    assert (await at(rate_limited, here).request("GET", "/me")).status_code == 401
    assert (await here.request("GET", f"/users/{there.username}")).status_code == 404
    ports = {system.endpoints for system in (local, rate_limited)}
    assert len(ports) == 2
    both = [{trace.pid for trace in system.processes()} for system in (local, rate_limited)]
    assert not both[0] & both[1]


def test_a_second_start_names_the_process_that_holds_the_home(local: LocalSystem) -> None:
    done = run_command(local.home.path, ["run"], port=free_port())
    assert done.returncode == 1
    assert f"process {local.process.pid}, on port {local.port}" in done.stdout
    assert "Traceback" not in done.stdout
    assert local.process.poll() is None


def test_a_start_names_the_port_that_is_taken_and_another_one(
    local: LocalSystem, tmp_path: Path
) -> None:
    done = run_command(tmp_path / "home", ["run"], port=local.port)
    assert done.returncode == 1
    assert f"Port {local.port}" in done.stdout
    assert f"CGRAPH_PORT={local.port + 1}" in done.stdout
    assert "Traceback" not in done.stdout


async def send_messages(system: LocalSystem) -> tuple[Person, str, list[Document]]:
    person, other = await system.new_person(), await system.new_person()
    conversation = await person.start_conversation(other, kind="direct")
    for number in range(20):
        response = await person.send_message(conversation, f"{number}", nonce=f"{number}")
        assert response.status_code == 201, response.text
    return person, conversation, await person.history(conversation)


async def use_again(system: LocalSystem, person: Person, conversation: str) -> Document:
    """Old nonces are known, a new message comes over a socket, and the demo users exist once."""
    again = await person.send_message(conversation, "7", nonce="7")
    assert again.status_code == 200
    socket = await person.open_socket()
    response = await person.send_message(conversation, "after the start")
    assert response.status_code == 201
    await socket.wait_until(lambda: bool(socket.events))
    await socket.close()
    assert [event["data"]["message"] for event in socket.events] == [response.json()]
    assert (await person.http.post("/auth/login", json=DEMO)).is_success
    assert system.count("SELECT count(*) FROM users WHERE username IN ('ada', 'grace')") == 2
    return dict(response.json())


def at(system: LocalSystem, person: Person) -> Person:
    """The same person, at another address."""
    return Person(
        system.new_http(), person.username, person.id, person.access_token, person.refresh_token
    )
