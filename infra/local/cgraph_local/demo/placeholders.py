"""Fills the placeholders of a sample event, such as `{{access_token}}`, from the running system."""

import json
import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from cgraph.accounts.one_time_tokens.tokens import Purpose
from cgraph_local.core.credentials import Credentials
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import (
    DEMO_PASSWORD,
    DEMO_USERNAMES,
    DemoSessions,
    direct_conversation,
    new_account,
)
from cgraph_local.demo.forum import DemoForum
from cgraph_local.demo.new_account import NewAccount
from cgraph_local.demo.uploads import DemoUploads

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")

SUBSCRIPTION = {
    "platform": "web",
    "endpoint": "https://push.example.org/send/demo",
    "keys": {
        "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u"
        "-Ts1XbjhazAkj7I99e8QcYP7DkM",
        "auth": "tBHItJI5svbpez7KI4CCXg",
    },
}
"""Of a browser that does not exist, with the keys of RFC 8291's example."""


class UnknownPlaceholder(Exception):
    """There is no placeholder of that name. The message lists those that exist."""


class Placeholders:
    """A session, conversation or socket is created when its placeholder is first filled.

    The sender of an event is the first demo account; "other" is the second one.
    """

    def __init__(self, cloud: RunningCloud) -> None:
        self._cloud = cloud
        self._new_account = NewAccount(cloud)
        self._sockets = ExitStack()
        self._values: dict[str, Callable[[], str]] = {
            "access_token": lambda: str(self._session["access_token"]),
            "admin_token": lambda: Credentials.of(self._cloud.home).admin_token,
            "appeal_id": lambda: self._forum.appeal_id,
            "arrived_upload_id": lambda: self._uploads.arrived(),
            "banned_access_token": lambda: self._forum.banned_access_token,
            "banned_user_id": lambda: self._forum.banned_user_id(),
            "claimed_report_id": lambda: self._forum.claimed_report_id,
            "comment_id": lambda: self._forum.comment_id,
            "connection_id": lambda: self._connection_id,
            "conversation_id": lambda: str(self._conversation["id"]),
            "deleted_upload_id": lambda: self._uploads.deleted(),
            "device_id": lambda: str(self._request("POST", "/me/devices", SUBSCRIPTION)["id"]),
            "edited_post_id": lambda: self._forum.edited_post_id,
            "emoji_name": lambda: self._emoji_name,
            "emoji_upload_id": lambda: self._uploads.emoji(),
            "forum_id": lambda: self._forum.id,
            "forum_member_id": lambda: self._forum.new_member(),
            "forum_moderator_id": lambda: self._forum.new_moderator(),
            "forum_slug": lambda: self._forum.slug,
            "gateway": lambda: self._cloud.address,
            "group_id": lambda: str(self._group["id"]),
            "held_comment_id": lambda: self._forum.held_comment_id,
            "held_post_id": lambda: self._forum.held_post_id,
            "hidden_version_post_id": lambda: self._forum.hidden_version_post_id,
            "large_upload_id": lambda: self._uploads.in_parts(),
            "locked_post_id": lambda: self._forum.locked_post_id,
            "mail_token": lambda: self._mail_token,
            "message_id": lambda: str(self._message["id"]),
            "new_passkey": lambda: _as_string(self._new_account.new_passkey),
            "new_user_access_token": lambda: self._new_account.access_token,
            "new_user_api_token_id": lambda: self._new_account.api_token_id,
            "new_user_backup_code": lambda: self._new_account.backup_code,
            "new_user_session_id": lambda: self._new_account.session_id,
            "new_user_totp_code": lambda: self._new_account.totp_code,
            "new_user_email_code": lambda: self._new_account.mailed(Purpose.VERIFY_EMAIL).code,
            "new_user_email_token": lambda: self._new_account.mailed(Purpose.VERIFY_EMAIL).text,
            "new_user_reset_token": lambda: self._new_account.mailed(Purpose.RESET_PASSWORD).text,
            "invitation_id": lambda: str(self._request("POST", "/me/invitations", {})["id"]),
            "now": lambda: datetime.now(UTC).isoformat(),
            "now_ms": lambda: str(int(datetime.now(UTC).timestamp() * 1000)),
            "other_user_id": lambda: str(self._request("GET", f"/users/{DEMO_USERNAMES[1]}")["id"]),
            "other_username": lambda: DEMO_USERNAMES[1],
            "others_comment_id": lambda: self._forum.others_comment_id,
            "others_post_id": lambda: self._forum.others_post_id,
            "outsider_access_token": lambda: self._forum.outsider_access_token,
            "password": lambda: DEMO_PASSWORD,
            "passkey_id": lambda: self._new_account.passkey_id,
            "passkey_response": lambda: _as_string(self._new_account.passkey_response),
            "pinned_post_id": lambda: self._forum.pinned_post_id,
            "poll_id": lambda: self._forum.poll_id,
            "post_id": lambda: self._forum.post_id,
            "refresh_token": lambda: str(self._session["refresh_token"]),
            "removed_comment_id": lambda: self._forum.removed_comment_id,
            "removed_post_id": lambda: self._forum.removed_post_id,
            "report_id": lambda: self._forum.report_id,
            "requested_forum_slug": lambda: self._forum.requested_forum_slug,
            "requester_id": lambda: self._forum.requester_id,
            "restricted_forum_slug": lambda: self._forum.restricted_forum_slug,
            "ticket": lambda: str(self._request("POST", "/realtime/ticket")["ticket"]),
            "unique": lambda: uuid4().hex[:12],
            "unrelated_user_id": lambda: str(self._unrelated_user["id"]),
            "upload_id": lambda: self._uploads.small(),
            "user_id": lambda: str(self._session["user"]["id"]),
            "username": lambda: DEMO_USERNAMES[0],
        }

    def fill(self, text: str) -> str:
        """Replaces each placeholder by its JSON-escaped value. Raises UnknownPlaceholder."""

        def value_of(match: re.Match[str]) -> str:
            if match[1] not in self._values:
                known = ", ".join(sorted(self._values))
                raise UnknownPlaceholder(f"{match[0]} is not known; there are {known}")
            return json.dumps(self._values[match[1]]())[1:-1]

        return PLACEHOLDER.sub(value_of, text)

    def close(self) -> None:
        self._sockets.close()

    @cached_property
    def _session(self) -> dict[str, Any]:
        return DemoSessions(self._cloud).session(DEMO_USERNAMES[0])

    @cached_property
    def _conversation(self) -> dict[str, Any]:
        return dict(self._request("POST", "/conversations", direct_conversation()))

    @cached_property
    def _group(self) -> dict[str, Any]:
        draft = {"kind": "group", "members": [DEMO_USERNAMES[1]], "name": "Demo group"}
        return dict(self._request("POST", "/conversations", draft))

    @cached_property
    def _unrelated_user(self) -> dict[str, Any]:
        """A new user who is in no conversation and no forum."""
        return dict(self._request("POST", "/auth/register", new_account("unrelated"))["user"])

    @cached_property
    def _forum(self) -> DemoForum:
        return DemoForum(self._cloud, owner_token=str(self._session["access_token"]))

    @cached_property
    def _uploads(self) -> DemoUploads:
        return DemoUploads(self._cloud, token=str(self._session["access_token"]))

    @cached_property
    def _emoji_name(self) -> str:
        name, body = f"sample_{uuid4().hex[:12]}", {"upload": self._uploads.emoji()}
        self._request("PUT", f"/forums/{self._forum.slug}/emoji/{name}", body)
        return name

    @cached_property
    def _message(self) -> dict[str, Any]:
        draft = {"conversation_id": self._conversation["id"], "content": "A sample message"}
        return dict(self._request("POST", "/messages", draft))

    @cached_property
    def _mail_token(self) -> str:
        from cgraph_local.demo.mail_links import mail_token

        endpoints = self._cloud.endpoints("postgres")
        return mail_token(endpoints, user_id=UUID(self._session["user"]["id"]))

    @cached_property
    def _connection_id(self) -> str:
        """The id of a socket that is subscribed to the conversation. It is open until `close`."""
        from websockets.sync.client import connect

        ticket = self._request("POST", "/realtime/ticket")
        socket = self._sockets.enter_context(connect(ticket["url"]))
        streams = [f"conv:{self._conversation['id']}"]
        _send(socket, {"action": "subscribe", "id": "1", "data": {"streams": streams}})
        hello = _send(socket, {"action": "hello", "id": "2", "data": {}})
        return str(hello["data"]["connection_id"])

    def _request(self, method: str, path: str, body: object = None) -> Any:
        return self._cloud.request(method, path, body, token=str(self._session["access_token"]))


def _as_string(document: str) -> str:
    """The inside of a JSON string, for a document that stands in a string of a body."""
    return json.dumps(document)[1:-1]


def _send(socket: "ClientConnection", frame: dict[str, Any]) -> dict[str, Any]:
    """Sends a frame and returns its response."""
    socket.send(json.dumps(frame))
    while True:
        response = json.loads(socket.recv(timeout=10))
        if response.get("id") == frame["id"]:
            return dict(response)
