from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Bio, Body, DisplayName, Model


def _unsaid(value: object) -> bool:
    return value is None


class User(Model):
    """A person as others see them. `karma`: the votes for what they wrote; said where just this
    person is asked for, for no event tells how it moves.
    """

    id: UUID
    username: str
    display_name: str
    bio: str
    created_at: Timestamp
    karma: int | None = Field(default=None, exclude_if=_unsaid)


class Me(User):
    """A person as they see themselves. `totp`: a log-in asks for a code too."""

    email: str
    totp: bool = False


class ProfileChange(Body):
    """What is left out stays as it is."""

    display_name: DisplayName | None = None
    bio: Bio | None = None


class ChangedProfile(Me):
    """`seq`: the change's number in the person's own stream."""

    seq: int


class UserSummary(Model):
    id: UUID
    username: str
    display_name: str
