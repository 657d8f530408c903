"""The addresses of the embedded services, which all listen on 127.0.0.1, and what they ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cgraph_local.core.credentials import NO_CREDENTIALS, Credentials
from cgraph_local.core.home import Home


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The port of a service that is not used is 0, and the URL of no OpenSearch is empty."""

    postgres_port: int = 0
    valkey_port: int = 0
    emulator_port: int = 0
    replica_port: int = 0
    opensearch_url: str = ""
    database: str = "cgraph"
    database_user: str = "cgraph"
    credentials: Credentials = NO_CREDENTIALS

    @classmethod
    def of(cls, home: Home) -> Self:
        """Those in the home's run.json."""
        run = home.read_run() or {}
        services = run.get("services") or {}
        ports = {name: int(entry["port"]) for name, entry in services.items()}
        return cls(
            postgres_port=ports.get("postgres", 0),
            valkey_port=ports.get("valkey", 0),
            emulator_port=ports.get("emulator", 0),
            replica_port=ports.get("replica", 0),
            opensearch_url=opensearch_url(
                ports.get("opensearch", 0), other=run.get("opensearch_url")
            ),
            credentials=Credentials.of(home),
        )

    @property
    def conninfo(self) -> str:
        return self._conninfo(user=self.database_user, database=self.database)

    @property
    def admin_conninfo(self) -> str:
        """For the superuser: the functions never connect as this user."""
        return self._conninfo(user="postgres", database=self.database)

    @property
    def reader_port(self) -> int:
        """Of the replica, or of Postgres where there is none."""
        return self.replica_port or self.postgres_port

    @property
    def replica_conninfo(self) -> str:
        """For the superuser."""
        return self._conninfo(user="postgres", database=self.database, port=self.replica_port)

    @property
    def emulator_url(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port}"

    def _conninfo(self, *, user: str, database: str, port: int | None = None) -> str:
        return (
            f"host=127.0.0.1 port={port or self.postgres_port} user={user} dbname={database} "
            f"passfile='{self.credentials.passfile}'"
        )


def opensearch_url(port: int, *, other: str | None) -> str:
    return f"http://127.0.0.1:{port}" if port else other or ""
