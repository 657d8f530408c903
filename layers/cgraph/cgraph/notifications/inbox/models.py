from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from cgraph.accounts.people.models import UserSummary
from cgraph.core.clock import Timestamp
from cgraph.core.fields import Body, Cursor, Model, QueryParameters


class NotificationKind(StrEnum):
    """What happened."""

    MENTION = "mention"
    BROADCAST = "broadcast"
    REPLY = "reply"
    DIRECT_MESSAGE = "direct_message"
    MESSAGE = "message"
    REACTION = "reaction"
    COMMENT = "comment"
    ANSWER_ACCEPTED = "answer_accepted"
    NEW_POST = "new_post"
    INVITATION = "invitation"
    MEMBERSHIP_REQUEST = "membership_request"
    MEMBERSHIP_DECISION = "membership_decision"
    REMOVAL = "removal"
    RESTORATION = "restoration"
    APPROVAL = "approval"
    WARNING = "warning"
    BAN = "ban"
    UNBAN = "unban"
    APPEAL = "appeal"
    REPORT_CLAIMED = "report_claimed"
    REPORT_RESOLVED = "report_resolved"


class NotificationPlace(Model):
    """Where it happened."""

    kind: Literal["conversation", "forum"] = Field(description="Of the place.")
    id: UUID
    name: str | None = Field(
        description="The slug of a forum, the name of a group; null without one."
    )


class NotificationTarget(Model):
    """What it is about: of several the newest."""

    kind: str = Field(
        description="`message`, `post`, `comment`, `conversation`, `forum`, `warning` or `appeal`."
    )
    id: UUID


class Notification(Model):
    """What happened about one thing while the caller did not read it."""

    id: UUID
    kind: NotificationKind
    place: NotificationPlace | None
    target: NotificationTarget | None
    actors: list[UserSummary] = Field(
        description="Who did it: the last ten, newest first; empty where that is not told."
    )
    actor_count: int = Field(description="How many users did it.")
    event_count: int = Field(description="How many times it happened.")
    rings: bool = Field(description="Whether a client may ring: it names or answers the caller.")
    seen: bool = Field(description="Whether the caller has looked at the list since it came.")
    read: bool = Field(description="Whether the caller has read it, on any device.")
    created_at: Timestamp
    updated_at: Timestamp = Field(description="When it happened last.")
    excerpt: str | None = Field(
        default=None,
        description="The beginning of the text that it is about, as it is now: of a post its "
        "title. Null where there is none; left out in events.",
    )


class Badge(Model):
    """How many notifications wait for the caller."""

    unread: int = Field(description="Those that the caller has not read.")
    unseen: int = Field(description="Those that came since the caller last looked at the list.")


class ReadNotifications(Badge):
    """The badge after some were marked as read."""

    complete: bool = Field(
        description="False: there were more than can be marked at once; send the same again."
    )


class NotificationChanged(Model):
    """The data of `notification.created` and `notification.updated`, without an excerpt."""

    notification: Notification
    badge: Badge = Field(description="With this change.")
    mention_count: int | None = Field(
        description="How many unread messages of its conversation mention the user; null where it "
        "is in none."
    )


class NotificationWithdrawn(Model):
    """The data of `notification.withdrawn`: the user may not see any more what it was about."""

    id: UUID
    badge: Badge = Field(description="Without it.")


class NotificationsRead(Model):
    """The data of `notifications.read`."""

    ids: list[UUID] = Field(description="Those that the user has read.")
    badge: Badge = Field(description="Without them.")


class NotificationsSeen(Model):
    """The data of `notifications.seen`."""

    up_to: UUID | None = Field(
        description="The first notification that the user was shown; null for all."
    )
    badge: Badge = Field(description="Without what is seen.")


class NotificationFilter(QueryParameters):
    """Which notifications of the caller to list."""

    unread: bool = Field(default=False, description="Only those that the caller has not read.")
    mentions: bool = Field(
        default=False, description="Only those that mention the caller, by name or with everybody."
    )
    limit: int = Field(default=20, ge=1, le=100, description="Notifications in one page.")
    cursor: Cursor | None = Field(default=None, description="`next` of the page before.")


class ReadRequest(Body):
    """Which notifications the caller has read: one of the three fields."""

    ids: list[UUID] | None = Field(
        default=None, min_length=1, max_length=200, description="Notifications, at most 200."
    )
    about: UUID | None = Field(
        default=None,
        description="The conversation, the forum, the post, the comment or the message that they "
        "are about.",
    )
    up_to: UUID | None = Field(
        default=None, description="A notification: it and all that are below it in the list."
    )

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(each is not None for each in (self.ids, self.about, self.up_to)) != 1:
            raise ValueError("exactly one of ids, about and up_to must be given")
        return self


class SeenRequest(Body):
    """How far the caller has looked at the list."""

    up_to: UUID | None = Field(
        default=None, description="The first notification that was shown; left out for all."
    )


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """A Notification as JSON; `seq` is its position in the list."""

    seq: int
    json: str


@dataclass(frozen=True, slots=True)
class MarkedRow:
    """`logged`: the event, as announce_logged() takes it, or None if nothing has changed."""

    logged: dict[str, Any] | None
    badge: dict[str, int]
    is_complete: bool = True
    is_known: bool = True
