from dataclasses import dataclass
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import Field, StringConstraints, ValidationInfo, field_validator, model_validator

from cgraph.accounts.auth.sessions.models import TokenPair
from cgraph.accounts.people.models import Me
from cgraph.accounts.webauthn.models import PasskeyResponse
from cgraph.core import precis
from cgraph.core.fields import (
    Body,
    Code,
    DeviceToken,
    Email,
    Login,
    Password,
    Token,
    TypedPassword,
    Username,
)


class Registration(Body):
    """A new account."""

    username: Username = Field(
        description="2 to 32 letters, digits, `_`, `.` or `-`; the first is a letter or a digit. "
        "Unique, stored in lower case and never changed. Names that would mislead others, such as "
        "`admin` or `everyone`, are refused."
    )
    email: Email = Field(
        description="Other users never see it. Several accounts may name the same address: it "
        "belongs to the one that verifies it."
    )
    password: Password = Field(
        description="8 to 256 characters; not one of the most common passwords, not the username, "
        "nor the name in the e-mail address, nor one character repeated."
    )
    invitation: (
        Annotated[str, StringConstraints(min_length=1, max_length=100), Token("invitation")] | None
    ) = Field(
        default=None,
        description="From `POST /me/invitations` or an operator. Required where new accounts need "
        "one; where they wait for approval, an account with one does not.",
    )


class Credentials(Body):
    """What a user logs in with."""

    login: Login = Field(
        description="The username or the e-mail address, whatever its case. "
        "White space around it does not matter."
    )
    password: TypedPassword
    code: Code | None = Field(
        default=None,
        description="Required if the account has a second factor: the current code of the "
        "authenticator app, or a backup code. Spaces and hyphens do not matter.",
    )
    passkey: PasskeyResponse | None = Field(
        default=None,
        description="In place of `code`, a passkey of the account: `JSON.stringify()` of what "
        "`navigator.credentials.get()` returned for the purpose `second_factor`.",
    )
    device_token: DeviceToken | None = Field(
        default=None,
        description="From the last registration or log-in on this device. With it, wrong attempts "
        "of other devices do not count against this one. A token that is not known is ignored.",
    )


class PasswordChange(Body):
    """A new password for the caller's account."""

    current_password: TypedPassword
    new_password: Password = Field(
        description="8 to 256 characters, different from the current password, the username and "
        "the name in the e-mail address; not one character repeated, nor one of the most common "
        "passwords."
    )

    @field_validator("new_password")
    @classmethod
    def _is_new(cls, new_password: str, info: ValidationInfo) -> str:
        if new_password in precis.password_forms(info.data.get("current_password", "")):
            raise ValueError("must not be the password that it replaces")
        return new_password


class Confirmation(Body):
    """What the caller would log in with: the password or a passkey."""

    password: TypedPassword | None = Field(
        default=None, description="Required unless there is a `passkey`."
    )
    code: Code | None = Field(
        default=None,
        description="Required with `password` if the account has an authenticator app: its "
        "current code, or a backup code.",
    )
    passkey: PasskeyResponse | None = Field(
        default=None,
        description="`JSON.stringify()` of what `navigator.credentials.get()` returned for the "
        "purpose `confirm`.",
    )

    @model_validator(mode="after")
    def _has_one(self) -> Self:
        if (self.password is None) == (self.passkey is None):
            raise ValueError("either a password or a passkey")
        return self


class NewSession(TokenPair):
    """The tokens of a new session, and the user who has registered or logged in."""

    user: Me
    device_token: str = Field(
        description="Marks this device as known to the account. Kept when the session ends, and "
        "sent with the next log-in, within 60 days. It opens nothing by itself."
    )


@dataclass(frozen=True, slots=True)
class AccountRow:
    """The account that a log-in names, with the hash of its password. `me`: a Me. `passkey`: it has
    one as a second factor.
    """

    id: UUID
    me: dict[str, Any]
    totp: bool
    password_hash: str
    passkey: bool


@dataclass(frozen=True, slots=True)
class PasswordRow:
    """The hash of a user's password, and what the password must not be. `passkey`: as in
    AccountRow.
    """

    password_hash: str
    username: str
    email: str
    passkey: bool
