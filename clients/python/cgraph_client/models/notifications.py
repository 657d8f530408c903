"""Notifications, what the user follows, and how they want to be notified."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cgraph_client.models.json_model import JsonModel
from cgraph_client.models.users import User


@dataclass(frozen=True, slots=True)
class NotificationPlace(JsonModel):
    """`kind` is `conversation` or `forum`. `name`: of a group its name, of a forum its slug."""

    kind: str
    id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class NotificationTarget(JsonModel):
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Notification(JsonModel):
    """What happened about one thing while the user did not read it: `event_count` times, by
    `actor_count` users, of whom `actors` are the last. `rings`: whether to make a noise. `excerpt`:
    in lists, the beginning of the text that it is about."""

    id: str
    kind: str
    place: NotificationPlace | None = None
    target: NotificationTarget | None = None
    actors: tuple[User, ...] = ()
    actor_count: int = 0
    event_count: int = 1
    rings: bool = False
    seen: bool = False
    read: bool = False
    created_at: datetime | None = None
    updated_at: datetime | None = None
    excerpt: str | None = None


@dataclass(frozen=True, slots=True)
class Badge(JsonModel):
    """How many notifications the user has not read, and how many came since they last looked."""

    unread: int = 0
    unseen: int = 0


@dataclass(frozen=True, slots=True)
class Follow(JsonModel):
    """`level` is `everything`, `mentions` or `nothing`. `automatic`: because the user wrote it, or
    there."""

    kind: str
    id: str
    level: str
    tag: str | None = None
    automatic: bool = False
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class NotificationPreferences(JsonModel):
    """`mail` is `off`, `immediate`, `hourly`, `daily` or `weekly`. Between `quiet_from` and
    `quiet_until` (`22:00`), in the time zone, nothing rings. `show_preview`: push messages have the
    beginning of the text. `silenced`: kinds of notifications that are not made."""

    time_zone: str = "UTC"
    quiet_from: str | None = None
    quiet_until: str | None = None
    push: bool = True
    show_preview: bool = False
    mail: str = "off"
    silenced: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Device(JsonModel):
    """What gets push messages: `platform` is `web`, `apns` or `fcm`. `is_current`: the session of
    the request registered it."""

    id: str
    platform: str
    created_at: datetime | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class PushKey(JsonModel):
    """`public_key` is the `applicationServerKey` of push subscriptions, in base64url."""

    public_key: str
