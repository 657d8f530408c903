"""Whether an account is in full standing. One that is not may call few routes: who has not verified
their e-mail address reads (setting `UnverifiedMay`), and an account that waits for its approval
(setting `Registration`) only looks after itself. Each policy says what it admits, and admission
decides.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.errors import AccountNotApproved, EmailNotVerified, Refusal
from cgraph.core.policies import Policy
from cgraph.core.settings import settings


class Standing(StrEnum):
    FULL = ""
    UNVERIFIED = "unverified"
    UNAPPROVED = "unapproved"


REFUSALS: dict[Standing, type[Refusal]] = {
    Standing.UNVERIFIED: EmailNotVerified,
    Standing.UNAPPROVED: AccountNotApproved,
}


@dataclass(frozen=True, slots=True)
class StandingRow:
    verified: bool
    approved: bool


def standing(*, verified: bool, approved: bool) -> Standing:
    """By the settings: where they require nothing, each account is in full standing."""
    if not approved and settings().registration == "approval":
        return Standing.UNAPPROVED
    if not verified and settings().unverified_may == "read":
        return Standing.UNVERIFIED
    return Standing.FULL


def refused_by(policy: Policy, *, changes: bool) -> tuple[Standing, ...]:
    """Whom it does not admit. `changes`: whether the request may change anything."""
    refused = []
    if settings().registration == "approval" and not policy.unapproved:
        refused.append(Standing.UNAPPROVED)
    if settings().unverified_may == "read" and changes and not policy.unverified:
        refused.append(Standing.UNVERIFIED)
    return tuple(refused)


async def standing_of(tx: Transaction, *, user_id: UUID) -> Standing:
    row = await tx.fetch_one(
        StandingRow,
        """
        SELECT email_verified_at IS NOT NULL AS verified, approved_at IS NOT NULL AS approved
        FROM users WHERE id = %(user_id)s
        """,
        {"user_id": user_id},
    )
    return Standing.FULL if row is None else standing(verified=row.verified, approved=row.approved)
