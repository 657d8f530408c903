from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark, TimestampInput
from cgraph.forums.policies import ForumRole
from cgraph.moderation.targets.models import ForumName

Days = Annotated[int, Field(ge=1, le=3650)]


class BanDraft(Body):
    """Without `days` and `until` it is for ever. `shadow`: they go on writing, and only moderators
    see it; they are not told.
    """

    days: Days | None = None
    until: TimestampInput | None = None
    shadow: bool = False
    reason: Remark = ""

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if self.days is not None and self.until is not None:
            raise ValueError("days or until, not both")
        return self


class Ban(Model):
    """`until`: null is for ever."""

    user: UserSummary | None
    until: Timestamp | None
    shadow: bool
    reason: str
    created_by: UserSummary | None
    created_at: Timestamp


class BanTold(Model):
    until: Timestamp | None
    reason: str


class Banned(Model):
    """What `moderation.banned` tells whoever is."""

    forum: ForumName
    ban: BanTold


class Unbanned(Model):
    """What `moderation.unbanned` tells whoever was."""

    forum: ForumName


class Candidate(Model):
    """Somebody who may be banned. `role`: None of who is no member."""

    role: ForumRole | None


@dataclass(frozen=True, slots=True)
class BanRow:
    """A ban that is in force."""

    id: UUID
    shadow: bool


@dataclass(frozen=True, slots=True)
class ListedBan:
    """A Ban as Postgres writes it, and its place in the list."""

    created_at: datetime
    user_id: UUID
    shown: str
