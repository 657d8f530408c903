"""A small workspace, in the format in which Slack exports them; all of it made up."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any
from uuid import uuid4

T = 1_420_300_800
"""Seconds: 2015-01-03T16:00:00Z."""


class Workspace:
    """Each with people, channels and ids of its own, because the tests share a database."""

    def __init__(self) -> None:
        self.mark = uuid4().hex[:8].upper()
        self.zoe, self.bo, self.cy = (f"U{self.mark}{name}" for name in ("ZOE", "BO", "CY"))
        self.tea, self.old, self.both = (f"{kind}{self.mark}" for kind in ("C", "COLD", "D"))
        self.files: dict[str, Any] = {
            "users.json": [
                self.user(self.zoe, "zoe", display_name="Zoë Leaf"),
                self.user(self.bo, "bo.tree", real_name="Bo Tree"),
            ],
            "channels.json": [
                self.channel(self.tea, "tea", [self.zoe, self.bo]),
                self.channel(self.old, "archived", []),
            ],
            "dms.json": [{"id": self.both, "created": T, "members": [self.zoe, self.bo]}],
            "tea/2015-01-03.json": self.day(),
            "tea/2015-02-01.json": [
                message(self.zoe, "Next month, in a thread", T + 2_500_000, thread_ts=ts(T)),
            ],
            "archived/2015-01-03.json": [message(self.cy, "Is anybody here?", T + 5)],
            f"{self.both}/2015-01-03.json": [message(self.bo, "Just us", T + 7)],
        }

    def day(self) -> list[Any]:
        return [
            message(
                self.zoe,
                f"<@{self.bo}> see <https://tea.example/a?b=1&amp;c=2|the leaf> &lt;3 <!here>",
                T,
                thread_ts=ts(T),
                reactions=[
                    {"name": "thumbsup", "users": [self.zoe, self.bo], "count": 2},
                    {"name": "+1", "users": [self.bo], "count": 1},
                    {"name": "tea-party", "users": [self.bo], "count": 1},
                ],
            ),
            message(
                self.bo,
                "Lovely",
                T + 2,
                thread_ts=ts(T),
                edited={"user": self.bo, "ts": ts(T + 60)},
            ),
            message(self.bo, "Bo has joined", T + 1, subtype="channel_join"),
            {"type": "message", "subtype": "bot_message", "ts": ts(T + 3), "text": "It steeped"}
            | {"bot_id": f"B{self.mark}", "username": "Kettle"},
            message(
                f"USLACKBOT{self.mark}", "This message was deleted.", T + 4, subtype="tombstone"
            ),
        ]

    def user(self, key: str, name: str, **profile: str) -> Any:
        return {"id": key, "name": f"{name}.{self.mark.lower()}", "profile": profile}

    def channel(self, key: str, name: str, members: list[str]) -> Any:
        return {"id": key, "name": name, "created": T - 100, "creator": self.bo} | {
            "members": members
        }

    def write(self, path: Path) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in self.files.items():
                text = content if isinstance(content, str | bytes) else json.dumps(content)
                file.writestr(name, text)
        return path


def message(user: str, text: str, at: float, **fields: Any) -> Any:
    return {"type": "message", "user": user, "text": text, "ts": ts(at), **fields}


def ts(at: float) -> str:
    return f"{at:.6f}"
