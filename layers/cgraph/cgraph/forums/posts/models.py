from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, model_validator

from cgraph.accounts.people.models import UserSummary
from cgraph.core import clock
from cgraph.core.clock import Timestamp
from cgraph.core.fields import (
    Body,
    Model,
    Nonce,
    PollLabel,
    PostBody,
    PostTitle,
    PostUrl,
    Slug,
    Tag,
    TimestampInput,
    is_none,
)
from cgraph.core.mentions import Broadcast
from cgraph.core.text import comparison_key
from cgraph.forums.models import (
    BROADCAST,
    MARKDOWN,
    MENTIONS,
    NEW_ACCOUNT_VOTES,
    ForumRef,
    NewAccountVotes,
    Withheld,
    require_distinct,
)
from cgraph.media.previews.models import PREVIEWS, Preview
from cgraph.media.uses.models import Attachment, Attachments

MAX_POST_TAGS = 5
MAX_POLL_OPTIONS = 10
MAX_POLL_DURATION = timedelta(days=3660)
MAX_VERSION = 2**31 - 1

BLOCKED = (
    "The caller has blocked the author: the text is left out, and replies stay. Left out in events."
)
VERSION = "1 for a new post; each edit adds 1."
WITHHELD = (
    "Why only the author and the moderators see it. `approval`: it waits for a moderator's "
    "approval; `shadow_ban`: only moderators are shown this. Null: all readers of the forum see it."
)
REMOVAL_REASON = (
    "Why a moderator removed it, for its author and the moderators; null if it is not removed."
)
POST_TAGS = "At most 5. A forum may restrict them, or require at least one."


class PostKind(StrEnum):
    """`text`: Markdown. `link`: an address, and perhaps a text. `poll`: options to choose from."""

    TEXT = "text"
    LINK = "link"
    POLL = "poll"


def _require_soon(time: datetime) -> datetime:
    if not clock.now() < time < clock.now() + MAX_POLL_DURATION:
        raise ValueError("must be in the future, and within ten years")
    return time


def _require_distinct_labels(labels: list[str]) -> list[str]:
    if len({comparison_key(label) for label in labels}) < len(labels):
        raise ValueError("must not contain a label twice")
    return labels


PostTags = Annotated[list[Tag], Field(max_length=MAX_POST_TAGS), AfterValidator(require_distinct)]
PollLabels = Annotated[
    list[PollLabel],
    Field(min_length=2, max_length=MAX_POLL_OPTIONS),
    AfterValidator(_require_distinct_labels),
]


class PollDraft(Body):
    """The poll of a post to be created."""

    options: PollLabels = Field(description="Labels of the options, in their order.")
    multiple: bool = Field(default=False, description="Whether a user may choose several options.")
    closes_at: Annotated[TimestampInput, AfterValidator(_require_soon)] | None = Field(
        default=None, description="In the future, within ten years; null: the poll never closes."
    )


class PollOption(Model):
    """An option of a poll."""

    place: int = Field(description="Position among the options, from 0: what a choice names.")
    label: str = Field(description="The text of the option.")
    votes: int = Field(description="How many users have chosen it.")


class Poll(Model):
    """The poll of a post."""

    multiple: bool = Field(description="Whether a user may choose several options.")
    closes_at: Timestamp | None = Field(description="Null: the poll never closes.")
    voters: int = Field(description="Users who have chosen; each may have chosen several options.")
    options: list[PollOption] = Field(description="In the order of the draft.")
    my_choices: list[int] | None = Field(
        default=None,
        exclude_if=is_none,
        description="Positions that the caller has chosen. Left out in events.",
    )


class PostDraft(Body):
    """A post to be created."""

    title: PostTitle
    body: PostBody = Field(default="", description=MARKDOWN)
    kind: PostKind = PostKind.TEXT
    url: PostUrl | None = Field(default=None, description="Required if `kind` is `link`.")
    tags: PostTags = Field(default_factory=list, description=POST_TAGS)
    attachments: Attachments = Field(
        default=[],
        description="At most 10 uploads of the caller that are ready: ids, or objects with an alt "
        "text.",
    )
    poll: PollDraft | None = Field(default=None, description="Required if `kind` is `poll`.")
    nonce: Nonce | None = Field(
        default=None,
        description="The client's own name for this request: sent again with the same body, it "
        "has one effect.",
    )

    @model_validator(mode="after")
    def _require_fields_of_kind(self) -> Self:
        if (self.url is not None) != (self.kind is PostKind.LINK):
            raise ValueError("a post of the kind link must have a url, and no other post may")
        if (self.poll is not None) != (self.kind is PostKind.POLL):
            raise ValueError("a post of the kind poll must have a poll, and no other post may")
        return self


class PostEdit(Body):
    """Changes to a post. A field that is left out, or null, keeps its value."""

    version: int = Field(
        ge=1,
        le=MAX_VERSION,
        description="Version that the edit is based on: no edit overwrites one that the author "
        "has not seen.",
    )
    title: PostTitle | None = None
    body: PostBody | None = Field(default=None, description="Markdown.")
    tags: PostTags | None = Field(default=None, description=POST_TAGS)
    attachments: Attachments | None = Field(
        default=None,
        description="Other alt texts and spoilers for some of its attachments. None can be added "
        "or removed.",
    )


class PostMove(Body):
    """Where a post is moved to."""

    forum: Slug = Field(description="Slug of the forum that the post moves to.")


class _PostFields(Model):
    id: UUID
    forum: ForumRef
    author: UserSummary
    kind: PostKind
    title: str
    url: str | None = Field(description="Only of posts of the kind `link`.")
    tags: list[str] = Field(description="Tags of the forum that the post has.")
    attachments: list[Attachment] = Field(description="Files, at most 10.")
    previews: list[Preview] = Field(description=PREVIEWS)
    poll: Poll | None = Field(description="Only of posts of the kind `poll`.")
    score: int = Field(description="`ups` minus `downs`.")
    ups: int = Field(description="Up votes.")
    downs: int = Field(description="Down votes.")
    new_account_votes: NewAccountVotes | None = Field(
        default=None, exclude_if=is_none, description=NEW_ACCOUNT_VOTES
    )
    comment_count: int = Field(description="Comments in the tree under the post, in all levels.")
    my_vote: int | None = Field(
        default=None,
        exclude_if=is_none,
        description="The caller's vote: 1, 0 or -1. Left out in events.",
    )
    blocked: bool | None = Field(default=None, exclude_if=is_none, description=BLOCKED)
    accepted_comment_id: UUID | None = Field(description="The comment accepted as the answer.")
    version: int = Field(description=VERSION)
    created_at: Timestamp
    edited_at: Timestamp | None
    deleted_at: Timestamp | None = Field(description="When the author deleted the post.")
    removed_at: Timestamp | None = Field(description="When a moderator removed the post.")
    pinned: bool = Field(description="Whether a moderator has pinned it in its forum.")
    locked: bool = Field(
        description="On a locked post only the owner and the moderators comment and edit."
    )
    withheld: Withheld | None = Field(description=WITHHELD)


class Post(_PostFields):
    """A post.

    Of a deleted post only a tombstone is left: title, body, url, tags, attachments, previews
    and poll are empty. The same holds for a removed post, except that its author and the moderators
    still see its content.
    """

    body: str = Field(description="Markdown.")
    body_html: str = Field(description="Sanitized HTML made of `body`.")
    mentions: list[UUID] = Field(description=MENTIONS)
    mentions_everyone: Broadcast | None = Field(description=BROADCAST)
    removal_reason: str | None = Field(description=REMOVAL_REASON)
    head: int | None = Field(
        default=None,
        exclude_if=is_none,
        description="Number of the last event of the stream `post:<id>`. Left out in events.",
    )


class ListedPost(_PostFields):
    """A post in a list."""

    excerpt: str = Field(description="At most the first 280 characters of the post's Markdown.")


class PostRef(Model):
    """A post that was moved to a private forum, as subscribers of the other forum see it."""

    id: UUID


class MovedPost(Model):
    """The payload of `post.moved`."""

    post: Post | PostRef


class PostVersion(Model):
    """What a post contained before an edit."""

    version: int = Field(description=VERSION)
    title: str
    body: str = Field(description="Markdown.")
    edited_by: UUID = Field(description="Id of the user who made the edit after this version.")
    edited_at: Timestamp = Field(description="When the edit after this version was made.")
    hidden_at: Timestamp | None = Field(
        description="When a moderator hid the version: title and body are empty then, except for "
        "moderators."
    )
