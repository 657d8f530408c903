"""Measures the usage of each user action on a running local cloud and writes measured.toml.

An action is repeated many times, and all counters are read before and after.
"""

import asyncio
import os
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from cgraph_local.core.home import Home
from cgraph_local.cost.counters import Counters, processor
from cgraph_local.cost.user_actions import ActionCall, UserActions
from cgraph_local.cost.virtual_users import VirtualUser, wait_until_idle

USERS = 10
REPETITIONS = 300
WARM_UP_REPETITIONS = 30
BACKGROUND_BYTES = 128
"""Less WAL than this for an action that is repeated is not of the action, which writes nothing."""


def measure(home: Home, *, into: Path, print_line: Callable[[str], None]) -> None:
    """Raises NotRunning."""
    counters = Counters(home)
    try:
        tables = asyncio.run(_measure(counters, print_line))
    finally:
        counters.close()
    into.write_text("\n".join(_toml(tables)))
    print_line(f"written: {into}")


async def _measure(counters: Counters, print_line: Callable[[str], None]) -> dict[str, Any]:
    """The tables of measured.toml, by name."""
    async with httpx.AsyncClient(base_url=counters.cloud.address, timeout=30.0) as http:
        print_line(f"registering {USERS} users and opening their sockets")
        before = counters.cache_bytes()
        users = [await VirtualUser.register(http) for _ in range(USERS)]
        for user in users:
            await user.open_socket()
        per_user = (counters.cache_bytes() - before) / USERS
        actions = await UserActions.set_up(users)
        tables: dict[str, Any] = {"machine": _machine(), "person": {"cache_bytes": per_user}}
        for name, call in actions.calls().items():
            tables[f"action.{name}"] = await _measure_action(counters, users, call)
            print_line(f"{name}: {tables[f'action.{name}']}")
        for user in users:
            await user.close_socket()
    return tables


async def _measure_action(
    counters: Counters, users: list[VirtualUser], call: ActionCall
) -> dict[str, Any]:
    await _repeat(call, WARM_UP_REPETITIONS)
    await wait_until_idle(users)
    counters.clear_function_statistics()
    log_sizes, before = counters.log_sizes(), counters.read()
    frames_before, bytes_before = _pushed_frames(users)
    response_bytes = await _repeat(call, REPETITIONS)
    await wait_until_idle(users)
    differences = counters.read().since(before)
    frames_after, bytes_after = _pushed_frames(users)
    frames = frames_after - frames_before
    if differences["log_written_bytes"] < BACKGROUND_BYTES * REPETITIONS:
        differences["log_written_bytes"] = 0.0
    return {
        "answer_bytes": round(response_bytes / REPETITIONS),
        **{name: round(value / REPETITIONS, 2) for name, value in differences.items()},
        "pushed_frames": round(frames / REPETITIONS, 2),
        "pushed_frame_bytes": round((bytes_after - bytes_before) / frames) if frames else 0,
        "functions": dict(_functions(counters, log_sizes)),
    }


def _functions(counters: Counters, log_sizes: dict[str, int]) -> Iterator[tuple[str, Any]]:
    for name, statistics in sorted(counters.function_statistics().items()):
        if not statistics["invocations"]:
            continue
        log_bytes = counters.billed_log_bytes(name, after=log_sizes.get(name, 0))
        yield (
            name,
            {
                "invocations": round(statistics["invocations"] / REPETITIONS, 3),
                "cpu_ms": statistics["cpu_ms"].get("mean", 0.0),
                "duration_ms": statistics["duration_ms"].get("p50", 0.0),
                "log_bytes": round(log_bytes / statistics["invocations"]),
            },
        )


async def _repeat(call: ActionCall, times: int) -> int:
    """Returns the bytes of all responses."""
    return sum([await call() for _ in range(times)])


def _pushed_frames(users: list[VirtualUser]) -> tuple[int, int]:
    """The number of pushed frames and their bytes."""
    sizes = [size for user in users for size in user.pushed_frame_sizes]
    return len(sizes), sum(sizes)


def _machine() -> dict[str, Any]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": processor(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "times": REPETITIONS,
        "load": round(os.getloadavg()[0], 1),
    }


def _toml(tables: dict[str, Any]) -> Iterator[str]:
    yield "# Made by `cgraph cost --measure`. Figures are per action, of functions per invocation."
    for name, table in tables.items():
        yield f"\n[{name}]"
        for key, value in table.items():
            if key != "functions":
                yield f"{key} = {_value(value)}"
        for function, figures in table.get("functions", {}).items():
            yield f"functions.{function} = {_value(figures)}"
    yield ""


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(round(value, 3))
