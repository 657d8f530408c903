"""Creates many users directly in Postgres, without the slow password hash of a registration."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import psycopg

from cgraph.core import clock, ids
from cgraph.core.ids import SessionId, UserId
from cgraph.core.tokens import Kind, new_token
from tests.person import Person
from tests.system import LocalSystem

_INSERT = """
    WITH crowd AS (
        SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::bytea[])
            AS each (id, username, session_id, access_hash)
    ), people AS (
        INSERT INTO users (id, username, email, password_hash, display_name, created_at)
        SELECT id, username, username || '@example.org', '', username, %s FROM crowd
    ), own AS (
        INSERT INTO streams (id, kind) SELECT id, 'user' FROM crowd
    )
    INSERT INTO sessions (id, user_id, device, created_at, last_used_at, expires_at,
                          access_hash, access_expires_at)
    SELECT session_id, id, 'bench', %s, %s, %s, access_hash, %s FROM crowd
"""


def create_users(system: LocalSystem, number: int) -> list[Person]:
    """Each user has a session, but cannot log in."""
    http, now = system.new_http(), clock.now()
    later = now + timedelta(hours=1)
    people: list[Person] = []
    sessions, hashes = [], []
    for _ in range(number):
        user, session = UserId(ids.uuid7(now)), SessionId(ids.uuid7(now))
        token = new_token(Kind.ACCESS, user_id=user, session_id=session)
        sessions.append(session)
        hashes.append(token.hash)
        people.append(Person(http, f"one-{uuid4().hex[:20]}", str(user), str(token), ""))
    columns = [one.id for one in people], [one.username for one in people], sessions, hashes
    with psycopg.connect(system.endpoints.conninfo, autocommit=True) as connection:
        connection.execute(_INSERT, (*columns, now, now, now, later, later))
    return people
