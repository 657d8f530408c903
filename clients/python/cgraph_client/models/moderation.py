"""Reports, removals, bans, warnings and appeals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cgraph_client.models.forums import EntityRef, ForumRef
from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.posts import NewAccountVotes
from cgraph_client.models.users import User


@dataclass(frozen=True, slots=True)
class Report(JsonModel):
    """The caller's report of a post or a comment."""

    target: EntityRef
    reason: str
    created_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class ReportedContent(JsonModel):
    """A post or a comment as moderators see it, also while it is removed. `text`: its beginning;
    None where its author has deleted it."""

    kind: str
    id: str
    post_id: str
    created_at: datetime
    author: User | None = None
    title: str | None = None
    text: str | None = None
    new_account_votes: NewAccountVotes | None = None
    deleted_at: datetime | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReportedVersion(JsonModel):
    """What a post or a comment said when it was reported: `text`, its beginning, in the case;
    `body` and `body_html`, the whole, in the evidence of `Moderation.case`."""

    version: int
    reported_at: datetime
    title: str | None = None
    url: str | None = None
    text: str = ""
    body: str = ""
    body_html: str = ""


@dataclass(frozen=True, slots=True)
class ReportCase(JsonModel):
    """All reports of one post or comment up to the decision. `state` is `open`, `claimed` or
    `resolved`; `action` is the decision: `dismiss`, `approve`, `remove`, `warn` or `ban`. `reasons`
    counts the reports by reason. `evidence`: what was reported, the last version first, only in a
    single case."""

    id: str
    forum: ForumRef
    target: ReportedContent
    state: str
    created_at: datetime
    withheld: str | None = None
    priority: int = 0
    report_count: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reported: ReportedVersion | None = None
    claimed_by: User | None = None
    claimed_until: datetime | None = None
    resolved_at: datetime | None = None
    resolved_by: User | None = None
    action: str | None = None
    note: str | None = None
    evidence: tuple[ReportedVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Removal(JsonModel):
    target: EntityRef
    removed_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TextsRemoved(JsonModel):
    """`more`: there are others, and the call is to be repeated."""

    removed: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class TextsRestored(JsonModel):
    """`votes`: how many votes count again. `more`: there are others, and the call is to be
    repeated."""

    restored: int
    votes: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True)
class Ban(JsonModel):
    """`until` is None for a permanent ban. `removal`: what was removed with the ban, only in the
    answer to `ban`."""

    created_at: datetime
    user: User | None = None
    until: datetime | None = None
    shadow: bool = False
    reason: str = ""
    created_by: User | None = None
    removal: TextsRemoved | None = None


@dataclass(frozen=True, slots=True)
class ForumWarning(JsonModel):
    id: str
    forum: ForumRef
    created_at: datetime
    user: User | None = None
    reason: str = ""
    target: EntityRef | None = None


@dataclass(frozen=True, slots=True)
class Appeal(JsonModel):
    """`against`: the removed post or comment, or the forum that the user is banned from. `state` is
    `open`, `accepted` or `rejected`; `note` is what the moderator who decided wrote."""

    id: str
    forum: ForumRef
    against: EntityRef
    content: str
    state: str
    created_at: datetime
    user: User | None = None
    target: ReportedContent | None = None
    reason: str = ""
    note: str | None = None
    decided_at: datetime | None = None
