"""Where the local cloud keeps its state."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from cgraph_local.core.process_identity import Trace

CHECKOUT = Path(__file__).resolve().parents[4]


class HomeUnavailable(Exception):
    """The home is held by a running local cloud, or is not ours to write; the text says which."""


class Home:
    """A folder: lock, run.json (what runs now), logs/ and a folder for each service."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_environment(cls) -> Self:
        chosen = os.environ.get("CGRAPH_HOME")
        return cls(Path(chosen).expanduser().resolve() if chosen else CHECKOUT / ".local")

    @property
    def logs(self) -> Path:
        return self.folder("logs")

    def folder(self, name: str) -> Path:
        """A folder inside the home that only its owner may read, made when missing."""
        folder = self.path / name
        if not folder.is_dir():
            # Others may pass through (not list) the home itself: as root on macOS, Postgres runs
            # as another user and must reach its own folder by path.
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
            folder.mkdir(exist_ok=True, mode=0o711 if name == "postgres" else 0o700)
        return folder

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held as long as the cloud runs; the kernel lets go of it however the process ends."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
            file = (self.path / "lock").open("a+")
        except PermissionError as error:
            raise HomeUnavailable(
                f"{self.path} belongs to another user ({error.strerror}: {error.filename}). Run as "
                "that user, or choose another home: CGRAPH_HOME=/path make run"
            ) from error
        with file:
            self._take(file.fileno())
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            self.write_run(asdict(Trace.of(os.getpid())))
            yield
            self._forget_run()
            file.truncate(0)

    def _take(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = (self.path / "lock").read_text().strip() or "unknown"
            port = (self.read_run() or {}).get("port")
            where = f", on port {port}" if port else ""
            raise HomeUnavailable(
                f"A local cloud already runs on {self.path} (process {holder}{where}). Stop it "
                f"with Ctrl-C where it runs or `kill {holder}`, or start a second one beside it: "
                "CGRAPH_HOME=/path CGRAPH_PORT=8001 make run"
            ) from error

    def write_run(self, entries: Mapping[str, Any]) -> None:
        """Merges top-level entries into run.json; a reader never sees half a file."""
        self._replace_run({**(self.read_run() or {}), **entries})

    def read_run(self) -> dict[str, Any] | None:
        try:
            return dict(json.loads((self.path / "run.json").read_text()))
        except FileNotFoundError:
            return None

    def running(self) -> dict[str, Any] | None:
        """What run.json says, if the process that wrote it still runs."""
        run = self.read_run() or {}
        trace = Trace.read(run)
        return run if trace is not None and trace.find() is not None else None

    def _forget_run(self) -> None:
        """Keeps only services that still run: the next start is to end those."""
        services = (self.read_run() or {}).get("services") or {}
        if any(entry.get("pid") for entry in services.values()):
            self._replace_run({"services": services})
        else:
            (self.path / "run.json").unlink(missing_ok=True)

    def _replace_run(self, document: Mapping[str, Any]) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
        fresh = self.path / "run.json.new"
        fresh.write_text(json.dumps(document, indent=2) + "\n")
        fresh.replace(self.path / "run.json")
