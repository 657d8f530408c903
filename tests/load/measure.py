"""Smaller measurements: memory, delivery between two sockets, and Valkey's memory for a socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace

from cgraph_local.commands.invoke import event_file
from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.placeholders import Placeholders
from cgraph_local.services import Services
from tests.load.delivery import Delivery, Exchange
from tests.load.registry import Registry, RegistryMemory
from tests.load.session import Session, start
from tests.load.subprocesses import run_module
from tests.load.usage import by_part, cpu_spent, processes
from tests.system import LocalSystem

RATE = 100
ENDING_SESSION = {"RefreshSession", "LogOut"}

Memory = dict[str, tuple[int, float]]
"""By part: the number of processes and their memory in MB."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """Seconds until the local cloud is ready, and its memory: some time after the start, and after
    each function has handled its sample event.
    """

    first_start: float
    second_start: float
    at_rest: Memory
    functions: int
    after_all: Memory


async def footprint(session: Session) -> Footprint:
    """Of a local cloud of its own."""
    home = session.folder / "footprint"
    session.progress.print("starting the local cloud on an empty home, then again")
    system, first = start(home)
    system.stop()
    system, second = start(home)
    try:
        at_rest = await _memory(system, session)
        session.progress.print("invoking each function with its sample event")
        functions = await asyncio.to_thread(_invoke_all, system)
        return Footprint(first, second, at_rest, functions, await _memory(system, session))
    finally:
        system.stop()


async def exchange(session: Session) -> Delivery:
    sizes, system = session.sizes, session.system
    session.progress.print(f"two sockets, {RATE} messages/s for {sizes.exchange_seconds:.0f} s")
    sender, reader = session.population.people[:2]
    tickets = [(await person.make_ticket())["url"] for person in (sender, reader)]
    config = Exchange(
        sender=tickets[0],
        reader=tickets[1],
        conversation_id=await sender.start_conversation(reader, kind="direct"),
        rate=RATE,
        warm_up=2 * sizes.warm_up,
        seconds=sizes.exchange_seconds,
    )
    before = processes(system)
    delivery = await run_module("delivery", config, Delivery)
    messages = round(config.rate * (config.warm_up + config.seconds))
    spent = cpu_spent(before, processes(system)).items()
    each = {part: 1000 * seconds / messages for part, seconds in spent}
    return replace(delivery, cpu_ms={**delivery.cpu_ms, **each})


async def registry(session: Session) -> RegistryMemory:
    """In a separate Valkey."""
    session.progress.print(f"{session.sizes.registered} sockets in a separate Valkey")
    home = Home(session.folder / "registry")
    services = Services(home, only=["valkey"])
    with home.lock():
        endpoints = await services.start(Progress(stream=None))
        try:
            config = Registry(
                endpoints.valkey_port, endpoints.credentials.password, session.sizes.registered
            )
            return await run_module("registry", config, RegistryMemory)
        finally:
            await services.stop()


async def _memory(system: LocalSystem, session: Session) -> Memory:
    await asyncio.sleep(session.sizes.settle)
    return by_part(processes(system, memory=True))


def _invoke_all(system: LocalSystem) -> int:
    """Returns the number of functions. Those that end the session of the others come last."""
    cloud = RunningCloud(system.home)
    functions = sorted(system.statistics(), key=lambda name: (name in ENDING_SESSION, name))
    for function in functions:
        placeholders = Placeholders(cloud)
        try:
            event = json.loads(placeholders.fill(event_file(function).read_text()))
            invocation = cloud.request("POST", f"/_local/invoke/{function}", event)
        finally:
            placeholders.close()
        assert invocation["error"] is None, f"{function}: {invocation}"
    return len(functions)
