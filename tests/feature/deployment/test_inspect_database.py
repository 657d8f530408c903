"""An operator reads with one statement at a time, and cannot change anything with it."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from pydantic import ValidationError

from cgraph.system.inspection import MOST_CHARACTERS
from tests.feature.environment import work_off
from tests.feature.world import Person, World

OPERATOR = "arn:aws:sts::000000000000:assumed-role/Operator/ada"


async def inspect(world: World, statement: str, **more: object) -> dict[str, Any]:
    event = {"statement": statement, "operator": OPERATOR, **more}
    result: dict[str, Any] = await world.run(work_off, "deployment.inspect_database", event)
    return result


async def test_the_rows_of_a_statement_are_returned_as_text(world: World) -> None:
    found = await inspect(
        world,
        "SELECT 1 AS one, NULL AS nothing, '\\x00ff'::bytea AS bytes,"
        " '{\"a\": [1]}'::jsonb AS json, 'a%s' AS text, now() - now() AS duration",
    )
    assert found["columns"] == ["one", "nothing", "bytes", "json", "text", "duration"]
    assert found["rows"] == [["1", None, "00ff", '{"a": [1]}', "a%s", "0:00:00"]]
    assert found["complete"] is True


async def test_a_long_result_is_cut_and_says_so(world: World) -> None:
    found = await inspect(world, "SELECT generate_series(1, 1000000000)", rows=3)
    assert (found["rows"], found["complete"]) == ([["1"], ["2"], ["3"]], False)
    wide = f"SELECT repeat('x', {MOST_CHARACTERS}) FROM generate_series(1, 50)"
    found = await inspect(world, wide)
    assert (len(found["rows"]), found["complete"]) == (2, False)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET bio = 'changed'",
        "DELETE FROM sessions",
        "CREATE TABLE mine (id int)",
        "WITH gone AS (DELETE FROM nonces RETURNING 1) SELECT * FROM gone",
        "SELECT make_partitions(now() + interval '5 years')",
    ],
)
async def test_a_statement_that_writes_is_refused(world: World, statement: str) -> None:
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await inspect(world, statement)


@pytest.mark.parametrize(
    "statement",
    ["COMMIT; DELETE FROM sessions", "SET TRANSACTION READ WRITE; DELETE FROM sessions"],
)
async def test_a_second_statement_is_refused(world: World, ada: Person, statement: str) -> None:
    with pytest.raises(psycopg.errors.SyntaxError):
        await inspect(world, statement)
    assert (await inspect(world, "SELECT count(*) > 0 FROM sessions"))["rows"] == [["True"]]


async def test_leaving_the_transaction_changes_nothing_for_the_next_statement(
    world: World,
) -> None:
    for statement in ("COMMIT", "SET TRANSACTION READ WRITE"):
        with pytest.raises(psycopg.ProgrammingError, match="didn't produce a result"):
            await inspect(world, statement)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        await inspect(world, "DELETE FROM sessions")


async def test_the_report_finds_a_stream_whose_end_is_missing(world: World, ada: Person) -> None:
    async def report() -> dict[str, str]:
        found = await inspect(world, "SELECT name, value FROM database_report()")
        return {row[0]: row[1] for row in found["rows"]}

    await ada.converse(await world.new_person("grace"))
    before = await report()
    assert before.keys() == {
        *("newest_event", "torn_streams", "audit_faults"),
        *("users", "conversations", "forums", "streams"),
    }
    assert before["audit_faults"] == "0"
    with psycopg.connect(world.endpoints.admin_conninfo, autocommit=True) as connection:
        connection.execute("UPDATE streams SET head = head + 1 WHERE id = %s", [ada.id])
        after = await report()
        connection.execute("UPDATE streams SET head = head - 1 WHERE id = %s", [ada.id])
    # Other tests leave streams without their events.
    assert int(after["torn_streams"]) == int(before["torn_streams"]) + 1


async def test_an_invalid_request_runs_nothing(world: World) -> None:
    for more in ({"rows": 0}, {"rows": 1001}, {"operator": ""}):
        with pytest.raises(ValidationError):
            await inspect(world, "SELECT 1", **more)
