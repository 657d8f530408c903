from dataclasses import dataclass
from enum import StrEnum

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark
from cgraph.forums.audit.models import Subject
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
    target: TargetRef
    reason: ReportReason
    note: Remark = ""


class Report(Model):
    """What one has reported."""

    target: Subject
    reason: ReportReason
    note: str
    created_at: Timestamp


@dataclass(frozen=True, slots=True)
class Filed:
    """`replayed`: they had reported it before, and that is the report."""

    report: Report
    replayed: bool


@dataclass(frozen=True, slots=True)
class FiledRow:
    is_new: bool


@dataclass(frozen=True, slots=True)
class ReporterRecord:
    """How many of a user's reports were upheld, and how many dismissed."""

    upheld: int
    dismissed: int


class ReportRow(Model):
    reason: ReportReason
    note: str
    created_at: Timestamp
