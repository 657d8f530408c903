"""docs/protocol.md names every action and event of asyncapi.json, with the limits of the code."""

import json
from typing import Any

from cgraph.core.limits import SOCKET
from cgraph.realtime import coalescing, connections, ephemeral_events, subscriptions
from cgraph.realtime.actions import PRESENT_USERS_MAX
from cgraph.sync import actions, catch_up, rules, socket_catch_up
from tests.contract.checkout import CHECKOUT

DOCUMENT: dict[str, Any] = json.loads((CHECKOUT / "docs" / "api" / "asyncapi.json").read_text())
PAGE = " ".join((CHECKOUT / "docs" / "protocol.md").read_text().split())

ACTIONS = [
    name for name, operation in DOCUMENT["operations"].items() if operation["action"] == "receive"
]
FIELDS = [
    message["payload"]["properties"] for message in DOCUMENT["components"]["messages"].values()
]
EVENTS = [fields["event"]["const"] for fields in FIELDS if "const" in fields.get("event", {})]
TYPES = sorted({fields["type"]["const"] for fields in FIELDS if "type" in fields})

PRESENCE, RECEIPTS, SCORES = (
    f"| {channel.window} s | {ttl:,} |"
    for channel, ttl in (
        (coalescing.PRESENCE, ephemeral_events.PRESENCE_MS),
        (coalescing.RECEIPTS, ephemeral_events.RECEIPTS_MS),
        (coalescing.SCORES, ephemeral_events.SCORES_MS),
    )
)
NUMBERS = (
    f"once, within {connections.TICKET_SECONDS} s",
    f"{SOCKET.per_minute} a minute, {SOCKET.burst} at once",
    f"after {connections.FLOOD_REFUSALS} refusals by the rate limit",
    f"neither a ticket nor a socket for {connections.LOCKOUT_SECONDS} s",
    f"API Gateway admits {connections.CONNECTIONS_PER_SECOND} new sockets each second",
    f"the {actions.HELLO_HEADS} most recently active conversations",
    f'"lease_ms": {subscriptions.LEASE_SECONDS * 1000}',
    f"at most {subscriptions.STREAMS_MAX} subscriptions",
    f"at most {PRESENT_USERS_MAX} over all streams",
    f"more than {rules.GAP_EVENTS_MAX:,} events behind",
    f"the newest {catch_up.SNAPSHOT_MESSAGES} messages",
    f"At most {catch_up.SNAPSHOTS_MAX} snapshots and {actions.REPLY_BYTES / 1e6} MB",
    f"up to {socket_catch_up.SOCKET_EVENTS_MAX} events "
    f"({socket_catch_up.SOCKET_BYTES_MAX // 1000} KB)",
    f"conversations of up to {ephemeral_events.RECEIPT_NAMES_MAX} members",
    f"names at most {ephemeral_events.PRESENCE_NAMES_MAX} users",
    f"| {coalescing.PRESENCE.window} s | {ephemeral_events.TYPING_MS:,} | "
    f"{ephemeral_events.TYPING_SHED_SECONDS} s |",
    f"{PRESENCE} {ephemeral_events.PRESENCE_SHED_SECONDS} s |",
    f"{RECEIPTS} {ephemeral_events.PRESENCE_SHED_SECONDS} s |",
    f"{SCORES} {ephemeral_events.PRESENCE_SHED_SECONDS} s |",
)


def test_actions_and_events_are_in_the_tables() -> None:
    cells = [cell for cell in PAGE.split("|") if "`" in cell]
    named = {name for cell in cells for name in cell.split("`")[1::2]}
    assert EVENTS and {*ACTIONS, *EVENTS} - named == set()


def test_each_type_of_frame_has_an_example() -> None:
    assert [name for name in TYPES if f'"type": "{name}"' not in PAGE] == []


def test_the_numbers_are_those_of_the_code() -> None:
    assert [text for text in NUMBERS if text not in PAGE] == []
