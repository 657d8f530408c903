from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark
from cgraph.forums.audit.models import EntityRef
from cgraph.forums.models import ForumRef


class RemovalDraft(Body):
    """A removal to make."""

    reason: Remark = Field(default="", description="Sent to the author; at most 1,000 characters.")


class Removal(Model):
    """The removal of a post or comment that is in force."""

    target: EntityRef
    reason: str
    removed_at: Timestamp


class ContentRestored(Model):
    """Data of `moderation.restored` and `moderation.approved`, which only the author gets."""

    forum: ForumRef
    target: EntityRef


class ContentRemoved(ContentRestored):
    """Data of `moderation.removed`, which only the author gets."""

    reason: str


@dataclass(frozen=True, slots=True)
class RemovalRow:
    """A removal that is in force."""

    id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class CommentPayloadRow:
    """`comment`: a Comment as events carry it."""

    comment: dict[str, Any]
