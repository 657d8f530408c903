"""How every route and every socket action is called, so that it succeeds for those who may.

`{names}` are placeholders, which `conversation_scene.py` and `forum_scene.py` fill for each call. A
new route needs a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tests.person import PASSWORD, Document

Refusal = tuple[int, str]
"""Status and code."""

NEW_PASSWORD = "battery horse, correct"
NOTHING = "01939c10-0000-7000-8000-000000000000"
"""The id of nothing."""
NO_CONVERSATION = (404, "conversation_not_found")
NO_FORUM = (404, "forum_not_found")
NO_MESSAGE = (404, "message_not_found")
NO_POST = (404, "post_not_found")
NO_COMMENT = (404, "comment_not_found")
NO_DEVICE = (404, "device_not_found")
NO_API_TOKEN = (404, "api_token_not_found")
NO_PASSKEY = (404, "passkey_not_found")
NO_UPLOAD = (404, "upload_not_found")
NO_SESSION = (404, "session_not_found")
NO_INVITATION = (404, "invitation_not_found")
NO_REPORT = (404, "report_not_found")
NO_APPEAL = (404, "appeal_not_found")
NOT_SUBSCRIBED = (403, "not_subscribed")


class Target(StrEnum):
    """Whom the call is about, where that decides who may."""

    CALLER = "the caller"
    OTHER_USER = "another user, whose resource is hidden from everybody else"


@dataclass(frozen=True, slots=True)
class RouteCase:
    """`operation`: a method and path, or a socket action. `hidden`: the refusal for callers who may
    not know that the resource exists.

    `shows`: for a response that every caller gets, whether it contains the stream. `own_session`:
    called with a new session of its own, which the call ends, or which must be a fresh log-in.
    `moves_caller`: afterwards the caller is a member, or no longer one.
    """

    operation: str
    body: Any = None
    hidden: Refusal = NO_CONVERSATION
    shows: Callable[[Document, str], bool] | None = None
    target: Target | None = None
    own_session: bool = False
    moves_caller: bool = False

    @property
    def action(self) -> str | None:
        return None if " " in self.operation else self.operation

    @property
    def is_read(self) -> bool:
        return self.operation.startswith("GET ")


def _in_list(response: Document, stream: str) -> bool:
    return any(item["id"] == stream.removeprefix("conv:") for item in response["items"])


def _in_heads(response: Document, stream: str) -> bool:
    return stream in response.get("heads", response.get("data", {}).get("heads", ()))


def _in_streams(response: Document, stream: str) -> bool:
    return "gone" not in response.get("streams", response.get("data", {}).get("streams"))[stream]


def _forum_in_list(response: Document, stream: str) -> bool:
    return any(item["id"] == stream.removeprefix("forum:") for item in response["items"])


ACCOUNT = {"username": "{name}", "email": "{name}@example.org", "password": PASSWORD}
GROUP = {"kind": "group", "members": ["{username}"]}
MESSAGE = {"conversation_id": "{conversation}", "content": "let me in"}
CHANGE = {"message_id": "{message}", "version": 1, "content": "let me in"}
CURSORS = {"cursors": {"{stream}": 0}}
STREAMS = {"streams": ["{stream}"]}
FORUM_CURSORS = {"cursors": {"{forum_stream}": 0}}
API_TOKEN = {"name": "let me in", "scopes": ["messages:read"]}
UPLOAD = {
    "filename": "notes.bin",
    "content_type": "application/octet-stream",
    "size": 100,
    "in_parts": True,
}
REPORT = {"target": {"kind": "post", "id": "{post}"}, "reason": "spam", "note": "{secret}"}
APPEAL = {"against": {"kind": "post", "id": "{removed_post}"}, "content": "let me in"}

SUBSCRIPTION = {
    "platform": "web",
    "endpoint": "https://push.example.org/{name}",
    "keys": {
        "p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u"
        "-Ts1XbjhazAkj7I99e8QcYP7DkM",
        "auth": "tBHItJI5svbpez7KI4CCXg",
    },
}

SYSTEM = {
    "check_health": RouteCase("GET /health"),
    "check_readiness": RouteCase("GET /health/ready"),
    "show_limits": RouteCase("GET /limits"),
}
AUTH = {
    "register": RouteCase("POST /auth/register", ACCOUNT),
    "log_in": RouteCase("POST /auth/login", {"login": "{login}", "password": PASSWORD}),
    "refresh_session": RouteCase("POST /auth/refresh", {"refresh_token": "{refresh_token}"}),
    "log_out": RouteCase("POST /auth/logout", own_session=True),
    "list_sessions": RouteCase("GET /auth/sessions"),
    "revoke_session": RouteCase("DELETE /auth/sessions/{session}"),
    "revoke_session, of another user": RouteCase(
        "DELETE /auth/sessions/{other_session}", hidden=NO_SESSION, target=Target.OTHER_USER
    ),
    "revoke_sessions": RouteCase("DELETE /auth/sessions"),
    "change_password": RouteCase(
        "POST /auth/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    ),
    "set_up_totp": RouteCase("POST /auth/totp", {"password": PASSWORD}),
    "confirm_session": RouteCase("POST /auth/confirm", {"password": PASSWORD}),
    "create_api_token": RouteCase("POST /me/tokens", API_TOKEN, own_session=True),
    "list_api_tokens": RouteCase("GET /me/tokens"),
    "delete_api_token": RouteCase("DELETE /me/tokens/{api_token}"),
    "delete_api_token, of another user": RouteCase(
        "DELETE /me/tokens/{other_api_token}", hidden=NO_API_TOKEN, target=Target.OTHER_USER
    ),
    "start_passkey": RouteCase("POST /me/passkeys/options", own_session=True),
    "create_passkey": RouteCase(
        "POST /me/passkeys", {"name": "a phone", "response": "{new_passkey}"}, own_session=True
    ),
    "list_passkeys": RouteCase("GET /me/passkeys"),
    "change_passkey": RouteCase("PATCH /me/passkeys/{passkey}", {"name": "let me in"}),
    "change_passkey, of another user": RouteCase(
        "PATCH /me/passkeys/{other_passkey}",
        {"name": "let me in"},
        hidden=NO_PASSKEY,
        target=Target.OTHER_USER,
    ),
    "delete_passkey": RouteCase("DELETE /me/passkeys/{passkey}", own_session=True),
    "delete_passkey, of another user": RouteCase(
        "DELETE /me/passkeys/{other_passkey}", hidden=NO_PASSKEY, target=Target.OTHER_USER
    ),
    "start_passkey_login": RouteCase("POST /auth/passkey/options", {}),
    "log_in_with_passkey": RouteCase("POST /auth/passkey", {"response": "{passkey_response}"}),
    "confirm_totp": RouteCase("POST /auth/totp/confirm", {"code": "{code}"}),
    "remove_totp": RouteCase("POST /auth/totp/remove", {"code": "{backup_code}"}),
    "renew_backup_codes": RouteCase(
        "POST /auth/totp/backup-codes", {"password": PASSWORD, "code": "{backup_code}"}
    ),
    "send_verification": RouteCase("POST /me/email/verification"),
    "verify_email": RouteCase("POST /me/email/verify", {"code": "{email_code}"}),
    "change_email": RouteCase(
        "POST /me/email", {"email": "{name}@example.org", "password": PASSWORD}
    ),
    "show_email_page": RouteCase("GET /auth/email/confirm?token={email_token}"),
    "confirm_email": RouteCase("POST /auth/email/confirm?token={email_token}"),
    "forgot_password": RouteCase("POST /auth/password/forgot", {"login": "{login}"}),
    "show_reset_page": RouteCase("GET /auth/password/reset?token={reset_token}"),
    "reset_password": RouteCase(
        "POST /auth/password/reset", {"token": "{reset_token}", "new_password": NEW_PASSWORD}
    ),
    "create_invitation": RouteCase("POST /me/invitations", {"note": "let me in"}),
    "list_invitations": RouteCase("GET /me/invitations"),
    "revoke_invitation": RouteCase("DELETE /me/invitations/{invitation}", hidden=NO_INVITATION),
    "revoke_invitation, of another user": RouteCase(
        "DELETE /me/invitations/{other_invitation}", hidden=NO_INVITATION, target=Target.OTHER_USER
    ),
}
PEOPLE = {
    "show_me": RouteCase("GET /me"),
    "change_me": RouteCase("PATCH /me", {"bio": "let me in"}),
    "show_user": RouteCase("GET /users/{username}"),
    "show_user_by_id": RouteCase("GET /users/by-id/{newcomer}"),
    "list_blocks": RouteCase("GET /me/blocks"),
    "block_user": RouteCase("PUT /me/blocks/{newcomer}"),
    "unblock_user": RouteCase("DELETE /me/blocks/{newcomer}"),
    "put_contact": RouteCase("PUT /me/contacts/{newcomer}"),
    "list_contacts": RouteCase("GET /me/contacts"),
    "remove_contact": RouteCase("DELETE /me/contacts/{newcomer}"),
    "show_privacy": RouteCase("GET /me/privacy"),
    "change_privacy": RouteCase("PATCH /me/privacy", {"receipts": True}),
    "add_device": RouteCase("POST /me/devices", SUBSCRIPTION),
    "list_devices": RouteCase("GET /me/devices"),
    "remove_device": RouteCase("DELETE /me/devices/{device}"),
    "remove_device, of another user": RouteCase(
        "DELETE /me/devices/{other_device}", hidden=NO_DEVICE, target=Target.OTHER_USER
    ),
    "show_push_key": RouteCase("GET /push/key"),
    "unsubscribe_mail": RouteCase("POST /mail/unsubscribe?token={mail_token}"),
    "show_unsubscribe_page": RouteCase("GET /mail/unsubscribe?token={mail_token}"),
}
NOTIFICATIONS = {
    "list_notifications": RouteCase("GET /notifications"),
    "show_badge": RouteCase("GET /notifications/badge"),
    "read_notifications": RouteCase("PUT /notifications/read", {"about": "{newcomer}"}),
    "see_notifications": RouteCase("PUT /notifications/seen", {}),
    "list_follows": RouteCase("GET /me/follows"),
    "put_follow": RouteCase("PUT /me/follows/user/{newcomer}", {"level": "everything"}),
    "delete_follow": RouteCase("DELETE /me/follows/user/{newcomer}"),
    "show_preferences": RouteCase("GET /me/notification-preferences"),
    "set_preferences": RouteCase("PUT /me/notification-preferences", {"mail": "daily"}),
}
UPLOADS = {
    "create_upload": RouteCase("POST /uploads", UPLOAD),
    "list_uploads": RouteCase("GET /uploads"),
    "show_upload": RouteCase("GET /uploads/{upload}"),
    "show_upload, of another user": RouteCase(
        "GET /uploads/{other_upload}", hidden=NO_UPLOAD, target=Target.OTHER_USER
    ),
    "delete_upload": RouteCase("DELETE /uploads/{upload}"),
    "delete_upload, of another user": RouteCase(
        "DELETE /uploads/{other_upload}", hidden=NO_UPLOAD, target=Target.OTHER_USER
    ),
    "list_parts": RouteCase("POST /uploads/{upload}/parts"),
    "list_parts, of another user": RouteCase(
        "POST /uploads/{other_upload}/parts", hidden=NO_UPLOAD, target=Target.OTHER_USER
    ),
    "complete_upload": RouteCase("POST /uploads/{arrived_upload}/complete"),
    "complete_upload, of another user": RouteCase(
        "POST /uploads/{other_upload}/complete", hidden=NO_UPLOAD, target=Target.OTHER_USER
    ),
}
CONVERSATIONS = {
    "list_conversations": RouteCase("GET /conversations?limit=100", shows=_in_list),
    "start_conversation": RouteCase("POST /conversations", GROUP),
    "show_conversation": RouteCase("GET /conversations/{conversation}"),
    "change_conversation": RouteCase("PATCH /conversations/{conversation}", {"name": "renamed"}),
    "list_members": RouteCase("GET /conversations/{conversation}/members"),
    "put_member": RouteCase("PUT /conversations/{conversation}/members/{newcomer}", {}),
    "remove_member": RouteCase("DELETE /conversations/{conversation}/members/{member}"),
    "remove_member, of the caller": RouteCase(
        "DELETE /conversations/{conversation}/members/{caller}",
        target=Target.CALLER,
        moves_caller=True,
    ),
    "mute_conversation": RouteCase("PUT /conversations/{conversation}/mute", {"until": None}),
    "unmute_conversation": RouteCase("DELETE /conversations/{conversation}/mute"),
    "mark_read": RouteCase("PUT /conversations/{conversation}/read", {"seq": 1}),
    "mark_unread": RouteCase("PUT /conversations/{conversation}/unread"),
    "list_messages": RouteCase("GET /conversations/{conversation}/messages"),
    "list_pins": RouteCase("GET /conversations/{conversation}/pins"),
}
MESSAGES = {
    "send_message": RouteCase("POST /messages", MESSAGE),
    "show_message": RouteCase("GET /messages/{message}", hidden=NO_MESSAGE),
    "list_replies": RouteCase("GET /messages/{message}/replies", hidden=NO_MESSAGE),
    "list_message_versions": RouteCase("GET /messages/{message}/versions", hidden=NO_MESSAGE),
    "list_reactions": RouteCase("GET /messages/{message}/reactions/👍", hidden=NO_MESSAGE),
    "edit_message": RouteCase(
        "PATCH /messages/{message}", {"version": 1, "content": "let me in"}, hidden=NO_MESSAGE
    ),
    "delete_message": RouteCase("DELETE /messages/{message}", hidden=NO_MESSAGE),
    "add_reaction": RouteCase("PUT /messages/{message}/reactions/👍", hidden=NO_MESSAGE),
    "remove_reaction": RouteCase(
        "DELETE /messages/{reacted_message}/reactions/👍", hidden=NO_MESSAGE
    ),
    "pin_message": RouteCase("PUT /messages/{message}/pin", hidden=NO_MESSAGE),
    "unpin_message": RouteCase("DELETE /messages/{pinned_message}/pin", hidden=NO_MESSAGE),
}
FORUMS = {
    "create_forum": RouteCase("POST /forums", {"slug": "{new_slug}", "name": "let me in"}),
    "list_forums": RouteCase("GET /forums?q={forum}&limit=100", shows=_forum_in_list),
    "show_forum": RouteCase("GET /forums/{forum}", hidden=NO_FORUM),
    "change_forum": RouteCase("PATCH /forums/{forum}", {"name": "renamed"}, hidden=NO_FORUM),
    "join_forum": RouteCase("PUT /forums/{forum}/membership", hidden=NO_FORUM, moves_caller=True),
    "leave_forum": RouteCase(
        "DELETE /forums/{forum}/membership", hidden=NO_FORUM, moves_caller=True
    ),
    "request_membership": RouteCase("PUT /forums/{forum}/membership/request", {}, hidden=NO_FORUM),
    "withdraw_membership_request": RouteCase(
        "DELETE /forums/{requested_forum}/membership/request", hidden=NO_FORUM
    ),
    "list_membership_requests": RouteCase("GET /forums/{forum}/requests", hidden=NO_FORUM),
    "resolve_membership_request": RouteCase(
        "POST /forums/{forum}/requests/{requester}/resolve",
        {"decision": "accept"},
        hidden=NO_FORUM,
    ),
    "list_forum_members": RouteCase("GET /forums/{forum}/members", hidden=NO_FORUM),
    "add_forum_member": RouteCase("PUT /forums/{forum}/members/{newcomer}", hidden=NO_FORUM),
    "remove_forum_member": RouteCase(
        "DELETE /forums/{forum}/members/{forum_member}", hidden=NO_FORUM
    ),
    "remove_forum_member, of the caller": RouteCase(
        "DELETE /forums/{forum}/members/{caller}",
        hidden=NO_FORUM,
        target=Target.CALLER,
        moves_caller=True,
    ),
    "appoint_moderator": RouteCase(
        "PUT /forums/{forum}/moderators/{newcomer}", {}, hidden=NO_FORUM
    ),
    "dismiss_moderator": RouteCase(
        "DELETE /forums/{forum}/moderators/{moderator}", hidden=NO_FORUM
    ),
    "sync_streams, forum": RouteCase("POST /sync", FORUM_CURSORS, shows=_in_streams),
    "sync_streams, post": RouteCase("POST /sync", {"cursors": {"{post_stream}": 0}}),
    "subscribe, forum": RouteCase("subscribe", {"streams": ["{forum_stream}"]}, shows=_in_streams),
    "ping, forum": RouteCase("ping", {"streams": ["{forum_stream}"]}, shows=_in_heads),
}
POSTS = {
    "create_post": RouteCase("POST /forums/{forum}/posts", {"title": "let me in"}, hidden=NO_FORUM),
    "list_posts": RouteCase("GET /forums/{forum}/posts", hidden=NO_FORUM),
    "list_similar_posts": RouteCase("GET /forums/{forum}/posts/similar?title=tea", hidden=NO_FORUM),
    "show_post": RouteCase("GET /posts/{post}", hidden=NO_POST),
    "edit_post": RouteCase(
        "PATCH /posts/{post}", {"version": 1, "title": "let me in"}, hidden=NO_POST
    ),
    "delete_post": RouteCase("DELETE /posts/{post}", hidden=NO_POST),
    "list_versions": RouteCase("GET /posts/{post}/versions", hidden=NO_POST),
    "hide_version": RouteCase("PUT /posts/{edited_post}/versions/1/hidden", hidden=NO_POST),
    "unhide_version": RouteCase(
        "DELETE /posts/{hidden_version_post}/versions/1/hidden", hidden=NO_POST
    ),
    "pin_post": RouteCase("PUT /posts/{post}/pin", hidden=NO_POST),
    "unpin_post": RouteCase("DELETE /posts/{pinned_post}/pin", hidden=NO_POST),
    "lock_post": RouteCase("PUT /posts/{post}/lock", hidden=NO_POST),
    "unlock_post": RouteCase("DELETE /posts/{locked_post}/lock", hidden=NO_POST),
    "move_post": RouteCase("POST /posts/{post}/move", {"forum": "{other_forum}"}, hidden=NO_POST),
    "choose_in_poll": RouteCase("PUT /posts/{poll}/poll", {"choices": [0]}, hidden=NO_POST),
}
COMMENTS = {
    "create_comment": RouteCase(
        "POST /posts/{post}/comments", {"body": "let me in"}, hidden=NO_POST
    ),
    "list_comments": RouteCase("GET /posts/{post}/comments", hidden=NO_POST),
    "show_comment": RouteCase("GET /comments/{comment}", hidden=NO_COMMENT),
    "edit_comment": RouteCase(
        "PATCH /comments/{comment}", {"version": 1, "body": "let me in"}, hidden=NO_COMMENT
    ),
    "delete_comment": RouteCase("DELETE /comments/{comment}", hidden=NO_COMMENT),
    "accept_comment": RouteCase(
        "PUT /posts/{post}/accept", {"comment_id": "{comment}"}, hidden=NO_POST
    ),
    "vote_on_post": RouteCase("PUT /posts/{post}/vote", {"value": 1}, hidden=NO_POST),
    "vote_on_comment": RouteCase("PUT /comments/{comment}/vote", {"value": 1}, hidden=NO_COMMENT),
}
MODERATION = {
    "file_report": RouteCase("POST /reports", REPORT, hidden=NO_POST),
    "list_reports": RouteCase("GET /reports"),
    "list_forum_reports": RouteCase("GET /forums/{forum}/reports", hidden=NO_FORUM),
    "show_report": RouteCase("GET /reports/{report}", hidden=NO_REPORT),
    "claim_report": RouteCase("POST /reports/{report}/claim", hidden=NO_REPORT),
    "release_report": RouteCase("DELETE /reports/{claimed_report}/claim", hidden=NO_REPORT),
    "resolve_report": RouteCase(
        "POST /reports/{report}/resolve", {"action": "dismiss"}, hidden=NO_REPORT
    ),
    "remove_post": RouteCase("PUT /posts/{post}/removal", {}, hidden=NO_POST),
    "restore_post": RouteCase("DELETE /posts/{removed_post}/removal", hidden=NO_POST),
    "remove_comment": RouteCase("PUT /comments/{comment}/removal", {}, hidden=NO_COMMENT),
    "restore_comment": RouteCase("DELETE /comments/{removed_comment}/removal", hidden=NO_COMMENT),
    "approve_post": RouteCase("PUT /posts/{held_post}/approval", hidden=NO_POST),
    "approve_comment": RouteCase("PUT /comments/{held_comment}/approval", hidden=NO_COMMENT),
    "ban_user": RouteCase("PUT /forums/{forum}/bans/{newcomer}", {"days": 1}, hidden=NO_FORUM),
    "unban_user": RouteCase("DELETE /forums/{forum}/bans/{banned}", hidden=NO_FORUM),
    "remove_texts": RouteCase(
        "POST /forums/{forum}/users/{banned}/removals", {"written": "day"}, hidden=NO_FORUM
    ),
    "restore_texts": RouteCase(
        "POST /forums/{forum}/users/{forum_member}/restorations", hidden=NO_FORUM
    ),
    "list_bans": RouteCase("GET /forums/{forum}/bans", hidden=NO_FORUM),
    "warn_user": RouteCase(
        "POST /forums/{forum}/warnings",
        {"user_id": "{forum_member}", "reason": "let me in"},
        hidden=NO_FORUM,
    ),
    "make_appeal": RouteCase("POST /appeals", APPEAL, hidden=NO_APPEAL),
    "list_appeals": RouteCase("GET /forums/{forum}/appeals", hidden=NO_FORUM),
    "resolve_appeal": RouteCase(
        "POST /appeals/{appeal}/resolve", {"decision": "accept"}, hidden=NO_APPEAL
    ),
    "show_filters": RouteCase("GET /forums/{forum}/filters", hidden=NO_FORUM),
    "change_filters": RouteCase(
        "PUT /forums/{forum}/filters", {"words": ["{secret}"]}, hidden=NO_FORUM
    ),
    "list_emoji": RouteCase("GET /forums/{forum}/emoji", hidden=NO_FORUM),
    "put_emoji": RouteCase(
        "PUT /forums/{forum}/emoji/teapot", {"upload": "{emoji_upload}"}, hidden=NO_FORUM
    ),
    "remove_emoji": RouteCase("DELETE /forums/{forum}/emoji/{emoji}", hidden=NO_FORUM),
    "list_audit": RouteCase("GET /forums/{forum}/audit", hidden=NO_FORUM),
}
SEARCH = {
    "search_documents": RouteCase("GET /search?q=tea&in={conversation}"),
    "list_suggestions": RouteCase("GET /search/suggestions?q=tea"),
}
REALTIME = {
    "make_ticket": RouteCase("POST /realtime/ticket"),
    "sync_streams": RouteCase("POST /sync", CURSORS, shows=_in_streams),
    "sign_uploads": RouteCase("POST /uploads/urls", {"uploads": [NOTHING]}),
}
SOCKET = {
    "hello": RouteCase("hello", CURSORS, shows=_in_heads),
    "ping": RouteCase("ping", STREAMS, shows=_in_heads),
    "sync": RouteCase("sync", CURSORS, shows=_in_streams),
    "subscribe": RouteCase("subscribe", STREAMS, shows=_in_streams),
    "unsubscribe": RouteCase("unsubscribe", STREAMS),
    "send": RouteCase("send", MESSAGE),
    "edit": RouteCase("edit", CHANGE, hidden=NO_MESSAGE),
    "delete": RouteCase("delete", {"message_id": "{message}"}, hidden=NO_MESSAGE),
    "react": RouteCase(
        "react", {"message_id": "{message}", "emoji": "👍", "added": True}, hidden=NO_MESSAGE
    ),
    "read": RouteCase("read", {"stream": "{stream}", "seq": 1}),
    "typing": RouteCase("typing", {"stream": "{subscribed_stream}", "typing": True}),
    "presence": RouteCase("presence", {"status": "away"}),
}
CONVERSATION_CASES: Mapping[str, RouteCase] = {
    **(SYSTEM | AUTH | PEOPLE | NOTIFICATIONS | UPLOADS),
    **(CONVERSATIONS | MESSAGES | SEARCH | REALTIME | SOCKET),
}
"""By the name of the function; what comes after a comma is another way to call it."""

FORUM_CASES: Mapping[str, RouteCase] = {**(FORUMS | POSTS | COMMENTS | MODERATION)}

REQUEST_CASES: Mapping[str, RouteCase] = {
    name: case
    for name, case in FORUMS.items()
    if name == "request_membership" or "membership_request" in name
}
"""Of those who ask to become a member, and of the moderators who answer."""

ROUTE_CASES = {**CONVERSATION_CASES, **FORUM_CASES}
