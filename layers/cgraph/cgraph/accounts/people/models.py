from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import (
    Bio,
    Body,
    DisplayName,
    Model,
    StatusText,
    TimestampInput,
    Username,
    is_none,
)
from cgraph.mail.models import Language
from cgraph.media.pictures.models import Picture

AVATAR = Field(default=None, description="The user's picture; null until there is one.")
"""Of everything that shows a user."""


class CustomStatus(Model):
    """What a user says to be doing."""

    text: str = Field(description="1 to 100 characters in one line.")
    until: Timestamp | None = Field(description="When it ends; null: when the user removes it.")


class CustomStatusDraft(Body):
    """A status; it may begin with an emoji."""

    text: StatusText = Field(description="1 to 100 characters in one line, not only spaces.")
    until: TimestampInput | None = Field(
        default=None, description="When it ends by itself; null or left out: never."
    )


STATUS = Field(default=None, description="What the user says to be doing; null: nothing.")


class User(Model):
    """A user as other users see them."""

    id: UUID
    username: str
    display_name: str = Field(description="1 to 64 characters; the username until it is changed.")
    bio: str = Field(description="At most 500 characters; empty until it is changed.")
    avatar: Picture | None = AVATAR
    status: CustomStatus | None = STATUS
    created_at: Timestamp
    karma: int | None = Field(
        default=None,
        exclude_if=is_none,
        description="Sum of the votes for the user's posts and comments. Left out in lists and in "
        "events: no event reports how it changes.",
    )

    def with_urls(self) -> Self:
        """As answers show it."""
        if self.avatar is None:
            return self
        return self.model_copy(update={"avatar": self.avatar.with_urls()})


class Me(User):
    """A user as they see themselves."""

    email: str
    email_verified: bool = Field(
        default=False,
        description="Whether the user has shown that they read mail at this address.",
    )
    totp: bool = Field(
        default=False, description="Whether a log-in requires a code of the second factor."
    )
    language: Language = Field(default="en", description="Of mails and push messages.")


@dataclass(frozen=True, slots=True)
class MeRow:
    """`me`: a Me."""

    me: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """`json`: a Me."""

    json: str


class ProfileChange(Body):
    """Changes to the caller's profile. A field that is left out stays as it is; a name or text that
    is null too.
    """

    username: Username | None = Field(
        default=None,
        description="The former one stays the caller's for 90 days: mentions and links with it "
        "still reach them, and nobody else can take it. At most three are kept.",
    )
    display_name: DisplayName | None = Field(
        default=None, description="1 to 64 characters, not only spaces."
    )
    bio: Bio | None = Field(default=None, description="At most 500 characters.")
    language: Language | None = Field(default=None, description="Of mails and push messages.")
    avatar: UUID | None = Field(
        default=None,
        description="An upload of the caller, with `purpose` `avatar` and ready. Null removes the "
        "avatar.",
    )
    status: CustomStatusDraft | None = Field(default=None, description="Null removes the status.")


@dataclass(frozen=True, slots=True)
class LoggedProfileRow:
    """`profile`: an UpdatedProfileRow."""

    profile: dict[str, Any]


class UpdatedProfileRow(Me):
    """A user after a change. `seq`: the number of `user.updated` in the user's stream."""

    seq: int


@dataclass(frozen=True, slots=True)
class ChangedProfileRow:
    """`profile`: an UpdatedProfileRow; null where there is no such user, and where an avatar was
    refused for the reason `refusal`.
    """

    refusal: str | None
    profile: dict[str, Any] | None


class UserSummary(Model):
    """A user, as briefly as lists of members show them."""

    id: UUID
    username: str
    display_name: str
    avatar: Picture | None = AVATAR
