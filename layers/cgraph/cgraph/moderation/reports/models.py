from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark
from cgraph.forums.audit.models import EntityRef
from cgraph.moderation.targets.models import TargetRef


class ReportReason(StrEnum):
    SPAM = "spam"
    HARASSMENT = "harassment"
    HATE = "hate"
    VIOLENCE = "violence"
    SEXUAL = "sexual"
    MISINFORMATION = "misinformation"
    OFF_TOPIC = "off_topic"
    OTHER = "other"


class ReportDraft(Body):
    """A report to file."""

    target: TargetRef
    reason: ReportReason
    note: Remark = Field(
        default="", description="An explanation for the moderators, at most 1,000 characters."
    )


class Report(Model):
    """The caller's report of a post or comment."""

    target: EntityRef
    reason: ReportReason
    note: str = Field(description="The caller's explanation.")
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class FiledReport:
    """`replayed`: the caller had reported the target before; `report` is the first one."""

    report: Report
    replayed: bool


@dataclass(frozen=True, slots=True)
class FileReportRow:
    is_new: bool


@dataclass(frozen=True, slots=True)
class ReporterRecord:
    """How many of a user's reports were upheld, and how many dismissed."""

    upheld: int
    dismissed: int


class ReportRow(Model):
    """A row of `reports`, without the columns that the reader knows."""

    reason: ReportReason
    note: str
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class ReportsByRow:
    """A ReporterRecord, and a ReportRow or nulls."""

    upheld: int
    dismissed: int
    reason: ReportReason | None
    note: str | None
    created_at: datetime | None

    def report(self) -> ReportRow | None:
        if self.reason is None or self.note is None or self.created_at is None:
            return None
        return ReportRow(reason=self.reason, note=self.note, created_at=self.created_at)
