"""From a running local cloud to measured.toml: what each thing people do takes.

One action is done many times, one after the other, and every counter is read before and after.
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
from cgraph_local.cost.user_actions import Did, Scene
from cgraph_local.cost.virtual_users import Voice, until_quiet

PEOPLE = 10
TIMES = 300
WARM_UP = 30


def measure(home: Home, *, into: Path, print_line: Callable[[str], None]) -> None:
    """Raises NotRunning."""
    counters = Counters(home)
    try:
        measured = asyncio.run(_measure(counters, print_line))
    finally:
        counters.close()
    into.write_text("\n".join(_toml(measured)))
    print_line(f"written: {into}")


async def _measure(counters: Counters, print_line: Callable[[str], None]) -> dict[str, Any]:
    async with httpx.AsyncClient(base_url=counters.cloud.address, timeout=30.0) as http:
        print_line(f"registering {PEOPLE} people, who listen")
        before = counters.kept_in_cache()
        people = [await Voice.register(http) for _ in range(PEOPLE)]
        for person in people:
            await person.listen()
        kept = counters.kept_in_cache() - before
        scene = await Scene.set_up(people)
        measured: dict[str, Any] = {"machine": _machine(), "person": {"cache_bytes": kept / PEOPLE}}
        for name, did in scene.actions().items():
            measured[f"action.{name}"] = await _one(counters, people, did)
            print_line(f"{name}: {measured[f'action.{name}']}")
        for person in people:
            await person.leave()
    return measured


async def _one(counters: Counters, people: list[Voice], did: Did) -> dict[str, Any]:
    await _repeat(did, WARM_UP)
    await until_quiet(people)
    counters.forget_functions()
    logs, before = counters.log_sizes(), counters.read()
    heard = _heard(people)
    answered = await _repeat(did, TIMES)
    await until_quiet(people)
    per = {name: round(value / TIMES, 2) for name, value in counters.read().since(before).items()}
    pushed = _heard(people)
    frames = pushed[0] - heard[0]
    return {
        "answer_bytes": round(answered / TIMES),
        **per,
        "pushed_frames": round(frames / TIMES, 2),
        "pushed_frame_bytes": round((pushed[1] - heard[1]) / frames) if frames else 0,
        "functions": dict(_functions(counters, logs)),
    }


def _functions(counters: Counters, logs: dict[str, int]) -> Iterator[tuple[str, Any]]:
    for name, report in sorted(counters.functions().items()):
        if not report["invocations"]:
            continue
        billed = counters.billed_log_bytes(name, after=logs.get(name, 0))
        yield (
            name,
            {
                "invocations": round(report["invocations"] / TIMES, 3),
                "cpu_ms": report["cpu_ms"].get("mean", 0.0),
                "duration_ms": report["duration_ms"].get("p50", 0.0),
                "log_bytes": round(billed / report["invocations"]),
            },
        )


async def _repeat(did: Did, times: int) -> int:
    return sum([await did() for _ in range(times)])


def _heard(people: list[Voice]) -> tuple[int, int]:
    frames = [size for person in people for size in person.heard]
    return len(frames), sum(frames)


def _machine() -> dict[str, Any]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "processor": processor(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "times": TIMES,
    }


def _toml(measured: dict[str, Any]) -> Iterator[str]:
    yield "# Made by `cgraph cost --measure`. Figures are per action, of functions per invocation."
    for name, table in measured.items():
        yield f"\n[{name}]"
        for key, value in table.items():
            if key != "functions":
                yield f"{key} = {_value(value)}"
        for function, figures in table.get("functions", {}).items():
            yield f"functions.{function} = {_value(figures)}"
    yield ""


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(one)}" for key, one in value.items()) + " }"
    return f'"{value}"' if isinstance(value, str) else str(round(value, 3))
