"""Starting, stopping, dying and coming back; two side by side."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from cgraph_local.core.process_identity import ProcessIdentity
from cgraph_local.services.ports import free_port
from tests.command import run_command
from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.system import LocalSystem

DEMO = {"login": "ada", "password": "correct horse battery"}


async def test_each_end_leaves_what_the_next_start_goes_on_from(
    tmp_path: Path, size: Size, report: Report
) -> None:
    system = LocalSystem.start(tmp_path / "home")
    person, conversation, said = await say_something(system)
    for name, end in list(ENDS.items())[: size(2, 4)]:
        left = system.processes()
        end(system)
        await system.close()
        began = time.monotonic()
        system = LocalSystem.start(system.home.path, port=system.port)
        report(f"Start after {name}", seconds=f"{time.monotonic() - began:.1f}")
        assert not [trace for trace in left if trace.find() is not None]
        person = on(system, person)
        assert await person.history(conversation) == said
        said.append(await go_on(system, person, conversation))
    await system.close()
    system.stop()


def kill_the_command_alone(system: LocalSystem) -> None:
    """Its functions are left without it and end; the next start ends its services."""
    left = system.processes()
    functions = [trace for trace in left if "fork_server" in command_of(trace)]
    assert functions
    system.process.kill()
    system.process.wait()
    limit = time.monotonic() + 10
    while any(trace.find() is not None for trace in functions):
        assert time.monotonic() < limit
        time.sleep(0.05)


def command_of(trace: ProcessIdentity) -> str:
    process = trace.find()
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


def test_an_interrupted_first_start_leaves_nothing_in_the_way(tmp_path: Path, size: Size) -> None:
    """As a person does who changes their mind; the times are those of making a database."""
    home = tmp_path / "home"
    for by in (signal.SIGINT, signal.SIGKILL):
        for tenths in range(5, 26, size(12, 2)):
            process = LocalSystem.launch(home)
            time.sleep(tenths / 10)
            started = psutil.Process(process.pid).children(recursive=True)
            process.send_signal(by)
            assert process.wait(30) in (0, 130, -by)
            if by is signal.SIGINT:
                assert not [child for child in started if child.is_running()]
    system = LocalSystem.start(home)
    system.stop()


async def test_two_side_by_side_know_nothing_of_each_other(
    local: LocalSystem, limited: LocalSystem
) -> None:
    here, there = await local.new_person(), await limited.new_person()
    assert (await on(limited, here).ask("GET", "/me")).status_code == 401
    assert (await here.ask("GET", f"/users/{there.username}")).status_code == 404
    ports = {system.endpoints for system in (local, limited)}
    assert len(ports) == 2
    both = [{trace.pid for trace in system.processes()} for system in (local, limited)]
    assert not both[0] & both[1]


def test_a_second_start_says_who_holds_the_home(local: LocalSystem) -> None:
    done = run_command(local.home.path, ["run"], port=free_port())
    assert done.returncode == 1
    assert f"process {local.process.pid}, on port {local.port}" in done.stdout
    assert "Traceback" not in done.stdout
    assert local.process.poll() is None


def test_a_port_that_is_taken_is_named_with_its_holder(local: LocalSystem, tmp_path: Path) -> None:
    done = run_command(tmp_path / "home", ["run"], port=local.port)
    assert done.returncode == 1
    assert f"Port {local.port}" in done.stdout
    assert f"CGRAPH_PORT={local.port + 1}" in done.stdout
    assert "Traceback" not in done.stdout


async def say_something(system: LocalSystem) -> tuple[Person, str, list[Document]]:
    person, other = await system.new_person(), await system.new_person()
    conversation = await person.start(other, kind="direct")
    for number in range(20):
        answer = await person.send(conversation, f"{number}", nonce=f"{number}")
        assert answer.status_code == 201, answer.text
    return person, conversation, await person.history(conversation)


async def go_on(system: LocalSystem, person: Person, conversation: str) -> Document:
    """Old nonces are known, a new message comes over a socket, the demo people are there once."""
    again = await person.send(conversation, "7", nonce="7")
    assert again.status_code == 200
    socket = await person.open_socket()
    answer = await person.send(conversation, "and on it goes")
    assert answer.status_code == 201
    await socket.until(lambda: bool(socket.events))
    await socket.close()
    assert [event["data"]["message"] for event in socket.events] == [answer.json()]
    assert (await person.http.post("/auth/login", json=DEMO)).is_success
    assert system.count("SELECT count(*) FROM users WHERE username IN ('ada', 'grace')") == 2
    return dict(answer.json())


def on(system: LocalSystem, person: Person) -> Person:
    """The same person, at that system."""
    return Person(
        system.new_http(), person.username, person.id, person.access_token, person.refresh_token
    )
