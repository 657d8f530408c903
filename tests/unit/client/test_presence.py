from __future__ import annotations

from typing import Any

from cgraph_client.models.changes import Event, PresenceSnapshot
from cgraph_client.state.presence import OVERTAKEN_SECONDS, Presence

STREAM = "conv:a"


def typing(*user_ids: str, started: bool = True) -> Event:
    data: dict[str, Any] = {"user_ids": list(user_ids), "count": len(user_ids)}
    name = "typing.started" if started else "typing.stopped"
    return Event(STREAM, name, ttl_ms=7_000, data=data)


def message(author_id: str) -> Event:
    return Event(STREAM, "message.created", seq=1, data={"message": {"author_id": author_id}})


def test_typing_ends_with_its_authors_message() -> None:
    presence = Presence()
    presence.apply(typing("ada", "grace"), now=1.0)
    presence.apply(message("ada"), now=2.0)

    assert [*presence.typing] == ["grace"]


def test_typing_that_the_message_overtook_is_not_shown() -> None:
    presence = Presence()
    presence.apply(message("ada"), now=0.0)
    presence.apply(typing("ada", "grace"), now=OVERTAKEN_SECONDS / 2)
    assert [*presence.typing] == ["grace"]
    presence.apply(typing("ada"), now=OVERTAKEN_SECONDS)

    assert {*presence.typing} == {"ada", "grace"}, "the next message is being typed"


def test_typing_ends_with_a_stop_and_with_its_time() -> None:
    presence = Presence()
    presence.apply(typing("ada", "grace"), now=0.0)
    presence.apply(typing("ada", started=False), now=1.0)
    assert presence.typing == {"grace": 7.0}
    presence.expire(now=7.0)

    assert presence.typing == {}


def test_a_removed_member_is_neither_typing_nor_present() -> None:
    presence = Presence()
    presence.apply(PresenceSnapshot(STREAM, {"ada": "online", "grace": "away"}, 2), now=0.0)
    presence.apply(typing("ada"), now=0.0)
    presence.apply(Event(STREAM, "member.removed", seq=1, data={"user_id": "ada"}), now=1.0)

    assert (presence.typing, [*presence.users], presence.count) == ({}, ["grace"], 1)
