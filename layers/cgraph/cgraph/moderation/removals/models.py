from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, Remark
from cgraph.forums.audit.models import Subject
from cgraph.moderation.targets.models import ForumName


class RemovalDraft(Body):
    """`reason`: told to whoever wrote it."""

    reason: Remark = ""


class Removal(Model):
    target: Subject
    reason: str
    removed_at: Timestamp


class Restored(Model):
    """What `moderation.restored` tells whoever wrote it."""

    forum: ForumName
    target: Subject


class Removed(Restored):
    """What `moderation.removed` tells whoever wrote it."""

    reason: str


@dataclass(frozen=True, slots=True)
class RemovalRow:
    """One that is in force."""

    id: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Told:
    comment: dict[str, Any]
