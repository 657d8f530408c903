"""The reference client of CGraph: the API as methods, the realtime protocol as an iterator."""

from cgraph_client.api import Client
from cgraph_client.backoff import Backoff
from cgraph_client.changes import Change, Event, Following, Gone, Snapshot
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
from cgraph_client.models import Conversation, Message, Page, Session, User
from cgraph_client.outbox import Draft, Outbox
from cgraph_client.subscription import Subscription

__all__ = [
    "ApiError",
    "Backoff",
    "CGraphError",
    "Change",
    "Client",
    "Conflict",
    "Conversation",
    "Draft",
    "Event",
    "Following",
    "Forbidden",
    "Gone",
    "Invalid",
    "Message",
    "NotFound",
    "Outbox",
    "Page",
    "ProtocolError",
    "RateLimited",
    "ServerFailed",
    "Session",
    "Snapshot",
    "State",
    "Subscription",
    "Unauthenticated",
    "Unreachable",
    "User",
]
