"""How every route and every action is asked, so that whoever may do it succeeds.

`{names}` stand for things that `scenes.py` makes for each call; a new route needs a line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.person import PASSWORD, Document

NEW_PASSWORD = "battery horse, correct"
NO_CONVERSATION = (404, "conversation_not_found")
NO_FORUM = (404, "forum_not_found")
NO_MESSAGE = (404, "message_not_found")
NO_POST = (404, "post_not_found")
NO_COMMENT = (404, "comment_not_found")
NO_SESSION = (404, "session_not_found")
NO_REPORT = (404, "report_not_found")
NO_APPEAL = (404, "appeal_not_found")
NOT_SUBSCRIBED = (403, "not_subscribed")


@dataclass(frozen=True, slots=True)
class Recipe:
    """`ask`: a method and path, or a socket's action. `hidden`: what whoever has nothing to do with
    the thing is answered.

    `shows`: of an answer that anybody gets, whether it tells of the stream. `about`: not the thing
    as it usually is: `oneself`, or `another's`, which is hidden from everybody. `alone`: through a
    session of its own, which it ends.
    """

    ask: str
    body: Any = None
    hidden: tuple[int, str] = NO_CONVERSATION
    shows: Callable[[Document, str], bool] | None = None
    about: str = ""
    alone: bool = False

    @property
    def action(self) -> str | None:
        return None if " " in self.ask else self.ask


def _in_list(answer: Document, stream: str) -> bool:
    return any(item["id"] == stream.removeprefix("conv:") for item in answer["items"])


def _in_heads(answer: Document, stream: str) -> bool:
    return stream in answer.get("heads", answer.get("data", {}).get("heads", ()))


def _in_streams(answer: Document, stream: str) -> bool:
    return "gone" not in answer.get("streams", answer.get("data", {}).get("streams"))[stream]


def _forum_in_list(answer: Document, stream: str) -> bool:
    return any(item["id"] == stream.removeprefix("forum:") for item in answer["items"])


ACCOUNT = {"username": "{name}", "email": "{name}@example.org", "password": PASSWORD}
GROUP = {"kind": "group", "members": ["{username}"]}
MESSAGE = {"conversation_id": "{conversation}", "content": "let me in"}
CHANGE = {"message_id": "{message}", "version": 1, "content": "let me in"}
CURSORS = {"cursors": {"{stream}": 0}}
STREAMS = {"streams": ["{stream}"]}
FOLLOWED = {"cursors": {"{forum_stream}": 0}}
REPORT = {"target": {"kind": "post", "id": "{post}"}, "reason": "spam", "note": "{secret}"}
APPEAL = {"against": {"kind": "post", "id": "{removed_post}"}, "content": "let me in"}

SYSTEM = {
    "check_health": Recipe("GET /health"),
    "check_readiness": Recipe("GET /health/ready"),
    "show_limits": Recipe("GET /limits"),
}
AUTH = {
    "register": Recipe("POST /auth/register", ACCOUNT),
    "log_in": Recipe("POST /auth/login", {"login": "{login}", "password": PASSWORD}),
    "refresh_session": Recipe("POST /auth/refresh", {"refresh_token": "{refresh_token}"}),
    "log_out": Recipe("POST /auth/logout", alone=True),
    "list_sessions": Recipe("GET /auth/sessions"),
    "revoke_session": Recipe("DELETE /auth/sessions/{session}"),
    "revoke_session, another's": Recipe(
        "DELETE /auth/sessions/{anothers_session}", hidden=NO_SESSION, about="another's"
    ),
    "revoke_sessions": Recipe("DELETE /auth/sessions"),
    "change_password": Recipe(
        "POST /auth/password", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
    ),
    "set_up_totp": Recipe("POST /auth/totp", {"password": PASSWORD}),
    "confirm_totp": Recipe("POST /auth/totp/confirm", {"code": "{code}"}),
    "remove_totp": Recipe("POST /auth/totp/remove", {"code": "{backup_code}"}),
}
PEOPLE = {
    "show_me": Recipe("GET /me"),
    "change_me": Recipe("PATCH /me", {"bio": "let me in"}),
    "show_user": Recipe("GET /users/{username}"),
    "list_blocks": Recipe("GET /me/blocks"),
    "block_user": Recipe("PUT /me/blocks/{newcomer}"),
    "unblock_user": Recipe("DELETE /me/blocks/{newcomer}"),
}
CONVERSATIONS = {
    "list_conversations": Recipe("GET /conversations?limit=100", shows=_in_list),
    "start_conversation": Recipe("POST /conversations", GROUP),
    "show_conversation": Recipe("GET /conversations/{conversation}"),
    "change_conversation": Recipe("PATCH /conversations/{conversation}", {"name": "ours now"}),
    "put_member": Recipe("PUT /conversations/{conversation}/members/{newcomer}", {}),
    "remove_member": Recipe("DELETE /conversations/{conversation}/members/{member}"),
    "remove_member, oneself": Recipe(
        "DELETE /conversations/{conversation}/members/{oneself}", about="oneself"
    ),
    "mute_conversation": Recipe("PUT /conversations/{conversation}/mute", {"until": None}),
    "unmute_conversation": Recipe("DELETE /conversations/{conversation}/mute"),
    "mark_read": Recipe("PUT /conversations/{conversation}/read", {"seq": 1}),
    "list_messages": Recipe("GET /conversations/{conversation}/messages"),
    "list_pins": Recipe("GET /conversations/{conversation}/pins"),
}
MESSAGES = {
    "send_message": Recipe("POST /messages", MESSAGE),
    "show_message": Recipe("GET /messages/{message}", hidden=NO_MESSAGE),
    "edit_message": Recipe(
        "PATCH /messages/{message}", {"version": 1, "content": "let me in"}, hidden=NO_MESSAGE
    ),
    "delete_message": Recipe("DELETE /messages/{message}", hidden=NO_MESSAGE),
    "add_reaction": Recipe("PUT /messages/{message}/reactions/👍", hidden=NO_MESSAGE),
    "remove_reaction": Recipe("DELETE /messages/{message}/reactions/👍", hidden=NO_MESSAGE),
    "pin_message": Recipe("PUT /messages/{message}/pin", hidden=NO_MESSAGE),
    "unpin_message": Recipe("DELETE /messages/{message}/pin", hidden=NO_MESSAGE),
}
FORUMS = {
    "create_forum": Recipe("POST /forums", {"slug": "{new_slug}", "name": "let me in"}),
    "list_forums": Recipe("GET /forums?q={forum}&limit=100", shows=_forum_in_list),
    "show_forum": Recipe("GET /forums/{forum}", hidden=NO_FORUM),
    "change_forum": Recipe("PATCH /forums/{forum}", {"name": "ours now"}, hidden=NO_FORUM),
    "join_forum": Recipe("PUT /forums/{forum}/membership", hidden=NO_FORUM),
    "leave_forum": Recipe("DELETE /forums/{forum}/membership", hidden=NO_FORUM),
    "list_forum_members": Recipe("GET /forums/{forum}/members", hidden=NO_FORUM),
    "add_forum_member": Recipe("PUT /forums/{forum}/members/{newcomer}", hidden=NO_FORUM),
    "remove_forum_member": Recipe("DELETE /forums/{forum}/members/{joined}", hidden=NO_FORUM),
    "remove_forum_member, oneself": Recipe(
        "DELETE /forums/{forum}/members/{oneself}", hidden=NO_FORUM, about="oneself"
    ),
    "appoint_moderator": Recipe("PUT /forums/{forum}/moderators/{newcomer}", {}, hidden=NO_FORUM),
    "dismiss_moderator": Recipe("DELETE /forums/{forum}/moderators/{appointed}", hidden=NO_FORUM),
    "sync_streams, forum": Recipe("POST /sync", FOLLOWED, shows=_in_streams),
    "sync_streams, post": Recipe("POST /sync", {"cursors": {"{post_stream}": 0}}),
    "subscribe, forum": Recipe("subscribe", {"streams": ["{forum_stream}"]}, shows=_in_streams),
    "ping, forum": Recipe("ping", {"streams": ["{forum_stream}"]}, shows=_in_heads),
}
POSTS = {
    "create_post": Recipe("POST /forums/{forum}/posts", {"title": "let me in"}, hidden=NO_FORUM),
    "list_posts": Recipe("GET /forums/{forum}/posts", hidden=NO_FORUM),
    "show_post": Recipe("GET /posts/{post}", hidden=NO_POST),
    "edit_post": Recipe(
        "PATCH /posts/{post}", {"version": 1, "title": "let me in"}, hidden=NO_POST
    ),
    "delete_post": Recipe("DELETE /posts/{post}", hidden=NO_POST),
    "list_versions": Recipe("GET /posts/{post}/versions", hidden=NO_POST),
    "pin_post": Recipe("PUT /posts/{post}/pin", hidden=NO_POST),
    "unpin_post": Recipe("DELETE /posts/{post}/pin", hidden=NO_POST),
    "lock_post": Recipe("PUT /posts/{post}/lock", hidden=NO_POST),
    "unlock_post": Recipe("DELETE /posts/{post}/lock", hidden=NO_POST),
    "move_post": Recipe("POST /posts/{post}/move", {"forum": "{other_forum}"}, hidden=NO_POST),
    "choose_in_poll": Recipe("PUT /posts/{poll}/poll", {"choices": [0]}, hidden=NO_POST),
}
COMMENTS = {
    "create_comment": Recipe("POST /posts/{post}/comments", {"body": "let me in"}, hidden=NO_POST),
    "list_comments": Recipe("GET /posts/{post}/comments", hidden=NO_POST),
    "show_comment": Recipe("GET /comments/{comment}", hidden=NO_COMMENT),
    "edit_comment": Recipe(
        "PATCH /comments/{comment}", {"version": 1, "body": "let me in"}, hidden=NO_COMMENT
    ),
    "delete_comment": Recipe("DELETE /comments/{comment}", hidden=NO_COMMENT),
    "accept_comment": Recipe(
        "PUT /posts/{post}/accept", {"comment_id": "{comment}"}, hidden=NO_POST
    ),
    "vote_on_post": Recipe("PUT /posts/{post}/vote", {"value": 1}, hidden=NO_POST),
    "vote_on_comment": Recipe("PUT /comments/{comment}/vote", {"value": 1}, hidden=NO_COMMENT),
}
MODERATION = {
    "file_report": Recipe("POST /reports", REPORT, hidden=NO_POST),
    "list_reports": Recipe("GET /reports"),
    "list_forum_reports": Recipe("GET /forums/{forum}/reports", hidden=NO_FORUM),
    "claim_report": Recipe("POST /reports/{report}/claim", hidden=NO_REPORT),
    "release_report": Recipe("DELETE /reports/{claimed}/claim", hidden=NO_REPORT),
    "resolve_report": Recipe(
        "POST /reports/{report}/resolve", {"action": "dismiss"}, hidden=NO_REPORT
    ),
    "remove_post": Recipe("PUT /posts/{post}/removal", {}, hidden=NO_POST),
    "restore_post": Recipe("DELETE /posts/{removed_post}/removal", hidden=NO_POST),
    "remove_comment": Recipe("PUT /comments/{comment}/removal", {}, hidden=NO_COMMENT),
    "restore_comment": Recipe("DELETE /comments/{removed_comment}/removal", hidden=NO_COMMENT),
    "ban_user": Recipe("PUT /forums/{forum}/bans/{newcomer}", {"days": 1}, hidden=NO_FORUM),
    "unban_user": Recipe("DELETE /forums/{forum}/bans/{shut_out}", hidden=NO_FORUM),
    "list_bans": Recipe("GET /forums/{forum}/bans", hidden=NO_FORUM),
    "warn_user": Recipe(
        "POST /forums/{forum}/warnings",
        {"user_id": "{joined}", "reason": "let me in"},
        hidden=NO_FORUM,
    ),
    "make_appeal": Recipe("POST /appeals", APPEAL, hidden=NO_APPEAL),
    "list_appeals": Recipe("GET /forums/{forum}/appeals", hidden=NO_FORUM),
    "resolve_appeal": Recipe(
        "POST /appeals/{appeal}/resolve", {"decision": "accept"}, hidden=NO_APPEAL
    ),
    "show_filters": Recipe("GET /forums/{forum}/filters", hidden=NO_FORUM),
    "change_filters": Recipe(
        "PUT /forums/{forum}/filters", {"words": ["{secret}"]}, hidden=NO_FORUM
    ),
    "list_audit": Recipe("GET /forums/{forum}/audit", hidden=NO_FORUM),
}
REALTIME = {
    "make_ticket": Recipe("POST /realtime/ticket"),
    "sync_streams": Recipe("POST /sync", CURSORS, shows=_in_streams),
}
SOCKET = {
    "hello": Recipe("hello", CURSORS, shows=_in_heads),
    "ping": Recipe("ping", STREAMS, shows=_in_heads),
    "sync": Recipe("sync", CURSORS, shows=_in_streams),
    "subscribe": Recipe("subscribe", STREAMS, shows=_in_streams),
    "unsubscribe": Recipe("unsubscribe", STREAMS),
    "send": Recipe("send", MESSAGE),
    "edit": Recipe("edit", CHANGE, hidden=NO_MESSAGE),
    "delete": Recipe("delete", {"message_id": "{message}"}, hidden=NO_MESSAGE),
    "react": Recipe(
        "react", {"message_id": "{message}", "emoji": "👍", "added": True}, hidden=NO_MESSAGE
    ),
    "read": Recipe("read", {"stream": "{stream}", "seq": 1}),
    "typing": Recipe("typing", {"stream": "{focus}", "typing": True}),
    "presence": Recipe("presence", {"status": "away"}),
}
RECIPES: Mapping[str, Recipe] = {
    **(SYSTEM | AUTH | PEOPLE | CONVERSATIONS | MESSAGES | REALTIME | SOCKET)
}
"""By the name of the function; what comes after a comma is another way to ask it."""

FORUM_RECIPES: Mapping[str, Recipe] = {**(FORUMS | POSTS | COMMENTS | MODERATION)}
"""What is asked in forums, by whoever is something there (`forum_cast.py`)."""
