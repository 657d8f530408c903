from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StringConstraints

from cgraph.core.fields import Body, Login, Password, Token


class PasswordResetRequest(Body):
    """For whom a new password is wanted."""

    login: Login = Field(
        description="The username or the e-mail address, whatever its case. "
        "White space around it does not matter."
    )


class PasswordReset(Body):
    """A new password, and the token that allows it."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200), Token("mail token")] = (
        Field(description="Of the mail, or from an operator.")
    )
    new_password: Password = Field(
        description="8 to 256 characters; not one of the most common passwords, not the username, "
        "nor the name in the e-mail address, nor one character repeated."
    )


@dataclass(frozen=True, slots=True)
class ResetRow:
    """Whose password is to be reset. `suppressed`: the address gets no mail."""

    username: str
    email: str
    name: str
    suppressed: bool


@dataclass(frozen=True, slots=True)
class ResetPasswordRow:
    """`profile`: an UpdatedProfileRow. The sessions that have ended are those of EndedSessions."""

    profile: dict[str, Any]
    session_ids: list[UUID]
    access_hashes: list[bytes]
