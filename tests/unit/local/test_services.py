"""The embedded services: how they are configured, and what they keep over a restart."""

import os
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
import redis

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import Endpoints, ServiceFailed, Services
from cgraph_local.services.outage import pid
from tests.aws import aws_client
from tests.unit.local.postgres import query

SILENT = Progress(stream=None)


def valkey(endpoints: Endpoints) -> redis.Redis:
    return redis.Redis(
        port=endpoints.valkey_port,
        password=endpoints.credentials.password,
        decode_responses=True,
    )


def test_the_role_of_the_functions_owns_the_database(endpoints: Endpoints) -> None:
    rows = query(
        endpoints,
        "SELECT current_user::text, rolsuper, pg_encoding_to_char(encoding),"
        " current_setting('statement_timeout'), current_setting('fsync')"
        " FROM pg_database, pg_roles WHERE datname = current_database() AND rolname = current_user",
    )
    assert rows == [("cgraph", False, "UTF8", "15s", "on")]


def test_a_connection_of_a_function_derives_its_key_once(endpoints: Endpoints) -> None:
    with psycopg.connect(endpoints.admin_conninfo) as connection:
        if connection.info.server_version < 160_000:
            pytest.skip("this Postgres always derives it 4,096 times")
        rows = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'cgraph'")
        (password,) = rows.fetchone() or ("",)
    assert password.startswith("SCRAM-SHA-256$1:")


def test_text_sorts_by_code_point_and_changes_case_in_every_alphabet(endpoints: Endpoints) -> None:
    assert query(endpoints, "SELECT 'Z' < 'a', lower('ÄΣЖ'), upper('éß')") == [(True, "äσж", "Éß")]


@pytest.mark.parametrize("name", ["pg_trgm", "unaccent", "citext", "btree_gin", "ltree"])
def test_the_owner_may_create_the_extension(endpoints: Endpoints, name: str) -> None:
    query(endpoints, f"CREATE EXTENSION {name}")
    query(endpoints, f"DROP EXTENSION {name}")


def test_valkey_refuses_a_command_across_slots(endpoints: Endpoints) -> None:
    with valkey(endpoints) as client:
        client.mset({"{one}a": "1", "{one}b": "2"})
        with pytest.raises(redis.ResponseError, match="same slot"):
            client.mset({"one": "1", "two": "2"})


def test_a_cluster_client_finds_the_valkey_node(endpoints: Endpoints) -> None:
    with redis.RedisCluster(
        host="127.0.0.1",
        port=endpoints.valkey_port,
        password=endpoints.credentials.password,
    ) as client:
        assert client.set("anywhere", "1")
        assert [node.port for node in client.get_primaries()] == [endpoints.valkey_port]


def test_services_listen_on_the_loopback_interface_only(
    endpoints: Endpoints, services: Services
) -> None:
    for name in ("postgres", "valkey", "emulator"):
        connections = psutil.Process(services.pid(name)).net_connections(kind="tcp")
        listening = {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}
        assert listening == {"127.0.0.1"}, name


def test_services_run_in_sessions_of_their_own(services: Services) -> None:
    for name in ("postgres", "valkey", "emulator"):
        assert os.getsid(services.pid(name) or 0) != os.getsid(0)


async def test_a_restart_keeps_rows_keys_and_messages(services: Services) -> None:
    before = services.endpoints()
    query(before, "CREATE TABLE kept (n int)")
    query(before, "INSERT INTO kept VALUES (7)")
    with valkey(before) as client:
        client.set("kept", "7")
    queue = sqs(before).create_queue(QueueName="kept")["QueueUrl"]
    sqs(before).send_message(QueueUrl=queue, MessageBody="7")
    for name in ("postgres", "valkey", "emulator"):
        await services.restart_service(name)
    assert services.endpoints() == before
    assert query(before, "SELECT n FROM kept") == [(7,)]
    with valkey(before) as client:
        assert client.get("kept") == "7"
    received = sqs(before).receive_message(QueueUrl=queue)
    assert [message["Body"] for message in received["Messages"]] == ["7"]


async def test_a_service_that_cannot_start_reports_the_end_of_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "cgraph_local.services.valkey.SETTINGS", {"maxmemory-policy": "no-such-policy"}
    )
    with pytest.raises(ServiceFailed, match=r"valkey did not start(.|\n)*no-such-policy(.|\n)*log"):
        await Services(Home(tmp_path), only=["valkey"]).start(SILENT)


async def test_when_one_service_cannot_start_the_others_are_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cgraph_local.services.emulator.PYTHON", tmp_path / "missing")
    home = Home(tmp_path / "home")
    with pytest.raises(ServiceFailed, match="make run"):
        await Services(home, only=["postgres", "emulator"]).start(SILENT)
    assert pid(home, "postgres") is None


async def test_an_incomplete_data_folder_and_a_reused_pid_do_not_prevent_the_start(
    tmp_path: Path,
) -> None:
    home = Home(tmp_path)
    incomplete = home.folder("postgres") / "data.new-killed"
    incomplete.mkdir()
    (incomplete / "PG_VERSION").write_text("18\n")
    services = Services(home, only=["postgres"])
    await services.start(SILENT)
    await services.stop()
    assert not incomplete.exists()
    # The pid of this test's process, which is not Postgres: it must neither prevent the start nor
    # be ended.
    (home.folder("postgres") / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n/\n12345\n")
    endpoints = await services.start(SILENT)
    assert query(endpoints, "SELECT 1") == [(1,)]
    await services.stop()


async def test_data_that_is_open_to_everybody_is_refused_with_advice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    services = Services(home, only=["postgres"])
    with home.lock():
        await services.start(SILENT)
        await services.stop()
        settings = home.folder("postgres") / "data" / "pg_hba.conf"
        settings.write_text("host all all 127.0.0.1/32 trust\n")
        with pytest.raises(ServiceFailed, match="rm -r"):
            await services.start(SILENT)


async def test_data_of_another_postgres_version_is_refused_with_advice(tmp_path: Path) -> None:
    home = Home(tmp_path)
    data = home.folder("postgres") / "data"
    data.mkdir()
    (data / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ServiceFailed, match=r"Postgres 9.6 created(.|\n)*rm -r"):
        await Services(home, only=["postgres"]).start(SILENT)


def sqs(endpoints: Endpoints) -> Any:
    return aws_client("sqs", url=endpoints.emulator_url, credentials=endpoints.credentials)
