"""What a service says when it cannot run."""

from __future__ import annotations

from pathlib import Path


class ServiceFailed(Exception):
    """Names the service, why, the end of its log and where the rest is."""

    def __init__(self, name: str, *, why: str, log: Path | None = None, tail: str = "") -> None:
        self.name = name
        shown = f"\n{tail.rstrip()}\n" if tail.strip() else "\n"
        where = f"The whole log: {log}" if log else ""
        super().__init__(f"{name} {why}.{shown}{where}".rstrip())
