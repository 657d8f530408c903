"""An operator changes as many rows as they said, or none."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from cgraph.system.inspection import WrongNumberOfRows
from tests.feature.environment import work_off
from tests.feature.world import Person, World


async def repair(world: World, statement: str, *, rows: int) -> dict[str, Any]:
    event = {"statement": statement, "operator": "arn", "rows": rows}
    result: dict[str, Any] = await world.run(work_off, "deployment.repair_database", event)
    return result


def bio(world: World, person: Person) -> str:
    with psycopg.connect(world.endpoints.admin_conninfo) as connection:
        found = connection.execute("SELECT bio FROM users WHERE id = %s", [person.id]).fetchone()
    assert found
    return str(found[0])


async def test_a_statement_with_the_expected_number_of_rows_is_committed(
    world: World, ada: Person
) -> None:
    statement = f"UPDATE users SET bio = 'repaired, 100 %' WHERE id = '{ada.id}'"
    assert await repair(world, statement, rows=1) == {"rows": 1}
    assert bio(world, ada) == "repaired, 100 %"


async def test_a_statement_with_another_number_of_rows_changes_nothing(
    world: World, ada: Person, grace: Person
) -> None:
    statement = f"UPDATE users SET bio = 'both' WHERE id IN ('{ada.id}', '{grace.id}')"
    with pytest.raises(WrongNumberOfRows, match="changes 2 rows, not 1"):
        await repair(world, statement, rows=1)
    assert bio(world, ada) == bio(world, grace) == ""


async def test_several_statements_are_refused(world: World, ada: Person) -> None:
    statement = f"UPDATE users SET bio = 'x' WHERE id = '{ada.id}'; COMMIT"
    with pytest.raises(psycopg.errors.SyntaxError):
        await repair(world, statement, rows=1)
    assert bio(world, ada) == ""
