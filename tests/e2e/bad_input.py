"""Invalid requests, each with the status and code of its refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.e2e.bad_request import JSON, UNKNOWN_ID, BadRequest, Targets, get, message, post


def all_bad_requests(targets: Targets) -> Iterator[BadRequest]:
    yield from bodies()
    yield from messages(targets)
    yield from foreign_conversations(targets)
    yield from changes(targets)
    yield from cursors(targets)
    yield from conversations(targets)
    yield from accounts(targets)
    yield from syncs()
    yield from addresses()


def bodies() -> Iterator[BadRequest]:
    malformed: dict[str, bytes] = {
        "half a document": b'{"content":',
        "no JSON": b"content=hi",
        "bad UTF-8": b'{"content": "\xff\xfe", "conversation_id": "x"}',
        "brackets 100,000 deep": b"[" * 100_000,
        "an object 10,000 deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
        "a number of 100,000 digits": b"9" * 100_000,
        "single quotes": b"{'content': 'x'}",
        "nothing but NUL": b"\0\0\0\0",
    }
    for title, content in malformed.items():
        yield post(title, "/messages", content, code="malformed_body", status=400)
    for title, body in {
        "UTF-16": json.dumps({"content": "x"}).encode("utf-16"),
        "a byte order mark": b'\xef\xbb\xbf{"content": "x"}',
        "a list": [1],
        "a text": "x",
        "a number": 7,
        "null": None,
        "an empty object": {},
        "lists 200 deep": json.loads("[" * 200 + "]" * 200),
    }.items():
        yield post(title, "/messages", body)
    yield post("no body", "/messages", b"")
    yield post("11 MB", "/messages", b" " * 11_000_000, code="payload_too_large", status=413)
    yield post("7 MB", "/messages", b" " * 7_000_000, code="payload_too_large", status=413)
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"content=hi&conversation_id=x"
    yield BadRequest("a form", "POST", "/messages", "validation_failed", 422, body, headers=form)
    large = JSON | {"x-large": "x" * 11_000}
    yield BadRequest("11 KB of headers", "GET", "/me", "headers_too_large", 431, headers=large)


def messages(targets: Targets) -> Iterator[BadRequest]:
    yield message(targets, "content of a wrong type", content=7)
    yield message(targets, "content missing", content=...)
    yield message(targets, "conversation missing", conversation_id=...)
    yield message(targets, "4,001 characters", content="x" * 4001)
    yield message(targets, "4,001 characters of four bytes", content="\U0001f600" * 4001)
    yield message(targets, "no content", content="")
    yield message(targets, "blanks", content=" \n\t\u2003")
    yield message(targets, "NUL", content="a\0b")
    yield message(targets, "half a surrogate pair", content="\ud800")
    yield message(targets, "a conversation that is no id", conversation_id="x")
    yield message(targets, "an id in braces and more", conversation_id=f"{{{UNKNOWN_ID}}}; DROP")
    yield message(targets, "a nonce too long", nonce="n" * 65)
    yield message(targets, "a nonce that is empty", nonce="")
    yield message(targets, "a nonce with NUL", nonce="\0")
    yield message(targets, "a nonce with a line's end", nonce="nonce\n")
    yield message(targets, "a nonce with half a pair", nonce="\udfff")
    yield message(targets, "a nonce that is a number", nonce=7)
    yield message(targets, "a reply to no id", reply_to="x")
    yield message(
        targets, "a reply to an unknown message", code="reply_target_not_found", reply_to=UNKNOWN_ID
    )
    yield message(targets, "an attachment that is no id", attachments=["x"])
    yield message(targets, "eleven attachments", attachments=[UNKNOWN_ID] * 11)


def foreign_conversations(targets: Targets) -> Iterator[BadRequest]:
    for title, where in {"unknown": UNKNOWN_ID, "another user's": targets.foreign}.items():
        path = f"/conversations/{where}"
        draft = {"conversation_id": where, "content": "bad input"}
        yield post(
            f"sent to an {title} conversation",
            "/messages",
            draft,
            code="conversation_not_found",
            status=404,
        )
        yield BadRequest(f"{title}, shown", "GET", path, "conversation_not_found", 404)
        yield BadRequest(f"{title}, read", "GET", f"{path}/messages", "conversation_not_found", 404)
        marker = b'{"seq": 1}'
        yield BadRequest(
            f"{title}, marked", "PUT", f"{path}/read", "conversation_not_found", 404, marker
        )
    for title, segment in {"a word": "mine", "NUL": "%00", "bad UTF-8": "%ff"}.items():
        path = f"/conversations/{segment}"
        yield BadRequest(f"a conversation named by {title}", "GET", path, "validation_failed")
    mine = f"/conversations/{targets.conversation}/read"
    for title, seq in {"-1": "-1", "2^63": str(2**63), "1.5": "1.5"}.items():
        content = f'{{"seq": {seq}}}'.encode()
        yield BadRequest(f"read up to {title}", "PUT", mine, "validation_failed", 422, content)
    yield BadRequest("read up to NaN", "PUT", mine, "malformed_body", 400, b'{"seq": NaN}')


def changes(targets: Targets) -> Iterator[BadRequest]:
    """Of messages that do not exist, and of conversations that the sender is not in."""
    message, foreign = f"/messages/{UNKNOWN_ID}", f"/conversations/{targets.foreign}"
    edit = b'{"content": "bad input", "version": 1}'
    for title, method, path, body in (
        ("shown", "GET", message, b""),
        ("edited", "PATCH", message, edit),
        ("deleted", "DELETE", message, b""),
        ("reacted to", "PUT", f"{message}/reactions/%F0%9F%A6%89", b""),
        ("pinned", "PUT", f"{message}/pin", b""),
    ):
        yield BadRequest(f"no message, {title}", method, path, "message_not_found", 404, body)
    for title, method, path, body in (
        ("renamed", "PATCH", foreign, b'{"name": "bad input"}'),
        ("its pins", "GET", f"{foreign}/pins", b""),
        ("muted", "PUT", f"{foreign}/mute", b"{}"),
        ("left", "DELETE", f"{foreign}/members/{UNKNOWN_ID}", b""),
        ("joined", "PUT", f"{foreign}/members/{UNKNOWN_ID}", b"{}"),
    ):
        yield BadRequest(
            f"another user's, {title}", method, path, "conversation_not_found", 404, body
        )
    mine = f"/conversations/{targets.conversation}"
    for title, method, path, body in (
        ("an edit without its version", "PATCH", message, b'{"content": "bad input"}'),
        ("version 0", "PATCH", message, b'{"content": "bad input", "version": 0}'),
        ("an edit to nothing", "PATCH", message, b'{"content": " ", "version": 1}'),
        ("a member named by a word", "PUT", f"{mine}/members/me", b"{}"),
        ("an unknown role", "PUT", f"{mine}/members/{UNKNOWN_ID}", b'{"role": "king"}'),
        ("mute until a word", "PUT", f"{mine}/mute", b'{"until": "tomorrow"}'),
    ):
        yield BadRequest(title, method, path, "validation_failed", 422, body)
    for title, text in (("a word", "kys"), ("a long word", "x" * 33), ("a blank", "%20")):
        for method in ("PUT", "DELETE"):
            path = f"{message}/reactions/{text}"
            yield BadRequest(f"{title} as a reaction", method, path, "not_an_emoji", 422, b"")


def cursors(targets: Targets) -> Iterator[BadRequest]:
    history = f"/conversations/{targets.conversation}/messages"
    for path in ("/conversations", history):
        for title, cursor in {
            "a word": "next",
            "not base 64": "%%%",
            "forged": "AAAAAAAAWzEsMl0",
            "with NUL": "a\0b",
            "not ASCII": "é",
            "another user's": targets.foreign_cursor,
        }.items():
            yield get(
                f"a cursor that is {title}", path, code="invalid_cursor", status=400, cursor=cursor
            )
        too_long = "A" * 301
        yield get("a long cursor", path, code="validation_failed", status=422, cursor=too_long)
        for limit in ("0", "101", "-1", "x", "1.5", str(10**30), ""):
            yield get(f"limit {limit}", path, code="validation_failed", status=422, limit=limit)
    for name, value in {"before": "x", "after": "1.5"}.items():
        yield get(f"{name} {value}", history, code="validation_failed", status=422, **{name: value})
    for name in ("before", "after"):
        for value in (str(2**63), str(10**30), "-1"):
            yield get(
                f"{name} {value}", history, code="validation_failed", status=422, **{name: value}
            )


def conversations(targets: Targets) -> Iterator[BadRequest]:
    for title, body, code in (
        ("of no kind", {"members": []}, "validation_failed"),
        ("of an unknown kind", {"kind": "secret", "members": []}, "validation_failed"),
        ("members as a text", {"kind": "group", "members": "ada"}, "validation_failed"),
        ("members of a wrong type", {"kind": "group", "members": [7]}, "validation_failed"),
        ("1,001 members", {"kind": "group", "members": ["ada"] * 1001}, "validation_failed"),
        ("NUL in a member", {"kind": "group", "members": ["a\0"]}, "validation_failed"),
        ("half a pair in a name", {"kind": "group", "members": [], "name": "\ud800"},
         "validation_failed"),
        ("an unknown member", {"kind": "group", "members": ["nobody-at-all"]}, "unknown_members"),
        ("direct with nobody", {"kind": "direct", "members": []}, "invalid_members"),
        ("direct with two", {"kind": "direct", "members": ["ada", "grace"]}, "invalid_members"),
        ("direct with a name", {"kind": "direct", "members": ["ada"], "name": "x"},
         "validation_failed"),
    ):  # fmt: skip
        yield post(f"a conversation {title}", "/conversations", body, code=code)


def accounts(targets: Targets) -> Iterator[BadRequest]:
    good: dict[str, object] = {
        "username": "bad-input",
        "email": "bad@example.org",
        "password": "correct horse",
    }
    wrong_fields: dict[str, dict[str, object]] = {
        "a short password": {"password": "short"},
        "a password that is a number": {"password": 12345678},
        "half a pair in the password": {"password": "\ud800" * 8},
        "no e-mail address": {"email": "bad"},
        "an e-mail address with NUL": {"email": "a\0@example.org"},
        "a username with a blank": {"username": "bad input"},
        "a username with a line's end": {"username": "bad-input\n"},
        "a username of one letter": {"username": "x"},
        "a username of Greek letters": {"username": "\u03b1\u03b2\u03b3"},
        "a name that turns the line": {"username": "bad\u202einput"},
        "an address that turns the line": {"email": "bad\u202e@example.org"},
        "a password with ESC": {"password": "correct\x1b horse"},
    }
    for title, changed in wrong_fields.items():
        yield post(title, "/auth/register", good | changed)
    reserved = good | {"username": "Every.One"}
    yield post("a reserved username", "/auth/register", reserved, code="username_reserved")
    weak = good | {"password": "BAD-input"}
    yield post("a password that is the username", "/auth/register", weak, code="weak_password")
    taken = good | {"username": targets.username.upper()}
    yield post("a username taken", "/auth/register", taken, code="username_taken", status=409)
    wrong = {"login": targets.username, "password": "wrong horse"}
    yield post("a wrong password", "/auth/login", wrong, code="invalid_credentials", status=401)
    nul = {"login": "a\0", "password": "wrong horse"}
    yield post("a login with NUL", "/auth/login", nul)
    pair = {"login": "a\ud800", "password": "wrong horse"}
    yield post("a login with half a pair", "/auth/login", pair)
    long = {"refresh_token": "cgr_" + "a" * 100_000}
    yield post("a long refresh token", "/auth/refresh", long)
    for title, change in {
        "a long name": {"display_name": "x" * 65},
        "a blank name": {"display_name": " "},
        "a name that nobody can see": {"display_name": "\u3164\u200b"},
        "a name of two lines": {"display_name": "a\u2028b"},
        "a bio with NUL": {"bio": "\0"},
        "a bio that is a list": {"bio": []},
        "half a pair in a bio": {"bio": "\udc00"},
    }.items():
        content = json.dumps(change).encode()
        yield BadRequest(title, "PATCH", "/me", "validation_failed", 422, content)


def syncs() -> Iterator[BadRequest]:
    some = f"conv:{UNKNOWN_ID}"
    many = {f"conv:00000000-0000-7000-8000-{number:012}": 0 for number in range(2001)}
    for title, cursors in {
        "a list": [some],
        "null": None,
        "2,001 of them": many,
        "-1": {some: -1},
        "2^63": {some: 2**63},
        "a text": {some: "x"},
        "of no stream": {"x": 1},
        "of half a pair": {"\ud800": 1},
        "of NUL": {"conv:\0": 1},
        "of an unknown kind": {f"team:{UNKNOWN_ID}": 1},
    }.items():
        yield post(f"cursors: {title}", "/sync", {"cursors": cursors})
    yield post("a limit of 0", "/sync", {"cursors": {}, "limit": 0})
    not_json = {"cursors": {}, "limit": float("nan")}
    yield post("a limit of NaN", "/sync", not_json, code="malformed_body", status=400)


def addresses() -> Iterator[BadRequest]:
    for title, method, path in (
        ("an unknown route", "GET", "/nowhere"),
        ("an unknown method", "DELETE", "/messages"),
        ("a route too deep", "GET", "/me/me/me"),
        ("dots", "GET", "/%2e%2e/%2e%2e/etc/passwd"),
        ("bad UTF-8", "GET", "/%ff"),
    ):
        yield BadRequest(title, method, path, "not_found", 404)
    yield BadRequest("an unknown person", "GET", "/users/nobody-at-all", "user_not_found", 404)
    for title, name in {"with NUL": "%00", "not in UTF-8": "%ff"}.items():
        yield BadRequest(f"a person {title}", "GET", f"/users/{name}", "validation_failed")
