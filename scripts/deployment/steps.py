"""What a command does, said while it does it, or instead of doing it."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Refused(Exception):
    """Says to the person what cannot be, and what they can do."""


@dataclass(slots=True)
class Steps:
    """`dry`: commands are shown and not run."""

    total: int
    dry: bool = False
    _done: int = field(default=0, init=False)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._done += 1
        started = time.monotonic()
        say(f"\n[{self._done}/{self.total}] {title}")
        yield
        if not self.dry:
            say(f"      done in {time.monotonic() - started:.0f} s")

    def refuse(self, why: str) -> None:
        """Raises Refused; a plan goes on, and says so."""
        if not self.dry:
            raise Refused(why)
        say(f"      It would end here. {why}")

    def run(
        self, *command: str | Path, advice: str, variables: Mapping[str, str] | None = None
    ) -> None:
        """In this terminal, so that it can ask. Raises Refused with the advice."""
        say(f"      $ {shown(command, variables or {})}")
        if self.dry:
            return
        done = subprocess.run(
            [str(part) for part in command],
            env={**os.environ, "SAM_CLI_TELEMETRY": "0", **(variables or {})},
            cwd=ROOT,
            check=False,
        )
        if done.returncode:
            raise Refused(advice)


def shown(command: Sequence[str | Path], variables: Mapping[str, str]) -> str:
    """As one would type it in the checkout; of PATH only that it is another."""
    set_before = [
        f"{name}={'…' if name == 'PATH' else shlex.quote(value)}"
        for name, value in variables.items()
    ]
    parts = (str(part).removeprefix(f"{ROOT}/") for part in command)
    return " ".join([*set_before, *(shlex.quote(part) for part in parts)])


def say(line: str) -> None:
    print(line, flush=True)


def ask(question: str, *, expected: str) -> None:
    """Raises Refused unless the person types what is expected."""
    if not sys.stdin.isatty():
        raise Refused(f"{question} There is nobody to ask: say YES=1.")
    if input(f"{question} Type {expected} to go on: ").strip() != expected:
        raise Refused("Nothing was done.")
