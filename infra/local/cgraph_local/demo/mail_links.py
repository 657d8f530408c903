"""Links of mails, as the functions sign them."""

import os
from uuid import UUID

import psycopg

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
