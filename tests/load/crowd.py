"""Creates many users directly in Postgres, without the slow password hash of a registration."""

from __future__ import annotations

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class NewUser:
    id: UserId
    username: str
    access_token: str


def insert_users(conninfo: str, number: int) -> list[NewUser]:
    """Each user has a session of one hour, but cannot log in."""
    now = clock.now()
    later = now + timedelta(hours=1)
    users, sessions, hashes = [], [], []
    for _ in range(number):
        user, session = UserId(ids.uuid7(now)), SessionId(ids.uuid7(now))
        token = new_token(Kind.ACCESS, user_id=user, session_id=session)
        sessions.append(session)
        hashes.append(token.hash)
        users.append(NewUser(user, f"one-{uuid4().hex[:20]}", str(token)))
    columns = [one.id for one in users], [one.username for one in users], sessions, hashes
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(_INSERT, (*columns, now, now, now, later, later))
    return users


def create_users(system: LocalSystem, number: int) -> list[Person]:
    """As `insert_users`, as callers of the system."""
    http = system.new_http()
    return [
        Person(http, user.username, str(user.id), user.access_token, "")
        for user in insert_users(system.endpoints.conninfo, number)
    ]
