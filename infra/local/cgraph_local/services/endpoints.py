"""Where the embedded services listen, all on 127.0.0.1."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Endpoints:
    """A port is 0 where that service was not asked for."""

    postgres_port: int
    valkey_port: int
    emulator_port: int
    database: str = "cgraph"
    database_user: str = "cgraph"

    @property
    def conninfo(self) -> str:
        return self._conninfo(user=self.database_user, database=self.database)

    @property
    def admin_conninfo(self) -> str:
        """The superuser, for what a person or a test does to the server itself."""
        return self._conninfo(user="postgres", database=self.database)

    @property
    def emulator_url(self) -> str:
        return f"http://127.0.0.1:{self.emulator_port}"

    def _conninfo(self, *, user: str, database: str) -> str:
        return f"host=127.0.0.1 port={self.postgres_port} user={user} dbname={database}"
