"""What the stacks tell Postgres and Valkey, told to a real Postgres and a real Valkey."""

import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as NotThere

from cgraph_local.services.ports import free_port
from cgraph_local.services.postgres_binaries import find_binaries
from cgraph_local.services.valkey import server_binary
from tests.contract.checkout import CHECKOUT
from tests.contract.infrastructure import SIZES, stack

NOT_COMMUNITY = ("rds.", "pg_stat_statements.")
ARGUMENTS: Mapping[str, list[str]] = {
    "EVALSHA": ["0" * 40, "1", "key"],
    "SCRIPT": ["LOAD", "return 1"],
    "SET": ["key", "value"],
    "EXPIRE": ["key", "1"],
    "HSET": ["key", "field", "value"],
    "HSETNX": ["key", "field", "value"],
    "HGET": ["key", "field"],
    "HDEL": ["key", "field"],
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
def known() -> dict[str, list[str]]:
    """By name: context, group, type, default, least, most."""
    said = subprocess.run(
        [find_binaries().postgres, "--describe-config"], capture_output=True, text=True, check=True
    )
    rows = (line.split("\t") for line in said.stdout.splitlines())
    return {name: rest for name, *rest in rows}


@pytest.mark.parametrize("group", ["InstanceParameters", "ClusterParameters"])
@pytest.mark.parametrize("size", SIZES)
def test_postgres_knows_its_parameters(known: dict[str, list[str]], group: str, size: str) -> None:
    parameters = stack("database")["Resources"][group]["Properties"]["Parameters"]
    connections = stack("database")["Mappings"]["Sizes"][size]["Connections"]
    for name, given in parameters.items():
        if name.startswith(NOT_COMMUNITY):
            continue
        _, _, kind, _, least, most = known[name][:6]
        value = connections if name == "max_connections" else given
        if kind == "INTEGER":
            assert int(least) <= int(value) <= int(most), name
        elif kind == "BOOLEAN":
            assert value in ("0", "1"), name


@pytest.fixture(scope="module")
def valkey() -> Iterator[Redis]:
    port = free_port()
    command = [str(server_binary()), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with Redis(port=port, decode_responses=True) as client:
            wait_for(client)
            access = stack("cache")["Resources"]["Functions"]["Properties"]["AccessString"]
            say(client, "ACL", "SETUSER", "functions", "nopass", *access.split())
            yield client
    finally:
        process.terminate()
        process.wait(10)


def wait_for(client: Redis) -> None:
    limit = time.monotonic() + 10
    while True:
        try:
            client.ping()
            return
        except NotThere:
            if time.monotonic() > limit:
                raise
            time.sleep(0.05)


def commands() -> set[str]:
    """Those in the code, and those that the scripts call, which are held to the same rules."""
    found: set[str] = set()
    for path in (CHECKOUT / "layers/cgraph/cgraph").rglob("*.py"):
        text = path.read_text()
        found |= set(re.findall(r"(?<!\w)\(\"([A-Z]{3,})\",", text))
        found |= set(re.findall(r"redis\.call\(['\"]([A-Za-z]+)['\"]", text))
    return {name.upper() for name in found}


def test_functions_may_send_the_commands_they_use(valkey: Redis) -> None:
    used = commands()
    assert {"EVALSHA", "HGETALL", "TIME"} <= used
    for name in sorted(used):
        arguments = ARGUMENTS.get(name, ["key"])
        assert say(valkey, "ACL", "DRYRUN", "functions", name, *arguments) == "OK", name


@pytest.mark.parametrize("command", DANGEROUS)
def test_functions_may_not_send_others(valkey: Redis, command: str) -> None:
    assert "no permissions" in say(valkey, "ACL", "DRYRUN", "functions", *command.split())


def say(client: Any, *command: str) -> str:
    """redis-py does not type its commands."""
    return str(client.execute_command(*command))
