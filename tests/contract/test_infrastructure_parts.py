"""A real Postgres and a real Valkey accept the parameters and the access string of the stacks."""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from cgraph_local.services.ports import free_port
from cgraph_local.services.postgres_binaries import find_binaries
from cgraph_local.services.valkey import server_binary
from tests.contract.checkout import CHECKOUT
from tests.contract.infrastructure import SIZES, stack

RDS_PREFIXES = ("rds.", "pg_stat_statements.")
ARGUMENTS: Mapping[str, list[str]] = {
    "EVALSHA": ["0" * 40, "1", "key"],
    "SCRIPT": ["LOAD", "return 1"],
    "SET": ["key", "value"],
    "EXPIRE": ["key", "1"],
    "HSET": ["key", "field", "value"],
    "HSETNX": ["key", "field", "value"],
    "HEXISTS": ["key", "field"],
    "HGET": ["key", "field"],
    "HDEL": ["key", "field"],
    "HINCRBY": ["key", "field", "1"],
    "ZADD": ["key", "1", "member"],
    "ZREM": ["key", "member"],
    "ZCOUNT": ["key", "-inf", "+inf"],
    "ZREMRANGEBYSCORE": ["key", "-inf", "0"],
    "ZSCAN": ["key", "0"],
    "PING": [],
    "TIME": [],
}
DANGEROUS = ("FLUSHALL", "FLUSHDB", "KEYS *", "CONFIG GET *", "ACL LIST", "MONITOR", "SHUTDOWN")


@pytest.fixture(scope="module")
def postgres_settings() -> dict[str, list[str]]:
    """By name: context, group, type, default, minimum, maximum."""
    description = subprocess.run(
        [find_binaries().postgres, "--describe-config"], capture_output=True, text=True, check=True
    )
    rows = (line.split("\t") for line in description.stdout.splitlines())
    return {name: rest for name, *rest in rows}


@pytest.mark.parametrize("group", ["InstanceParameters", "ClusterParameters"])
@pytest.mark.parametrize("size", SIZES)
def test_postgres_accepts_its_parameters(
    postgres_settings: dict[str, list[str]], group: str, size: str
) -> None:
    parameters = stack("database")["Resources"][group]["Properties"]["Parameters"]
    connections = stack("database")["Mappings"]["Sizes"][size]["Connections"]
    for name, configured in parameters.items():
        if name.startswith(RDS_PREFIXES):
            continue
        _, _, kind, _, minimum, maximum = postgres_settings[name][:6]
        value = connections if name == "max_connections" else configured
        if kind == "INTEGER":
            assert int(minimum) <= int(value) <= int(maximum), name
        elif kind == "BOOLEAN":
            assert value in ("0", "1"), name


@pytest.fixture(scope="module")
def valkey() -> Iterator[Redis]:
    port = free_port()
    command = [str(server_binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with Redis(port=port, decode_responses=True) as client:
            wait_until_ready(client)
            access = stack("cache")["Resources"]["Functions"]["Properties"]["AccessString"]
            execute(client, "ACL", "SETUSER", "functions", "nopass", *access.split())
            yield client
    finally:
        process.terminate()
        process.wait(10)


def wait_until_ready(client: Redis) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            client.ping()
            return
        except RedisConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def used_commands() -> set[str]:
    """The used_commands in the code and in the Lua scripts, which need the same permissions."""
    names: set[str] = set()
    for path in (CHECKOUT / "layers/cgraph/cgraph").rglob("*.py"):
        text = path.read_text()
        names |= set(re.findall(r"(?<!\w)\(\"([A-Z]{3,})\",", text))
        names |= set(re.findall(r"redis\.call\(['\"]([A-Za-z]+)['\"]", text))
    return {name.upper() for name in names}


def test_functions_may_send_the_commands_they_use(valkey: Redis) -> None:
    used = used_commands()
    assert {"EVALSHA", "HGETALL", "TIME"} <= used
    for name in sorted(used):
        arguments = ARGUMENTS.get(name, ["key"])
        assert execute(valkey, "ACL", "DRYRUN", "functions", name, *arguments) == "OK", name


@pytest.mark.parametrize("command", DANGEROUS)
def test_functions_may_not_send_dangerous_commands(valkey: Redis, command: str) -> None:
    assert "no permissions" in execute(valkey, "ACL", "DRYRUN", "functions", *command.split())


def execute(client: Any, *command: str) -> str:
    """Runs a command. redis-py has no types for used_commands."""
    return str(client.execute_command(*command))
