from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Model


class Subject(Model):
    """What something was done to: a `user`, a `post`, a `comment`, a `report`, an `appeal`."""

    kind: str
    id: UUID


class AuditEntry(Model):
    """What somebody did in a forum; without `actor` a filter did it. `hash` is made of this entry
    and of the hash of the one before it, in hexadecimal.
    """

    number: int
    actor: UserSummary | None
    action: str
    target: Subject | None
    detail: dict[str, Any]
    created_at: Timestamp
    hash: str


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An AuditEntry as Postgres writes it, and its place in the list."""

    number: int
    shown: str
