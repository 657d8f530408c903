"""Forums, their members, and the requests to become one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.uploads import Picture
from cgraph_client.models.users import User


@dataclass(frozen=True, slots=True)
class ForumRef(JsonModel):
    """The forum that something belongs to."""

    id: str
    slug: str


@dataclass(frozen=True, slots=True)
class Forum(JsonModel):
    """A forum as the caller sees it. `visibility` is `public`, `restricted` or `private`; `posting`
    says who may write: `everyone`, `members` or `moderators`. `role` is `owner`, `moderator`,
    `member`, or None for a caller who is no member. `head`: the number of the last event of its
    stream, `forum:<id>`. `banned` without `banned_until` has no end."""

    id: str
    slug: str
    name: str
    created_at: datetime
    description: str = ""
    rules: str = ""
    visibility: str = "public"
    posting: str = "everyone"
    slow_mode_seconds: int = 0
    tags: tuple[str, ...] = ()
    tag_required: bool = False
    join_requests: bool = False
    link_previews: bool = True
    icon: Picture | None = None
    banner: Picture | None = None
    created_by: str | None = None
    active_at: datetime | None = None
    member_count: int = 0
    post_count: int = 0
    head: int = 0
    role: str | None = None
    banned: bool = False
    banned_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForumMember(JsonModel):
    """`role` is `owner`, `moderator` or `member`."""

    id: str
    username: str
    role: str
    joined_at: datetime
    display_name: str | None = None
    avatar: Picture | None = None


@dataclass(frozen=True, slots=True)
class Emoji(JsonModel):
    """An emoji of a forum: `picture` is shown where a text has the name between colons."""

    name: str
    picture: Picture
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MembershipRequest(JsonModel):
    """A user's request to become a member. `state` is `open`, `accepted`, `refused` or
    `withdrawn`; `note` is what the moderator who decided wrote."""

    forum: ForumRef
    user: User
    state: str
    created_at: datetime
    message: str = ""
    note: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ForumFilters(JsonModel):
    """Words and domains that posts and comments must not have. `action` is what happens to those
    that have one: `reject`, `report` or `hold`."""

    words: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    action: str = "reject"
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntityRef(JsonModel):
    """`kind` is `post`, `comment`, `user`, `forum` or another kind of thing."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class AuditEntry(JsonModel):
    """What a moderator did. `actor` is None where a filter acted, or where the account no longer
    exists. `hash` chains the entry to the one before it."""

    number: int
    action: str
    created_at: datetime
    actor: User | None = None
    target: EntityRef | None = None
    detail: Mapping[str, Any] | None = None
    hash: str = ""
