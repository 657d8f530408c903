"""docs/benchmarks/report.md and its charts, drawn from figures.json beside it.

`python -m tests.load.report.page` draws them again; `make bench REPORT=1` measures and draws.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from cgraph_local.core.home import CHECKOUT
from tests.load.machine import Machine
from tests.load.parts import named
from tests.load.report.text import machine
from tests.load.subprocesses import parse

FOLDER = CHECKOUT / "docs" / "benchmarks"
FIGURES = "figures.json"
REPORT = "report.md"
CHARTS = "charts"
QUICK = "quick"

_HEAD = """\
# Benchmarks

What `make bench` measured, each figure beside its goal. Generated from
[figures.json](figures.json) by `make bench REPORT=1`; only to draw it again:
`.venv/bin/python -m tests.load.report.page`. What was tried for speed is in the [log](log.md).

The load generator, Postgres and everything else share the cores, so a rate says little on another
machine. The ratios to the monolith say more: it has the same rows and runs the same statements on
the same Postgres, in turns with ours
([decision 0107](../decisions/0107-the-bench-has-a-monolith.md)).
"""


_WARNING = """\
**Some of these figures are of quick sizes: they show that the bench works, and nothing else.**
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One part of a run. `sizes`: quick, usual or full."""

    machine: Machine
    sizes: str
    seconds: float
    result: Any


Figures = Mapping[str, Measured]
"""By the name of the part."""


def read(folder: Path = FOLDER) -> dict[str, Measured]:
    path = folder / FIGURES
    return parse(dict[str, Measured], json.loads(path.read_text())) if path.is_file() else {}


def figures_json(figures: Figures) -> str:
    document = {name: asdict(measured) for name, measured in figures.items()}
    return to_json(_rounded(json.loads(to_json(document))), indent=1).decode() + "\n"


def write(figures: Figures, folder: Path = FOLDER) -> None:
    """Adds the parts to those that have been measured before, and draws the report."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FIGURES).write_text(figures_json({**read(folder), **figures}))
    draw_files(folder)


def draw_files(folder: Path = FOLDER) -> None:
    files = drawn(read(folder))
    (folder / CHARTS).mkdir(exist_ok=True)
    for old in (folder / CHARTS).glob("*.svg"):
        old.unlink()
    for name, text in files.items():
        (folder / name).write_text(text)


def drawn(figures: Figures) -> dict[str, str]:
    """The text of each file, by its path in the folder."""
    files = {REPORT: "\n".join([_HEAD, *_contents(figures)]) + "\n"}
    for part in named(figures):
        for picture in part.pictures(parse(part.result, figures[part.name].result)):
            files[f"{CHARTS}/{picture.name}.svg"] = picture.svg
    return files


def _contents(figures: Figures) -> Iterator[str]:
    if any(measured.sizes == QUICK for measured in figures.values()):
        yield _WARNING
    for part in named(figures):
        measured = figures[part.name]
        result = parse(part.result, measured.result)
        yield f"## {part.title}\n"
        for picture in part.pictures(result):
            yield f"![{picture.title}]({CHARTS}/{picture.name}.svg)\n"
        yield "```text"
        yield from part.lines(result)
        yield "```\n"
        where = measured.machine
        yield (
            f"`make bench ONLY={part.name}`: {measured.sizes} sizes, {measured.seconds:.0f} s from "
            f"{where.measured_at:%Y-%m-%d %H:%M} UTC on, commit {where.commit}, load average "
            f"before: {where.load_before}\n"
        )
    yield from _machines([measured.machine for measured in figures.values()])


def _machines(all: Sequence[Machine]) -> Iterator[str]:
    """Each machine and each version once: parts may be measured on different days."""
    versions = {f"{name} {each}" for one in all for name, each in one.versions.items()}
    yield "## Machine and versions\n"
    yield from (f"- {one}" for one in sorted({machine(one) for one in all}))
    yield f"- {', '.join(sorted(versions))}"


def _rounded(value: Any) -> Any:
    """Numbers with six significant digits."""
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    draw_files()
