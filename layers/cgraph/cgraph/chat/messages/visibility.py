"""Events as members see them who do not see the whole history of a conversation.

An event is logged once and is the same for everybody. A member whose history begins later gets it
with the same number, but without what they may not see. `history_after`: the number up to which
messages and events are hidden from a member, see the SQL function history_after().
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.events.models import Event
from cgraph.realtime.announcements import announce

HIDDEN_EVENT = "history.hidden"
"""The type of an event of which a member sees only the number."""


def event_for_member(event: Event, *, history_after: int) -> Event:
    """The event as a member sees it."""
    if history_after == 0:
        return event
    message = event.data.get("message")
    about = message["seq"] if message else event.data.get("message_seq", event.seq)
    if min(event.seq, about) <= history_after:
        return replace(event, type=HIDDEN_EVENT, data={})
    data = dict(event.data)
    if message:
        data["message"] = _without_hidden_quote(message, history_after=history_after)
        if data["message"] is not message:
            data.pop("parent", None)
    if last := data.get("last_message"):
        is_hidden = last["seq"] <= history_after
        shown = _without_hidden_quote(last, history_after=history_after)
        data["last_message"] = None if is_hidden else shown
    return event if data == event.data else replace(event, data=data)


def announce_to_members(
    tx: Transaction, event: Event, *, audience: Sequence[UUID], limits: Mapping[str, int] | None
) -> None:
    """Announces an event of a conversation. `limits`: `history_after` by the id of the member, for
    those who do not see the whole history; None if there are none.
    """
    if not limits:
        announce(tx, event, audience=audience)
        return
    variants: list[tuple[Event, list[UUID]]] = []
    for member in audience:
        seen = event_for_member(event, history_after=limits.get(str(member), 0))
        for variant, members in variants:
            if variant == seen:
                members.append(member)
                break
        else:
            variants.append((seen, [member]))
    for variant, members in variants:
        announce(tx, variant, audience=members)


def _without_hidden_quote(message: dict[str, Any], *, history_after: int) -> dict[str, Any]:
    quoted = message.get("quoted")
    if quoted is None or quoted["seq"] > history_after:
        return message
    return {**message, "quoted": None}
