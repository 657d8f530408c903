"""Who gets what of a flush: nobody their own update, and nobody those of users hidden from them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Set
from dataclasses import dataclass, replace
from itertools import permutations
from typing import Any

from cgraph.core.encoding import encode_json
from cgraph.realtime.coalescing import FlushResult
from cgraph.realtime.frames import batch_frame
from cgraph.realtime.push_jobs import Delivery

TYPING_FIELD, PRESENCE_FIELD, BLOCK_FIELD = "t:", "p:", "h:"
"""Prefixes of the fields in the buffer of the presence channel. Before a user's short id: whether
the user is typing; that the user's presence changed. Before two of them: that a block between them
has begun or ended.
"""

Events = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """What some recipients get of a flush: everything `without` the updates of these users. And the
    presence of those who have `vanished` since a block began, or `appeared` since it ended.
    """

    without: Set[str] = frozenset()
    vanished: Set[str] = frozenset()
    appeared: Set[str] = frozenset()


EVERYTHING = View()


def updated_users(result: FlushResult, prefix: str, *, value: str | None = None) -> list[str]:
    """The users with an update of this kind, and with this value unless it is None."""
    return sorted(
        field.removeprefix(prefix)
        for field, found in result.updates.items()
        if field.startswith(prefix) and value in (None, found)
    )


def deliveries_for(
    result: FlushResult,
    *,
    own: Collection[str],
    others: Collection[str],
    events_for: Callable[[View], Events],
    shed_after: float,
) -> Iterator[Delivery]:
    """One frame for all subscribers, with exceptions: for each user of `own` one that leaves out
    their own update, and for each user from whom one of `others` is hidden one without these.
    """
    views = _views_after_blocks(result)
    groups = defaultdict(list)
    for connection, subscriber in result.subscribers.items():
        user = subscriber.user
        hidden = result.hidden.get(user, frozenset()).intersection(others)
        view = replace(views.get(user, EVERYTHING), without=hidden.union({user}.intersection(own)))
        groups[view].append(connection)
    for view, connections in groups.items():
        if events := [encode_json(event) for event in events_for(view)]:
            frame = events[0] if len(events) == 1 else batch_frame(events)
            yield {"frames": [frame], "connections": connections, "shed_after": shed_after}


def _views_after_blocks(result: FlushResult) -> dict[str, View]:
    """By user, of those between whom a block has begun or ended."""
    views: dict[str, View] = {}
    for pair in updated_users(result, BLOCK_FIELD):
        for user, other in permutations(pair.split()):
            view = views.get(user, EVERYTHING)
            if other in result.hidden.get(user, ()):
                views[user] = replace(view, vanished=view.vanished | {other})
            else:
                views[user] = replace(view, appeared=view.appeared | {other})
    return views
