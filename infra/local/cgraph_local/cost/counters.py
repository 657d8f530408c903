"""Reads the counters of a running local cloud, before and after a measurement."""

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
import redis

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud

EVENT_OVERHEAD = 26
"""Bytes that CloudWatch adds to each line it bills."""
FIELDS_OF_LOCAL_HOST = frozenset(("timestamp", "requestId"))
"""Fields that the local host adds to a line of JSON and Lambda does not."""
STATEMENTS = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_%'"
SIZES = (
    "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class "
    "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Counters since the start of each service."""

    valkey_commands: float
    statements: float
    database_cpu_ms: float
    log_written_bytes: float
    stored_bytes: float

    def since(self, earlier: Self) -> dict[str, float]:
        """The differences, by name."""
        return {
            name: getattr(self, name) - getattr(earlier, name)
            for name in Counts.__dataclass_fields__
        }


class Counters:
    def __init__(self, home: Home) -> None:
        self.cloud = RunningCloud(home)
        self._home = home
        self._logs = home.logs
        endpoints = self.cloud.endpoints("postgres", "valkey")
        self._valkey = redis.Redis(
            port=endpoints.valkey_port, password=endpoints.credentials.password
        )
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
            database_cpu_ms=self._database_cpu_ms(),
            log_written_bytes=self._number(
                "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')"
            ),
            stored_bytes=self._number(SIZES),
        )

    def cache_bytes(self) -> float:
        """The memory of all keys, with the overhead of Valkey."""
        return float(sum(self._valkey.memory_usage(key) or 0 for key in self._valkey.scan_iter()))

    def function_statistics(self) -> dict[str, Any]:
        return dict(self.cloud.request("GET", "/_local/statistics"))

    def clear_function_statistics(self) -> None:
        self.cloud.request("DELETE", "/_local/statistics")

    def log_sizes(self) -> dict[str, int]:
        return {path.stem: path.stat().st_size for path in self._logs.glob("*.log")}

    def billed_log_bytes(self, function: str, *, after: int) -> float:
        """The billed bytes of what a function has logged since its log had the size `after`."""
        with (self._logs / f"{function}.log").open("rb") as log:
            log.seek(after)
            return billed_bytes(log.read().decode().splitlines())

    def _database_cpu_ms(self) -> float:
        """Of all processes of Postgres, those that have ended included."""
        services = (self._home.read_run() or {})["services"]
        postmaster = psutil.Process(services["postgres"]["pid"])
        ended = postmaster.cpu_times()
        seconds = ended.children_user + ended.children_system
        for process in (postmaster, *postmaster.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                seconds += times.user + times.system
        return float(seconds * 1000)

    def _number(self, query: str) -> float:
        row = self._postgres.execute(query.encode()).fetchone()
        assert row is not None
        return float(row[0])


def billed_bytes(lines: Iterable[str]) -> float:
    """The bytes that CloudWatch bills for these lines."""
    return float(sum(_bytes_on_lambda(line) + EVENT_OVERHEAD for line in lines))


def _bytes_on_lambda(line: str) -> int:
    if '"_aws"' not in line:
        return len(line.encode())
    document = json.loads(line)
    fields = {name: value for name, value in document.items() if name not in FIELDS_OF_LOCAL_HOST}
    return len(json.dumps(fields, separators=(",", ":")).encode())


def processor() -> str:
    """The name of the processor, as Linux or else Python reports it."""
    import platform

    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.is_file():
        for line in cpu_info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
