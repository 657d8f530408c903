"""Prints and runs the steps of a command; in a dry run, only prints them."""

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


class CommandError(Exception):
    """A command cannot go on. The message names the reason and what the caller can do."""


@dataclass(slots=True)
class Steps:
    """`dry`: commands are printed and not run."""

    total: int
    dry: bool = False
    _done: int = field(default=0, init=False)

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        self._done += 1
        started = time.monotonic()
        print_line(f"\n[{self._done}/{self.total}] {title}")
        yield
        if not self.dry:
            print_line(f"      done in {time.monotonic() - started:.0f} s")

    def fail(self, reason: str) -> None:
        """Raises CommandError; a dry run prints the reason and goes on."""
        if not self.dry:
            raise CommandError(reason)
        print_line(f"      The command would fail here. {reason}")

    def run(
        self, *command: str | Path, advice: str, variables: Mapping[str, str] | None = None
    ) -> None:
        """Runs a command in this terminal, so that it can ask the user. Raises CommandError with
        `advice` if it fails.
        """
        print_line(f"      $ {command_line(command, variables or {})}")
        if self.dry:
            return
        done = subprocess.run(
            [str(part) for part in command],
            env={**os.environ, "SAM_CLI_TELEMETRY": "0", **(variables or {})},
            cwd=ROOT,
            check=False,
        )
        if done.returncode:
            raise CommandError(advice)


def command_line(command: Sequence[str | Path], variables: Mapping[str, str]) -> str:
    """The command as a user would type it in the checkout. The value of PATH is shown as `…`."""
    assignments = [
        f"{name}={'…' if name == 'PATH' else shlex.quote(value)}"
        for name, value in variables.items()
    ]
    parts = (str(part).removeprefix(f"{ROOT}/") for part in command)
    return " ".join([*assignments, *(shlex.quote(part) for part in parts)])


def print_line(line: str) -> None:
    print(line, flush=True)


def confirm(question: str, *, expected: str) -> None:
    """Asks the user. Raises CommandError unless they type `expected`."""
    if not sys.stdin.isatty():
        raise CommandError(f"{question} There is no terminal to ask in: set YES=1.")
    if input(f"{question} Type {expected} to go on: ").strip() != expected:
        raise CommandError("Nothing was done.")
