"""Links of mails, as the functions sign them."""

import os
from uuid import UUID

import psycopg

from cgraph.accounts.one_time_tokens.tokens import OneTimeToken, Purpose, new_one_time_token
from cgraph.core import clock
from cgraph.core.server_keys import KEY_BYTES
from cgraph.mail.links import Signer
from cgraph_local.core.endpoints import Endpoints


def mail_token(endpoints: Endpoints, *, user_id: UUID) -> str:
    """That of the link with which the user ends mails about notifications."""
    with psycopg.connect(endpoints.conninfo, autocommit=True) as connection:
        query = "SELECT server_key('mail', %s, now())"
        row = connection.execute(query, [os.urandom(KEY_BYTES)]).fetchone()
    assert row is not None
    return Signer(bytes(row[0])).token(user_id)


def unverify(endpoints: Endpoints, *, user_id: UUID) -> None:
    """As if the address had never been verified."""
    with psycopg.connect(endpoints.conninfo, autocommit=True) as connection:
        connection.execute("UPDATE users SET email_verified_at = NULL WHERE id = %s", [user_id])


def one_time_token(endpoints: Endpoints, *, user_id: UUID, purpose: Purpose) -> OneTimeToken:
    """As if a mail had brought it to the user's address."""
    token = new_one_time_token(purpose, now=clock.now())
    with psycopg.connect(endpoints.conninfo, autocommit=True) as connection:
        connection.execute(
            """
            INSERT INTO one_time_tokens
                (id, user_id, purpose, hash, code_hash, email, created_at, expires_at)
            SELECT %(token_id)s, id, %(purpose)s, %(hash)s, %(code_hash)s, email, %(now)s,
                   %(expires_at)s
            FROM users WHERE id = %(user_id)s
            """,
            {"user_id": user_id, **token.values},
        )
    return token
