from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import model_validator

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark
from cgraph.moderation.bans.models import Days
from cgraph.moderation.targets.models import ForumName, ShownThing, TargetKind


class CaseState(StrEnum):
    """Open: waits for a moderator. Claimed: one is at it, for a quarter of an hour."""

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class CaseAction(StrEnum):
    """Dismiss: nothing was wrong with it. Warn: it stays, and its author is warned. Ban: it is
    removed, and its author banned.
    """

    DISMISS = "dismiss"
    REMOVE = "remove"
    WARN = "warn"
    BAN = "ban"


class BanTerms(Body):
    """`days`: null, or left out, is for ever."""

    days: Days | None = None
    shadow: bool = False


class Resolution(Body):
    """`note`: what the author is told, as the reason."""

    action: CaseAction
    note: Remark = ""
    ban: BanTerms | None = None

    @model_validator(mode="after")
    def _terms_are_of_a_ban(self) -> Self:
        if self.ban is not None and self.action is not CaseAction.BAN:
            raise ValueError("ban goes with the action ban")
        return self


class Case(Model):
    """All reports of one post or comment, up to what was done about it.

    `reasons`: how many gave each, `filter` among them; `notes`: the last few. Who reported is not
    said. `priority`: the sum of the reports' weights, 100 each from people of whom nothing is
    known.
    """

    id: UUID
    forum: ForumName
    target: ShownThing
    state: CaseState
    priority: int
    report_count: int
    reasons: dict[str, int]
    notes: list[str]
    created_at: Timestamp
    claimed_by: UserSummary | None
    claimed_until: Timestamp | None
    resolved_at: Timestamp | None
    resolved_by: UserSummary | None
    action: CaseAction | None
    note: str | None


class CaseRow(Model):
    """What of a case decides what may be done to it; `claimant`: the username."""

    forum_id: UUID
    target_kind: TargetKind
    target_id: UUID
    claimed_by: UUID | None
    claimant: str | None
    claimed_until: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A Case as Postgres writes it."""

    shown: str


@dataclass(frozen=True, slots=True)
class ListedCase:
    """With its place in the list: of what is resolved by its time, of the others by priority."""

    priority: int
    resolved_at: datetime | None
    id: UUID
    shown: str
