from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Model, OneLine

TOKENS_MAX = 20
DAYS_MAX = 366


class Scope(StrEnum):
    """What an API token may be granted. A route whose scope is not here needs a session."""

    COMMENTS_READ = "comments:read"
    COMMENTS_WRITE = "comments:write"
    CONVERSATIONS_READ = "conversations:read"
    CONVERSATIONS_WRITE = "conversations:write"
    EVENTS_READ = "events:read"
    FORUMS_READ = "forums:read"
    FORUMS_WRITE = "forums:write"
    MESSAGES_READ = "messages:read"
    MESSAGES_WRITE = "messages:write"
    MODERATION_READ = "moderation:read"
    MODERATION_WRITE = "moderation:write"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    POSTS_READ = "posts:read"
    POSTS_WRITE = "posts:write"
    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    SEARCH_READ = "search:read"
    UPLOADS_READ = "uploads:read"
    UPLOADS_WRITE = "uploads:write"
    VOTES_WRITE = "votes:write"


def _without_repetition(scopes: list[Scope]) -> list[Scope]:
    return sorted(set(scopes))


class ApiTokenDraft(Body):
    """An API token to create."""

    name: Annotated[str, OneLine(60)] = Field(description="What the token is for.")
    scopes: Annotated[list[Scope], AfterValidator(_without_repetition)] = Field(
        min_length=1,
        max_length=50,
        description="What the token may do: a feature, and `read` or `write`, of which neither "
        "includes the other. `events:read` opens sockets and syncs, which have the events of all "
        "that the user may read; `search:read` searches in all of that.",
    )
    expires_in_days: int = Field(
        default=90, ge=1, le=DAYS_MAX, description="Days until the token expires."
    )


class ApiToken(Model):
    """An API token, without its secret."""

    id: UUID
    name: str = Field(description="What the token is for.")
    scopes: list[Scope] = Field(description="What the token may do, sorted.")
    created_at: Timestamp
    expires_at: Timestamp = Field(description="From then on the token is refused.")
    last_used_at: Timestamp | None = Field(
        description="Time of a recent use, to some minutes; null before the first."
    )


class NewApiToken(ApiToken):
    """An API token that was just created."""

    token: str = Field(
        description="Sent with each request: `Authorization: Bearer <token>`. Shown only once. It "
        "begins with `cgraph_pat_` and ends with a checksum, so that scanners recognise it."
    )


@dataclass(frozen=True, slots=True)
class CreatedRow:
    created: bool


@dataclass(frozen=True, slots=True)
class TokenRow:
    """An ApiToken as JSON."""

    id: UUID
    json: str


@dataclass(frozen=True, slots=True)
class DeletedRow:
    hash: bytes
