"""The error of a service that cannot run."""

from __future__ import annotations

from pathlib import Path


class ServiceFailed(Exception):
    """The message holds the service's name, the reason, the end of its log and the log's path."""

    def __init__(self, name: str, *, reason: str, log: Path | None = None, tail: str = "") -> None:
        self.name = name
        excerpt = f"\n{tail.rstrip()}\n" if tail.strip() else "\n"
        where = f"The whole log: {log}" if log else ""
        super().__init__(f"{name} {reason}.{excerpt}{where}".rstrip())
