"""How the terminal describes notifications."""

from __future__ import annotations

import pytest

from cgraph_client.models.notifications import Notification
from cgraph_client.terminal.notification_text import describe_notification

ADA = {"id": "1", "username": "ada", "display_name": "Ada"}


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"kind": "mention", "excerpt": "Tea?"}, "ada mentioned you: Tea?"),
        (
            {"kind": "reply", "actor_count": 5, "event_count": 7},
            "ada and 4 others answered you 7 times",
        ),
        (
            {"kind": "new_post", "place": {"kind": "forum", "id": "2", "name": "tea"}},
            "ada posted in tea",
        ),
        ({"kind": "warning", "actors": []}, "You were warned"),
        ({"kind": "of a later server"}, "ada of a later server"),
        ({"kind": "mention", "excerpt": "a\x1b[2Jb"}, "ada mentioned you: a�[2Jb"),
    ],
)
def test_a_notification_is_one_line(fields: dict[str, object], line: str) -> None:
    document = {"id": "3", "actors": [ADA], "actor_count": 1, **fields}
    assert describe_notification(Notification.from_json(document)) == line
