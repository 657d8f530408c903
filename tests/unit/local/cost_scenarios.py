"""Scenarios with round measurements, whose costs can be calculated by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cgraph_local.cost.bill import Bill
from cgraph_local.cost.measurements import ActionUsage, FunctionUsage, Measurements
from cgraph_local.cost.scenario import CHAT_ONLY, Scenario
from cgraph_local.cost.usage import HTTP_ACTIONS

NO_USAGE = dict.fromkeys(
    (
        *(*HTTP_ACTIONS, "messages", "sockets_opened", "hours_connected", "uploads", "stored_mb"),
        "forum_share",
    ),
    0.0,
)


def action(name: str, *, pushed: float = 0, stored: float = 0) -> ActionUsage:
    """1 ms of CPU, 3 Valkey commands, a statement of 2 ms of Postgres' CPU, 1,000 bytes of
    response, 500 bytes of log.
    """
    usage = FunctionUsage(invocations=1, cpu_ms=1, duration_ms=2, log_bytes=500)
    functions = {name: usage} | ({"PushEvents": usage} if pushed else {})
    return ActionUsage(
        1000, 3, 1, 2, 100 if stored else 0, stored, pushed, 400 if pushed else 0, functions
    )


def round_measurements() -> Measurements:
    names = {
        "list_messages": "ListMessages",
        "list_conversations": "ListConversations",
        "show_conversation": "ShowConversation",
        "show_user": "ShowUser",
        "show_me": "ShowMe",
        "sync": "SyncStreams",
        "refresh": "RefreshSession",
        "log_in": "LogIn",
        "ping": "Ping",
        "open_socket": "Hello",
        "list_posts": "ListPosts",
        "show_post": "ShowPost",
        "list_comments": "ListComments",
    }
    actions = {name: action(function) for name, function in names.items()}
    actions["vote_on_post"] = action("VoteOnPost", stored=10)
    actions["create_comment"] = action("CreateComment", stored=1000)
    actions["create_post"] = action("CreatePost", stored=2000)
    actions["mark_read"] = action("MarkRead", pushed=1, stored=100)
    actions["send_to_2"] = action("Send", pushed=2, stored=1000)
    actions["send_to_10"] = action("Send", pushed=10, stored=1000)
    return Measurements({}, cache_bytes=5000, actions=actions)


def scenario(
    users: int,
    changes: Mapping[str, float] | None = None,
    *,
    egress: str = "ipv6",
    edge: str = "none",
    search: str = "none",
    size: str | None = None,
) -> Scenario:
    """Without forums, an edge and OpenSearch, unless `changes` say so."""
    changes = {**CHAT_ONLY, **(changes or {})}
    real = Scenario.of(users, egress=egress, edge=edge, search=search, size=size, changes=changes)
    return replace(real, measurements=round_measurements())


def line_usd(found: Bill, name: str) -> float:
    return sum(line.usd for line in found.lines if line.name.startswith(name))
