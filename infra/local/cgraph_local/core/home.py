"""The folder in which a local cloud keeps its state."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from cgraph_local.core.process_identity import ProcessIdentity

CHECKOUT = Path(__file__).resolve().parents[4]
ENTERED = ("postgres", "replica", "opensearch")
"""The folders of services that run as another user when root starts them."""


class HomeUnavailable(Exception):
    """Another local cloud uses the home, or it is not writable. The message says which."""


class Home:
    """A folder with a lock, run.json (pid, port and services of the running local cloud), logs/ and
    a folder for each service.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def from_environment(cls) -> Self:
        """CGRAPH_HOME, or `.local` in the checkout."""
        path = os.environ.get("CGRAPH_HOME")
        return cls(Path(path).expanduser().resolve() if path else CHECKOUT / ".local")

    @property
    def logs(self) -> Path:
        return self.folder("logs")

    @property
    def template_cache(self) -> Path | None:
        """The file of the translated template; None where there is no home to put it in."""
        return self.path / "template.json" if self.path.is_dir() else None

    def folder(self, name: str) -> Path:
        """A folder inside the home that only its owner may read. Created when it is missing."""
        folder = self.path / name
        if not folder.is_dir():
            # Others may pass through (not list) the home itself: as root on macOS, Postgres runs
            # as another user and must reach its own folder by path.
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
            folder.mkdir(exist_ok=True, mode=0o711 if name in ENTERED else 0o700)
        return folder

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Held while the local cloud runs. The kernel releases it however the process ends. Raises
        HomeUnavailable.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
            file = (self.path / "lock").open("a+")
        except PermissionError as error:
            raise HomeUnavailable(
                f"{self.path} belongs to another user ({error.strerror}: {error.filename}). Run as "
                "that user, or choose another home: CGRAPH_HOME=/path make run"
            ) from error
        with file:
            self._acquire(file.fileno())
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            self.write_run(asdict(ProcessIdentity.of(os.getpid())))
            yield
            self._remove_run_file()
            file.truncate(0)

    def _acquire(self, descriptor: int) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder_pid = (self.path / "lock").read_text().strip() or "unknown"
            port = (self.read_run() or {}).get("port")
            where = f", on port {port}" if port else ""
            raise HomeUnavailable(
                f"A local cloud already runs on {self.path} (process {holder_pid}{where}). Stop it "
                f"with Ctrl-C where it runs or `kill {holder_pid}`, or start a second one: "
                "CGRAPH_HOME=/path CGRAPH_PORT=8001 make run"
            ) from error

    def write_run(self, entries: Mapping[str, Any]) -> None:
        """Merges top-level entries into run.json. The file is replaced atomically: a reader never
        sees an incomplete one.
        """
        self._replace_run_file({**(self.read_run() or {}), **entries})

    def read_run(self) -> dict[str, Any] | None:
        """The content of run.json, or None when there is none."""
        try:
            return dict(json.loads((self.path / "run.json").read_text()))
        except FileNotFoundError:
            return None

    def running(self) -> dict[str, Any] | None:
        """The content of run.json if the process that wrote it still runs."""
        run = self.read_run() or {}
        identity = ProcessIdentity.read(run)
        return run if identity is not None and identity.find() is not None else None

    def _remove_run_file(self) -> None:
        """Keeps the entries of services that still run, so that the next start can end them."""
        services = (self.read_run() or {}).get("services") or {}
        if any(entry.get("pid") for entry in services.values()):
            self._replace_run_file({"services": services})
        else:
            (self.path / "run.json").unlink(missing_ok=True)

    def _replace_run_file(self, document: Mapping[str, Any]) -> None:
        self.path.mkdir(parents=True, exist_ok=True, mode=0o711)
        temporary = self.path / "run.json.new"
        temporary.write_text(json.dumps(document, indent=2) + "\n")
        temporary.replace(self.path / "run.json")
