"""What the parts of a running local cloud have counted, so that two moments can be compared."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psycopg
import redis

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.services import Endpoints

EVENT_OVERHEAD = 26
"""What CloudWatch adds to each line it bills, in bytes."""
OF_THE_LOCAL_HOST = frozenset(("timestamp", "requestId"))
"""What it adds to a line of JSON that Lambda would leave as it is."""
STATEMENTS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_%'"
SIZES = (
    "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Since each part's start; the difference of two is what happened between them."""

    valkey_commands: float
    statements: float
    log_written_bytes: float
    stored_bytes: float

    def since(self, earlier: Self) -> dict[str, float]:
        return {
            name: getattr(self, name) - getattr(earlier, name)
            for name in Counts.__dataclass_fields__
        }


class Counters:
    def __init__(self, home: Home) -> None:
        self.cloud = RunningCloud(home)
        self._logs = home.logs
        self._valkey = redis.Redis(port=self.cloud.service_port("valkey"))
        port = self.cloud.service_port("postgres")
        endpoints = Endpoints(postgres_port=port)
        self._postgres = psycopg.connect(endpoints.admin_conninfo, autocommit=True)

    def close(self) -> None:
        self._valkey.close()
        self._postgres.close()

    def read(self) -> Counts:
        commands: dict[str, Any] = self._valkey.info("commandstats")
        return Counts(
            valkey_commands=sum(
                command["calls"]
                for name, command in commands.items()
                if name.removeprefix("cmdstat_").partition("|")[0]
                not in {"info", "client", "hello"}
            ),
            statements=self._number(STATEMENTS),
            log_written_bytes=self._number(
                "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
            ),
            stored_bytes=self._number(SIZES),
        )

    def kept_in_cache(self) -> float:
        """Bytes of all keys, each with what Valkey needs around it."""
        return float(sum(self._valkey.memory_usage(key) or 0 for key in self._valkey.scan_iter()))

    def functions(self) -> dict[str, Any]:
        return dict(self.cloud.request("GET", "/_local/statistics"))

    def forget_functions(self) -> None:
        self.cloud.request("DELETE", "/_local/statistics")

    def log_sizes(self) -> dict[str, int]:
        return {path.stem: path.stat().st_size for path in self._logs.glob("*.log")}

    def billed_log_bytes(self, function: str, *, after: int) -> float:
        """Of what a function has written since its log had this size."""
        with (self._logs / f"{function}.log").open("rb") as log:
            log.seek(after)
            return billed_bytes(log.read().decode().splitlines())

    def _number(self, query: str) -> float:
        row = self._postgres.execute(query.encode()).fetchone()
        assert row is not None
        return float(row[0])


def billed_bytes(lines: Iterable[str]) -> float:
    return float(sum(_as_on_lambda(line) + EVENT_OVERHEAD for line in lines))


def _as_on_lambda(line: str) -> int:
    if '"_aws"' not in line:
        return len(line.encode())
    document = json.loads(line)
    kept = {name: value for name, value in document.items() if name not in OF_THE_LOCAL_HOST}
    return len(json.dumps(kept, separators=(",", ":")).encode())


def processor() -> str:
    """As Linux names it; elsewhere what Python knows."""
    import platform

    listed = Path("/proc/cpuinfo")
    if listed.is_file():
        for line in listed.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
