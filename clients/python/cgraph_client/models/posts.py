"""Posts, comments and votes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cgraph_client.models.forums import ForumRef
from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.uploads import Attachment, Preview
from cgraph_client.models.users import User


@dataclass(frozen=True, slots=True)
class NewAccountVotes(JsonModel):
    """Those of the votes that were cast by new accounts."""

    ups: int
    downs: int


@dataclass(frozen=True, slots=True)
class PollOption(JsonModel):
    """`place` is its number, by which it is chosen."""

    place: int
    label: str
    votes: int = 0


@dataclass(frozen=True, slots=True)
class Poll(JsonModel):
    """`my_choices` are only there in an answer to the caller."""

    options: tuple[PollOption, ...]
    multiple: bool = False
    closes_at: datetime | None = None
    voters: int = 0
    my_choices: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumContent(JsonModel):
    """What posts and comments have in common, as the caller sees it. `body` is Markdown,
    `body_html` the sanitized HTML of it. `mentions_everyone` is "everyone", "here" or None.

    `version` counts edits; an edit names the version it changes. What was deleted or removed stays,
    without its text. `blocked`: the caller has blocked the author, and the text is left out.
    `withheld`: why only the author and the moderators see it. `new_account_votes` are for
    moderators.
    """

    id: str
    author: User
    created_at: datetime
    body: str = ""
    body_html: str = ""
    mentions: tuple[str, ...] = ()
    mentions_everyone: str | None = None
    attachments: tuple[Attachment, ...] = ()
    previews: tuple[Preview, ...] = ()
    score: int = 0
    ups: int = 0
    downs: int = 0
    my_vote: int = 0
    new_account_votes: NewAccountVotes | None = None
    blocked: bool = False
    version: int = 1
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    removed_at: datetime | None = None
    removal_reason: str | None = None
    withheld: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post(ForumContent):
    """`kind` is `text`, `link` or `poll`. In lists a post has the beginning of its text, `excerpt`,
    in place of the whole. `head`: the number of the last event of its stream, `post:<id>`."""

    forum: ForumRef
    kind: str
    title: str
    excerpt: str = ""
    url: str | None = None
    tags: tuple[str, ...] = ()
    poll: Poll | None = None
    comment_count: int = 0
    accepted_comment_id: str | None = None
    pinned: bool = False
    locked: bool = False
    head: int | None = None


@dataclass(frozen=True, slots=True)
class PostPage(JsonModel):
    """`pinned`: the pinned posts, only on the first page. `next` is the cursor of the following
    page, None on the last one."""

    items: tuple[Post, ...]
    next: str | None = None
    pinned: tuple[Post, ...] = ()


@dataclass(frozen=True, slots=True)
class PostVersion(JsonModel):
    """What a post contained before an edit. `hidden_at`: when a moderator hid it."""

    version: int
    title: str
    body: str
    edited_by: str
    edited_at: datetime
    hidden_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment(ForumContent):
    """`parent_id`: the comment that it replies to, None for a reply to the post. `replies` are only
    there in the tree, `ancestors`, from the top, only in a single comment."""

    post_id: str
    parent_id: str | None = None
    depth: int = 0
    reply_count: int = 0
    replies: CommentLevel | None = None
    ancestors: tuple[Comment, ...] = ()


@dataclass(frozen=True, slots=True)
class CommentLevel(JsonModel):
    """Some of the replies to a post or a comment. `more`: how many follow; `next`: the cursor with
    which they are listed."""

    items: tuple[Comment, ...]
    more: int = 0
    next: str | None = None


@dataclass(frozen=True, slots=True)
class VoteTotals(JsonModel):
    """The votes on a post or a comment, `target`, with the caller's own."""

    target: str
    score: int
    ups: int
    downs: int
    my_vote: int = 0
