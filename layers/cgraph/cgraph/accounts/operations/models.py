"""What an operator asks for about accounts, and the answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Email, Login, Model, OneLine

OF_AN_ACCOUNT = frozenset(
    {
        *("show", "approve", "verify-email", "set-email", "reset-password"),
        *("remove-second-factor", "end-sessions"),
    }
)
"""Actions that need a login."""

RECORDED = OF_AN_ACCOUNT - {"show"} | {"invite"}
"""Actions that change something: each needs a reason, and has an entry in the audit log."""


class AccountCommand(Body):
    """`verify-email`: says that the account's address is its user's. `set-email`: gives it `email`,
    verified. `reset-password`: ends all sessions and returns a token with which the user chooses a
    new password. `invite`: returns an invitation. `waiting`: lists accounts that wait for approval.
    `audit`: lists the last entries and checks the chain.
    """

    action: Literal[
        "show",
        "approve",
        "verify-email",
        "set-email",
        "reset-password",
        "remove-second-factor",
        "end-sessions",
        "invite",
        "waiting",
        "audit",
    ]
    login: Login | None = Field(default=None, description="Of the account.")
    email: Email | None = Field(default=None, description="For `set-email`.")
    operator: Annotated[str, OneLine(100)] = Field(
        description="Who asks for it, for the audit log."
    )
    reason: Annotated[str, OneLine(500)] | None = Field(
        default=None, description="Why, for the audit log. It stays there for good: name no secret."
    )

    @model_validator(mode="after")
    def _has_all(self) -> "AccountCommand":
        if self.action in OF_AN_ACCOUNT and self.login is None:
            raise ValueError(f"{self.action} needs the login of an account")
        if self.action == "set-email" and self.email is None:
            raise ValueError("set-email needs the new address")
        if self.action in RECORDED and self.reason is None:
            raise ValueError(f"{self.action} needs a reason, for the audit log")
        return self


class AccountState(Model):
    """An account, as operators see it."""

    id: UUID
    username: str
    email: str
    email_verified: bool
    approved: bool
    totp: bool
    sessions: int = Field(description="How many are live.")
    created_at: Timestamp


class AccountAuditEntry(Model):
    """Something that an operator did with an account."""

    number: int
    actor: str
    action: str
    user_id: UUID | None
    detail: dict[str, str]
    created_at: Timestamp


class AccountReport(Model):
    accounts: list[AccountState] = Field(default=[], description="After what was done.")
    token: str | None = Field(
        default=None, description="Of `reset-password` and `invite`; shown only once."
    )
    expires_at: Timestamp | None = Field(default=None, description="Of the token.")
    entries: list[AccountAuditEntry] = Field(default=[], description="The newest first.")
    first_fault: int | None = Field(
        default=None, description="The first entry that is missing or was altered."
    )


@dataclass(frozen=True, slots=True)
class FaultRow:
    number: int | None


@dataclass(frozen=True, slots=True)
class IssuedToken:
    text: str
    expires_at: datetime
