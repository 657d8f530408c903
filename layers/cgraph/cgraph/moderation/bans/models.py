from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark, TimestampInput
from cgraph.forums.models import ForumRef
from cgraph.forums.policies import ForumRole
from cgraph.moderation.targets.models import PossiblyDeletedUser
from cgraph.moderation.texts.models import TextsRemoved, WrittenWithin

BanDays = Annotated[
    Annotated[int, Field(ge=1, le=3650)] | None,
    Field(description="Length of the ban in days; null or left out is permanent."),
]
ShadowBan = Annotated[
    bool,
    Field(
        description="With a shadow ban, the user gets no event and can still write, but only the "
        "user and the moderators see it."
    ),
]


class BanDraft(Body):
    """A ban to impose. It is permanent without `days` and `until`; not both may be given."""

    days: BanDays = None
    until: TimestampInput | None = Field(
        default=None, description="End of the ban; must be in the future."
    )
    shadow: ShadowBan = False
    reason: Remark = Field(
        default="",
        description="Sent to the user, except with a shadow ban; at most 1,000 characters.",
    )
    remove: WrittenWithin | None = Field(
        default=None,
        description="Also removes what the user wrote in the forum within this time, the newest "
        "first; left out, nothing. Not with a shadow ban, which the user would notice.",
    )

    @model_validator(mode="after")
    def _has_one_end(self) -> Self:
        if self.days is not None and self.until is not None:
            raise ValueError("days or until, not both")
        if self.shadow and self.remove is not None:
            raise ValueError("remove goes with an ordinary ban")
        return self


class Ban(Model):
    """A ban from a forum."""

    user: PossiblyDeletedUser
    until: Timestamp | None = Field(description="Null: the ban is permanent.")
    shadow: ShadowBan
    reason: str
    created_by: PossiblyDeletedUser
    created_at: Timestamp


class ImposedBan(Ban):
    """A ban that has just been imposed."""

    removal: TextsRemoved | None = Field(
        description="What was removed of what the user wrote; null without `remove`."
    )


class BanNotice(Model):
    """A ban as the banned user gets it, without the moderator's name."""

    until: Timestamp | None = Field(description="Null: the ban is permanent.")
    reason: str


class UserBanned(Model):
    """Data of `moderation.banned`, which only the banned user gets."""

    forum: ForumRef
    ban: BanNotice


class UserUnbanned(Model):
    """Data of `moderation.unbanned`, which only the user gets whose ban was lifted."""

    forum: ForumRef


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
