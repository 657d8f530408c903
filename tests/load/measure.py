"""Runs the system and the load generators, and collects their results."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Services
from tests.load.crowd import create_users
from tests.load.delivery import Delivery, Exchange
from tests.load.fan_out import FanOut, FanOutTimes
from tests.load.figures import Quantiles
from tests.load.generator import Load, Outcome
from tests.load.registry import Registry, RegistryMemory
from tests.load.routes import Population, Route
from tests.load.usage import busy_seconds, by_part, cpu_spent, processes
from tests.system import LocalSystem

RATE = 100


@dataclass(frozen=True, slots=True)
class Sizes:
    settle: float
    warm_up: float
    seconds: float
    connections: tuple[int, ...]
    people: int
    neighbours: int
    exchange_seconds: float
    listeners: int
    fan_outs: int
    missed: int
    behind: int
    syncs: int
    registered: int
    import_rounds: int
    posts: tuple[int, int]
    pages: int
    voting_seconds: float


FULL = Sizes(
    2.0, 1.0, 4.0, (1, 8, 32), 32, 10, 10.0, 1000, 20, 1000, 2000, 40, 10_000, 3,
    posts=(1000, 1_000_000), pages=200, voting_seconds=3.0,
)  # fmt: skip
QUICK = Sizes(
    0.1, 0.1, 0.3, (2,), 4, 2, 0.5, 20, 3, 30, 40, 2, 100, 1,
    posts=(100, 300), pages=3, voting_seconds=0.2,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Machine:
    cores: int
    memory_gb: float
    python: str
    system: str
    load_before: float


@dataclass(frozen=True, slots=True)
class Stage:
    """`function_cpu_ms`: the mean of an invocation. `cpu_ms`: of a request, by part, including the
    generator. `other_load`: the share of the machine that other processes used meanwhile.
    """

    route: str
    connections: int
    outcome: Outcome
    function_cpu_ms: float
    cpu_ms: dict[str, float]
    other_load: float


def machine() -> Machine:
    return Machine(
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 2**30, 1),
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        load_before=round(os.getloadavg()[0], 2),
    )


def start(folder: Path) -> tuple[LocalSystem, float]:
    """Returns the system, and the seconds until it was ready."""
    began = time.perf_counter()
    system = LocalSystem.start(folder, CGRAPH_RATE_LIMITS="off")
    return system, time.perf_counter() - began


async def at_rest(system: LocalSystem, *, sizes: Sizes) -> dict[str, tuple[int, float]]:
    """The number of processes and their memory in MB, by part, some time after the start."""
    await asyncio.sleep(sizes.settle)
    return by_part(processes(system, memory=True))


async def load(
    system: LocalSystem, population: Population, route: Route, *, connections: int, first: int,
    sizes: Sizes,
) -> Stage:  # fmt: skip
    requests = population.requests(route, connections=connections)
    config = Load(system.port, sizes.warm_up, sizes.seconds, first, requests)
    system.reset_statistics()
    before, busy_before, began = processes(system), busy_seconds(), time.perf_counter()
    document = await _in_process("generator", asdict(config))
    took, busy = time.perf_counter() - began, busy_seconds() - busy_before
    spent = cpu_spent(before, processes(system))
    document["latency_ms"] = Quantiles(**document["latency_ms"])
    outcome = Outcome(**document)
    # The generator's own figure excludes its warm-up; those of the other parts include it.
    spent["generator"] = outcome.cpu_seconds * took / outcome.seconds
    report = system.statistics()[route.function]
    each = {part: 1000 * seconds / report["invocations"] for part, seconds in spent.items()}
    other_load = max(0.0, busy - sum(spent.values())) / took / (os.cpu_count() or 1)
    return Stage(route.name, connections, outcome, report["cpu_ms"]["mean"], each, other_load)


async def exchange(system: LocalSystem, population: Population, *, sizes: Sizes) -> Delivery:
    sender, reader = population.people[:2]
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
    document = await _in_process("delivery", asdict(config))
    messages = round(config.rate * (config.warm_up + config.seconds))
    for part, seconds in cpu_spent(before, processes(system)).items():
        document["cpu_ms"][part] = 1000 * seconds / messages
    for name in ("received_ms", "acknowledged_ms"):
        document[name] = Quantiles(**document[name])
    return Delivery(**document)


async def fan_out(system: LocalSystem, *, sizes: Sizes) -> FanOutTimes:
    """To new users with one socket each. The first messages are a warm-up and do not count."""
    crowd = create_users(system, sizes.listeners)
    config = FanOut(
        port=system.port,
        tokens=[person.access_token for person in crowd],
        conversation_id=await crowd[0].start_conversation(*crowd[1:]),
        warm_up=3,
        messages=sizes.fan_outs,
    )
    document = await _in_process("fan_out", asdict(config))
    for name in ("after_response_ms", "after_request_ms", "response_ms", "last_ms"):
        document[name] = Quantiles(**document[name])
    return FanOutTimes(**document)


async def registry(folder: Path, *, sizes: Sizes) -> RegistryMemory:
    """In a separate Valkey."""
    home = Home(folder)
    services = Services(home, only=["valkey"])
    with home.lock():
        endpoints = await services.start(Progress(stream=None))
        try:
            config = Registry(
                endpoints.valkey_port, endpoints.credentials.password, sizes.registered
            )
            return RegistryMemory(**await _in_process("registry", asdict(config)))
        finally:
            await services.stop()


async def _in_process(module: str, config: object) -> Any:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.load.{module}",
        cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate(json.dumps(config).encode())
    if process.returncode != 0:
        raise RuntimeError(f"tests.load.{module} ended with {process.returncode}; see above")
    return json.loads(output)
