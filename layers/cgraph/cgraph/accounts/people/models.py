from dataclasses import dataclass
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Bio, Body, DisplayName, Model, is_none


class User(Model):
    """A user as other users see them."""

    id: UUID
    username: str
    display_name: str = Field(description="1 to 64 characters; the username until it is changed.")
    bio: str = Field(description="At most 500 characters; empty until it is changed.")
    created_at: Timestamp
    karma: int | None = Field(
        default=None,
        exclude_if=is_none,
        description="Sum of the votes for the user's posts and comments. Left out in lists and in "
        "events: no event reports how it changes.",
    )


class Me(User):
    """A user as they see themselves."""

    email: str
    totp: bool = Field(
        default=False, description="Whether a log-in requires a code of the second factor."
    )


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """`json`: a Me."""

    json: str


class ProfileChange(Body):
    """Changes to the caller's profile. A field that is left out, or null, stays as it is."""

    display_name: DisplayName | None = Field(
        default=None, description="1 to 64 characters, not only spaces."
    )
    bio: Bio | None = Field(default=None, description="At most 500 characters.")


class UpdatedProfileRow(Me):
    """A user after a change. `seq`: the number of `user.updated` in the user's stream."""

    seq: int


class UserSummary(Model):
    """A user, as briefly as lists of members show them."""

    id: UUID
    username: str
    display_name: str
