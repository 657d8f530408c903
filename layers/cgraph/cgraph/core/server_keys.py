"""Keys of this installation, in Postgres: see docs/decisions/0169."""

import os
from dataclasses import dataclass
from typing import Literal

from cgraph.core import clock
from cgraph.core.database import Transaction

KEY_BYTES = 32

KeyName = Literal["mail", "vapid"]


@dataclass(frozen=True, slots=True)
class KeyRow:
    key: bytes


async def server_key(tx: Transaction, *, name: KeyName) -> bytes:
    """Random bytes that stay the same; the first caller makes them."""
    row = await tx.fetch_one(
        KeyRow,
        "SELECT server_key(%(name)s, %(candidate)s, %(now)s) AS key",
        {"name": name, "candidate": os.urandom(KEY_BYTES), "now": clock.now()},
    )
    assert row is not None, "the statement always returns one row"
    return row.key
