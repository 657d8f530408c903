from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Cursor, Model, QueryParameters, Tag


class FollowKind(StrEnum):
    """What may be followed."""

    CONVERSATION = "conversation"
    FORUM = "forum"
    POST = "post"
    TAG = "tag"
    USER = "user"


class FollowLevel(StrEnum):
    """How much of it notifies the caller."""

    EVERYTHING = "everything"
    MENTIONS = "mentions"
    NOTHING = "nothing"


class FollowDraft(Body):
    """How much the caller wants to hear of something."""

    level: FollowLevel = Field(
        description="`everything`: all messages, posts or comments; `mentions`: only what names or "
        "answers the caller; `nothing`. For a conversation `nothing` mutes it until it is unmuted, "
        "and the other levels unmute it."
    )


class FollowParameters(QueryParameters):
    """Which tag of a forum is meant."""

    tag: Tag | None = Field(
        default=None, description="Of the forum; only, and always, where the kind is `tag`."
    )


class Follow(Model):
    """Something that a user follows, or does not want to hear of."""

    kind: FollowKind
    id: UUID = Field(description="Of a tag that of its forum.")
    tag: str | None = Field(description="Null for other kinds.")
    level: FollowLevel
    automatic: bool = Field(
        description="Whether the user follows it because they wrote it, or there."
    )
    since: Timestamp = Field(description="From when on it notifies the user.")


class FollowFilter(QueryParameters):
    """Which follows of the caller to list."""

    kind: FollowKind | None = Field(default=None, description="Only those of this kind.")
    limit: int = Field(default=20, ge=1, le=100, description="Follows in one page.")
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")


@dataclass(frozen=True, slots=True)
class FollowRow:
    """A Follow as JSON; the other columns are its position in the list."""

    kind: str
    target_id: UUID
    tag: str
    json: str


@dataclass(frozen=True, slots=True)
class IsThere:
    is_there: bool
