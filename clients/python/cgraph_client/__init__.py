"""The reference client of CGraph: the API as methods, the realtime protocol as an iterator."""

from cgraph_client.api import Client
from cgraph_client.backoff import Backoff
from cgraph_client.changes import Change, Event, Following, Gone, Present, Snapshot
from cgraph_client.company import Company
from cgraph_client.credentials import Device, SecondFactor, Session
from cgraph_client.errors import (
    ApiError,
    CGraphError,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    ProtocolError,
    RateLimited,
    ServerFailed,
    Unauthenticated,
    Unreachable,
)
from cgraph_client.lifeline import State
from cgraph_client.mirror import Mirror
from cgraph_client.models import (
    Attachment,
    Conversation,
    Marked,
    Member,
    Message,
    Page,
    Quote,
    Reactions,
    User,
)
from cgraph_client.outbox import Draft, Outbox
from cgraph_client.signals import Signals
from cgraph_client.subscription import Subscription
from cgraph_client.timeline import Timeline

__all__ = [
    "ApiError",
    "Attachment",
    "Backoff",
    "CGraphError",
    "Change",
    "Client",
    "Company",
    "Conflict",
    "Conversation",
    "Device",
    "Draft",
    "Event",
    "Following",
    "Forbidden",
    "Gone",
    "Invalid",
    "Marked",
    "Member",
    "Message",
    "Mirror",
    "NotFound",
    "Outbox",
    "Page",
    "Present",
    "ProtocolError",
    "Quote",
    "RateLimited",
    "Reactions",
    "SecondFactor",
    "ServerFailed",
    "Session",
    "Signals",
    "Snapshot",
    "State",
    "Subscription",
    "Timeline",
    "Unauthenticated",
    "Unreachable",
    "User",
]
