from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Model


class EntityRef(Model):
    """What an action was done to."""

    kind: str = Field(description="`user`, `post`, `comment`, `report` or `appeal`.")
    id: UUID


class AuditEntry(Model):
    """An action of a moderator, or of a filter, in a forum."""

    number: int = Field(description="Number of the entry in its forum: 1, 2, 3 …, without gaps.")
    actor: UserSummary | None = Field(description="The moderator; null if a filter did it.")
    action: str = Field(description="Verb and noun, such as `remove_post`.")
    target: EntityRef | None = Field(description="Null if the action concerns the forum itself.")
    detail: dict[str, Any] = Field(description="Depends on the action: a reason, a role …")
    created_at: Timestamp
    hash: str = Field(
        description="SHA-256, in hexadecimal, of this entry and the hash of the entry before it."
    )


@dataclass(frozen=True, slots=True)
class AuditEntryRow:
    """`json`: an AuditEntry. `number`: its position in the list."""

    number: int
    json: str
