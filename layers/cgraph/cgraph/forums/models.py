from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Description, DisplayName, Model, Nonce, Rules, Slug, Tag
from cgraph.forums.policies import ForumRole

DAY_SECONDS = 86_400
TAGS_AT_MOST = 50
NAME_CURSOR = 1200
"""Characters: a cursor by name has the name, in JSON and Base64."""


class Posting(StrEnum):
    """Who may post, comment and vote."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    MODERATORS = "moderators"


class Visibility(StrEnum):
    """Public: everybody reads, and joins as they like. Restricted: everybody reads, moderators add
    the members. Private: only members know of it.
    """

    PUBLIC = "public"
    RESTRICTED = "restricted"
    PRIVATE = "private"

    @property
    def usual_posting(self) -> Posting:
        return Posting.EVERYONE if self is Visibility.PUBLIC else Posting.MEMBERS

    def goes_with(self, posting: Posting) -> bool:
        return posting is not Posting.EVERYONE or self is Visibility.PUBLIC


class Order(StrEnum):
    """Of a list of forums: last active first, or by name."""

    ACTIVITY = "activity"
    NAME = "name"


def _each_once(tags: list[str]) -> list[str]:
    if len({tag.casefold() for tag in tags}) < len(tags):
        raise ValueError("must name each tag once")
    return tags


Tags = Annotated[list[Tag], Field(max_length=TAGS_AT_MOST), AfterValidator(_each_once)]
Pause = Annotated[int, Field(ge=0, le=DAY_SECONDS)]


class ForumDraft(Body):
    """`posting`: left out, everyone in a public forum, and members in others. `tags`: those a post
    may have; none means any. `slow_mode_seconds`: between two writes of one person; 0 is off.
    """

    slug: Slug
    name: DisplayName
    description: Description = ""
    rules: Rules = ""
    visibility: Visibility = Visibility.PUBLIC
    posting: Posting | None = None
    slow_mode_seconds: Pause = 0
    tags: Tags = Field(default_factory=list)
    tag_required: bool = False
    nonce: Nonce | None = None

    @model_validator(mode="after")
    def _posting_fits(self) -> Self:
        self.posting = self.posting or self.visibility.usual_posting
        if not self.visibility.goes_with(self.posting):
            raise ValueError("everyone may post in public forums only")
        return self


class ForumChange(Body):
    """What is left out, or null, stays; a forum that is no longer public and in which everyone
    could post is the members' then.
    """

    name: DisplayName | None = None
    description: Description | None = None
    rules: Rules | None = None
    visibility: Visibility | None = None
    posting: Posting | None = None
    slow_mode_seconds: Pause | None = None
    tags: Tags | None = None
    tag_required: bool | None = None


class Forum(Model):
    """A forum as all who may read it see it, and as `forum.updated` tells of it."""

    id: UUID
    slug: str
    name: str
    description: str
    rules: str
    visibility: Visibility
    posting: Posting
    slow_mode_seconds: int
    tags: list[str]
    tag_required: bool
    created_by: UUID
    created_at: Timestamp
    active_at: Timestamp
    member_count: int
    post_count: int


class ForumView(Forum):
    """As one reader sees it. `head`: the number of the last event of its stream `forum:<id>`.

    `role`: null for who is no member. `banned` and no `banned_until`: for ever.
    """

    head: int
    role: ForumRole | None
    banned: bool
    banned_until: Timestamp | None


class Settings(Model):
    """What of a forum its owner changes."""

    name: str
    description: str
    rules: str
    visibility: Visibility
    posting: Posting
    slow_mode_seconds: int
    tags: list[str]
    tag_required: bool


@dataclass(frozen=True, slots=True)
class ForumRow:
    """A SeenForum as Postgres writes it, and its place in lists."""

    id: UUID
    active_at: datetime
    name: str
    shown: str


@dataclass(frozen=True, slots=True)
class CreatedForum:
    """`existed`: the forum was there before, by the same nonce. `shown`: a SeenForum, as JSON."""

    shown: str
    existed: bool


@dataclass(frozen=True, slots=True)
class AppendedRow:
    """The number of `forum.joined` in the founder's own stream."""

    seq: int


@dataclass(frozen=True, slots=True)
class ForumJSON:
    """A SeenForum as Postgres writes it, and what its reader is there."""

    role: str
    shown: str


class ForumAccess(Model):
    """One person's place in one forum, and what of its settings decides what they may do.

    `shadowed`: what they write is for them and the moderators only.
    """

    id: UUID
    slug: str
    role: ForumRole
    visibility: Visibility
    posting: Posting
    slow_mode_seconds: int
    tags: list[str]
    tag_required: bool
    shadowed: bool

    @property
    def moderates(self) -> bool:
        return self.role in (ForumRole.OWNER, ForumRole.MODERATOR)


@dataclass(frozen=True, slots=True)
class MemberId:
    user_id: UUID


@dataclass(frozen=True, slots=True)
class LastWrite:
    written_at: datetime
