"""`{{access_token}}` and the like in an event, filled from the running system."""

import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import PASSWORD, PEOPLE, DemoSessions, direct_conversation
from cgraph_local.demo.forum import Board
from cgraph_local.demo.new_account import Guest

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class UnknownPlaceholder(Exception):
    """Nothing of that name can be made from the running system."""


class Placeholders:
    """Each is made when it is first met: a session, a conversation, a socket."""

    def __init__(self, cloud: RunningCloud) -> None:
        self._cloud = cloud
        self._guest = Guest(cloud)
        self._sockets = ExitStack()
        self._makers: dict[str, Callable[[], str]] = {
            "access_token": lambda: str(self._welcome["access_token"]),
            "appeal_id": lambda: self._board.appeal_id,
            "banned_access_token": lambda: self._board.banned_access_token,
            "comment_id": lambda: self._board.comment_id,
            "connection_id": lambda: self._connection_id,
            "conversation_id": lambda: str(self._conversation["id"]),
            "forum_id": lambda: self._board.id,
            "forum_member_id": lambda: self._board.new_member(),
            "forum_moderator_id": lambda: self._board.new_moderator(),
            "forum_slug": lambda: self._board.slug,
            "guest_access_token": lambda: self._guest.access_token,
            "guest_backup_code": lambda: self._guest.backup_code,
            "guest_session_id": lambda: self._guest.session_id,
            "guest_totp_code": lambda: self._guest.totp_code,
            "group_id": lambda: str(self._group["id"]),
            "message_id": lambda: str(self._message["id"]),
            "now": lambda: datetime.now(UTC).isoformat(),
            "now_ms": lambda: str(int(datetime.now(UTC).timestamp() * 1000)),
            "others_comment_id": lambda: self._board.others_comment_id,
            "others_post_id": lambda: self._board.others_post_id,
            "other_user_id": lambda: str(self._ask("GET", f"/users/{PEOPLE[1]}")["id"]),
            "other_username": lambda: PEOPLE[1],
            "password": lambda: PASSWORD,
            "gateway": lambda: self._cloud.address,
            "poll_id": lambda: self._board.poll_id,
            "post_id": lambda: self._board.post_id,
            "refresh_token": lambda: str(self._welcome["refresh_token"]),
            "report_id": lambda: self._board.report_id,
            "stranger_id": lambda: str(self._stranger["id"]),
            "ticket": lambda: str(self._ask("POST", "/realtime/ticket")["ticket"]),
            "unique": lambda: uuid4().hex[:12],
            "user_id": lambda: str(self._welcome["user"]["id"]),
            "username": lambda: PEOPLE[0],
        }

    def fill(self, text: str) -> str:
        def value_of(match: re.Match[str]) -> str:
            if match[1] not in self._makers:
                known = ", ".join(sorted(self._makers))
                raise UnknownPlaceholder(f"{match[0]} is not known; there are {known}")
            return json.dumps(self._makers[match[1]]())[1:-1]

        return PLACEHOLDER.sub(value_of, text)

    def close(self) -> None:
        self._sockets.close()

    @cached_property
    def _welcome(self) -> dict[str, Any]:
        return DemoSessions(self._cloud).of(PEOPLE[0])

    @cached_property
    def _conversation(self) -> dict[str, Any]:
        return dict(self._ask("POST", "/conversations", direct_conversation()))

    @cached_property
    def _group(self) -> dict[str, Any]:
        draft = {"kind": "group", "members": [PEOPLE[1]], "name": "A group to try with"}
        return dict(self._ask("POST", "/conversations", draft))

    @cached_property
    def _stranger(self) -> dict[str, Any]:
        """Somebody whom nobody misses."""
        name = f"stranger-{uuid4().hex[:12]}"
        account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return dict(self._ask("POST", "/auth/register", account)["user"])

    @cached_property
    def _board(self) -> Board:
        return Board(self._cloud, owner=str(self._welcome["access_token"]))

    @cached_property
    def _message(self) -> dict[str, Any]:
        draft = {"conversation_id": self._conversation["id"], "content": "A message to try with"}
        return dict(self._ask("POST", "/messages", draft))

    @cached_property
    def _connection_id(self) -> str:
        """Of a socket that looks at the conversation, and stays open as long as it is needed."""
        from websockets.sync.client import connect

        ticket = self._ask("POST", "/realtime/ticket")
        socket = self._sockets.enter_context(connect(ticket["url"]))
        streams = [f"conv:{self._conversation['id']}"]
        _answer(socket, {"action": "subscribe", "id": "1", "data": {"streams": streams}})
        hello = _answer(socket, {"action": "hello", "id": "2", "data": {}})
        return str(hello["data"]["connection_id"])

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        return self._cloud.ask(method, path, body, token=str(self._welcome["access_token"]))


def _answer(socket: "ClientConnection", frame: dict[str, Any]) -> dict[str, Any]:
    socket.send(json.dumps(frame))
    while True:
        answer = json.loads(socket.recv(timeout=10))
        if answer.get("id") == frame["id"]:
            return dict(answer)
