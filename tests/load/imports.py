"""The CPU time that a new process needs to import each function, beside bare FastAPI with Mangum.

CPU time, because the files are in the page cache, and other load on the machine does not count.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from cgraph_local.core.home import CHECKOUT
from tests.load.figures import median

BARE_FOR = 4
"""How many functions are compared with one bare import: as many take a third of the time less."""

BARE = """
from fastapi import FastAPI
from mangum import Mangum
app = FastAPI(openapi_url=None)
@app.get("/")
async def read() -> dict[str, str]:
    return {}
handler = Mangum(app, lifespan="off")
"""
TIMED = """
import sys, time
sys.path[:0] = {paths!r}
began = time.process_time()
{work}
print(time.process_time() - began)
"""


@dataclass(frozen=True, slots=True)
class ImportTime:
    """`ratio`: to the bare import, measured shortly before. HTTP functions only."""

    module: str
    milliseconds: float
    ratio: float | None


@dataclass(frozen=True, slots=True)
class ImportTimes:
    bare_ms: float
    functions: list[ImportTime]


def modules() -> list[str]:
    """The module of every function in functions/."""
    root = CHECKOUT / "functions"
    return sorted(
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in root.rglob("*.py")
        if path.stem != "__init__"
    )


def measure(names: Sequence[str], *, rounds: int) -> ImportTimes:
    """Medians. The first round is not counted, because its imports may have to compile."""
    spent: defaultdict[str, list[float]] = defaultdict(list)
    bare: list[float] = []
    ratios: defaultdict[str, list[float]] = defaultdict(list)
    base = 0.0
    for turn in range(rounds + 1):
        for place, name in enumerate(names):
            if place % BARE_FOR == 0:
                base = _seconds(BARE)
            own = _seconds(f"import {name}")
            if turn > 0:
                bare.append(base * 1000)
                spent[name].append(own * 1000)
                ratios[name].append(own / base)
    return ImportTimes(
        median(bare),
        [
            ImportTime(
                name, median(spent[name]), median(ratios[name]) if name.startswith("api.") else None
            )
            for name in names
        ],
    )


def _seconds(work: str) -> float:
    paths = [str(CHECKOUT / "functions"), str(CHECKOUT / "layers" / "cgraph")]
    done = subprocess.run(
        [sys.executable, "-c", TIMED.format(paths=paths, work=work)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    return float(done.stdout)
