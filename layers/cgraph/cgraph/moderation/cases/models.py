from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import Field, model_validator

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark
from cgraph.forums.models import ForumRef, Withheld
from cgraph.moderation.bans.models import BanDays, ShadowBan
from cgraph.moderation.evidence.models import EVIDENCE_DAYS, Evidence, ReportedVersion
from cgraph.moderation.targets.models import ReportedContent, TargetKind


class CaseState(StrEnum):
    """`open`: no moderator works on it. `claimed`: a moderator has reserved it for 15 minutes.
    `resolved`: a moderator has decided.
    """

    OPEN = "open"
    CLAIMED = "claimed"
    RESOLVED = "resolved"


class CaseAction(StrEnum):
    """What a moderator decides about reported content.

    `dismiss`: nothing is wrong with it. `approve`: nothing is wrong with it, and it is shown to all
    readers, having been withheld from them. `remove`: it is removed. `warn`: it stays, and its
    author is warned. `ban`: it is removed, and its author is banned.
    """

    APPROVE = "approve"
    DISMISS = "dismiss"
    REMOVE = "remove"
    WARN = "warn"
    BAN = "ban"


class BanTerms(Body):
    """Length and kind of a ban."""

    days: BanDays = None
    shadow: ShadowBan = False


class CaseResolution(Body):
    """A moderator's decision about a case."""

    action: CaseAction
    note: Remark = Field(
        default="",
        description="Sent to the author as the reason of the removal, warning or ban; at most "
        "1,000 characters.",
    )
    ban: BanTerms | None = Field(
        default=None,
        description="Only with the action `ban`; left out, it is permanent and no shadow ban.",
    )

    @model_validator(mode="after")
    def _terms_need_a_ban(self) -> Self:
        if self.ban is not None and self.action is not CaseAction.BAN:
            raise ValueError("ban goes with the action ban")
        return self


class ReportCase(Model):
    """All reports of one post or comment up to a moderator's decision. A report after the decision
    opens another case. Names of reporters are left out.
    """

    id: UUID
    forum: ForumRef
    target: ReportedContent
    withheld: Withheld | None = Field(
        description="Why only its author and the moderators see it; null: all readers see it."
    )
    state: CaseState
    priority: int = Field(
        description="Sum of the weights of the reports. A report weighs 100 if nothing is known of "
        "its reporter, otherwise 10 to 200, by how many of the reporter's reports were upheld; "
        "nothing while its reporter is banned from the forum, also by a shadow ban."
    )
    report_count: int
    reasons: dict[str, int] = Field(
        description="How many reports gave each reason; `filter` is given by the forum's filters."
    )
    notes: list[str] = Field(description="Notes of the reports, newest first, at most 5.")
    reported: ReportedVersion | None = Field(
        description="What it said when it was reported last, whatever its author did with it "
        f"afterwards. Null {EVIDENCE_DAYS} days after the decision."
    )
    created_at: Timestamp
    claimed_by: UserSummary | None = Field(
        description="The moderator who has claimed it; null if it is not claimed."
    )
    claimed_until: Timestamp | None = Field(
        description="When the claim ends; null if it is not claimed."
    )
    resolved_at: Timestamp | None
    resolved_by: UserSummary | None
    action: CaseAction | None = Field(description="The decision; null until it is resolved.")
    note: str | None = Field(description="Note of the decision; null until it is resolved.")


class ReportCaseDetail(ReportCase):
    """A ReportCase with everything that was reported."""

    evidence: list[Evidence] = Field(
        description="The versions that were reported, the last one first, at most 20. Empty "
        f"{EVIDENCE_DAYS} days after the decision."
    )


class CaseRow(Model):
    """The columns that decide what may be done to a case."""

    forum_id: UUID
    target_kind: TargetKind
    target_id: UUID
    author_id: UUID
    claimed_by: UUID | None
    claimed_by_username: str | None
    claimed_until: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class CaseJSON:
    """`json`: a ReportCase, as JSON text. The other columns are its position in lists: of resolved
    cases the time and id, of the others the priority and id.
    """

    priority: int
    resolved_at: datetime | None
    id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class ForumIdRow:
    forum_id: UUID


@dataclass(frozen=True, slots=True)
class ResolveCaseRow:
    """`is_first`: the case was not resolved before."""

    is_first: bool


@dataclass(frozen=True, slots=True)
class ClaimCaseRow:
    """`is_claimed`: by the moderator, and by nobody else."""

    is_claimed: bool
