"""People who call the API with an API token."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.feature.world import Person


async def create_token(person: Person, *scopes: str, **fields: Any) -> Any:
    """The answer's body."""
    draft = {"name": "a program", "scopes": list(scopes), **fields}
    answer = await person.call("create_api_token", draft)
    assert answer.status == 201, answer
    return answer.body


async def with_token(person: Person, *scopes: str) -> Person:
    """The same user, as a program with such a token."""
    return as_program(person, (await create_token(person, *scopes))["token"])


def as_program(person: Person, token: str) -> Person:
    return replace(person, access_token=token)


async def age_session(person: Person) -> None:
    """All log-ins of the user were an hour ago."""
    await person.world.sql(
        "UPDATE sessions SET created_at = created_at - interval '1 hour' WHERE user_id = %s",
        person.id,
    )
