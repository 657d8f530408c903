from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark, TimestampInput
from cgraph.forums.policies import ForumRole
from cgraph.moderation.targets.models import ForumName, PossiblyDeletedUser

BanDays = Annotated[
    Annotated[int, Field(ge=1, le=3650)] | None,
    Field(description="Length of the ban in days; null or left out is permanent"),
]
ShadowBan = Annotated[
    bool,
    Field(
        description="The user is not told of the ban and can still write, but only the user and the"
        " moderators see it"
    ),
]


class BanDraft(Body):
    """A ban to impose. It is permanent without `days` and `until`; not both may be given."""

    days: BanDays = None
    until: Annotated[
        TimestampInput | None, Field(description="End of the ban; must be in the future")
    ] = None
    shadow: ShadowBan = False
    reason: Annotated[Remark, Field(description="Sent to the user, except with a shadow ban")] = ""

    @model_validator(mode="after")
    def _has_one_end(self) -> Self:
        if self.days is not None and self.until is not None:
            raise ValueError("days or until, not both")
        return self


class Ban(Model):
    """A ban from a forum."""

    user: PossiblyDeletedUser
    until: Annotated[Timestamp | None, Field(description="Null: the ban is permanent")]
    shadow: ShadowBan
    reason: str
    created_by: PossiblyDeletedUser
    created_at: Timestamp


class BanNotice(Model):
    """A ban as the banned user gets it, without the moderator's name."""

    until: Annotated[Timestamp | None, Field(description="Null: the ban is permanent")]
    reason: str


class UserBanned(Model):
    """Data of `moderation.banned`, which only the banned user gets."""

    forum: ForumName
    ban: BanNotice


class UserUnbanned(Model):
    """Data of `moderation.unbanned`, which only the user gets whose ban was lifted."""

    forum: ForumName


class BanCandidate(Model):
    """A user to ban or unban. `role`: None if the user is not a member of the forum."""

    role: ForumRole | None


@dataclass(frozen=True, slots=True)
class BanRow:
    """A ban that is in force."""

    id: UUID
    shadow: bool


@dataclass(frozen=True, slots=True)
class BanJSON:
    """`json`: a Ban, as JSON text. The other columns are its position in lists."""

    created_at: datetime
    user_id: UUID
    json: str
