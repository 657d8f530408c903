from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

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
    """A report to file."""

    target: TargetRef
    reason: ReportReason
    note: Annotated[
        Remark, Field(description="An explanation that the forum's moderators can read")
    ] = ""


class Report(Model):
    """The caller's report of a post or comment."""

    target: Subject
    reason: ReportReason
    note: str
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
