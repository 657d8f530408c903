"""Users who are hidden from each other in a stream, because one of them has blocked the other.

Neither gets typing, presence or receipts of the other, whichever of the two has blocked. Postgres
knows the blocks; of those that concern a stream's subscribers there is a copy in Valkey, so that
typing and presence need no statement: a hash with a field "blocker blocked" of short ids for each
block, and a `version` that grows with each change. `subscribe` makes the copy, and a block that
begins or ends changes it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from cgraph.core.ids import short
from cgraph.events.streams import Stream
from cgraph.realtime.subscription_store import hash_tag

HiddenUsers = Mapping[str, frozenset[str]]
"""By short user id: the users who are hidden from that user."""

VERSION_FIELD = "version"


def hidden_key(stream: Stream) -> str:
    return f"hidden:{hash_tag(stream)}"


def block_field(*, blocker: UUID, blocked: UUID) -> str:
    return f"{short(blocker)} {short(blocked)}"


def parse_hidden(fields: Iterable[str]) -> HiddenUsers:
    """From the fields of the hash."""
    hidden: defaultdict[str, set[str]] = defaultdict(set)
    for field in fields:
        if field != VERSION_FIELD:
            blocker, blocked = field.split()
            hidden[blocker].add(blocked)
            hidden[blocked].add(blocker)
    return {user: frozenset(others) for user, others in hidden.items()}
