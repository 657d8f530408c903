from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from cgraph.core.fields import Body, Model, Remark
from cgraph.moderation.targets.models import TargetKind

MORE = "Whether there is more than one call changes: repeat it."


class WrittenWithin(StrEnum):
    """What a user wrote in the last 24 hours, in the last 7 days, or ever."""

    DAY = "day"
    WEEK = "week"
    ALL = "all"

    @property
    def age(self) -> timedelta | None:
        """The greatest age of what is meant; None is any."""
        return {"day": timedelta(days=1), "week": timedelta(days=7)}.get(self.value)


class TextsRemovalDraft(Body):
    """Which posts and comments of a banned user are removed."""

    written: WrittenWithin
    reason: Remark = Field(
        default="",
        description="Shown to the author with what is removed; at most 1,000 characters.",
    )


class TextsRemoved(Model):
    """How much of what a user wrote was removed."""

    removed: int = Field(description="Posts and comments that were removed.")
    more: bool = Field(description=MORE)


class TextsRestored(Model):
    """How much of what a user did in a forum counts again."""

    restored: int = Field(description="Posts and comments that all readers see again.")
    votes: int = Field(description="Votes and choices in polls that are counted from now on.")
    more: bool = Field(description=MORE)


@dataclass(frozen=True, slots=True)
class TextRow:
    """`withheld`: it is withheld, and not removed."""

    kind: TargetKind
    id: UUID
    post_id: UUID
    withheld: bool


@dataclass(frozen=True, slots=True)
class VoteCountRow:
    number: int
