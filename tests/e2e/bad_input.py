"""What nobody should send, and what each is answered: status and code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

STRANGE = "00000000-0000-7000-8000-000000000000"
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the bad input goes: a conversation, another one that is not theirs, a cursor of each
    list that somebody else was given, and who sends it."""

    conversation: str
    foreign: str
    foreign_cursor: str
    username: str


@dataclass(frozen=True, slots=True)
class Bad:
    what: str
    method: str
    path: str
    code: str
    status: int = 422
    content: bytes | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: JSON)


def send(place: Place, what: str, code: str = "validation_failed", **changed: object) -> Bad:
    draft = {"conversation_id": place.conversation, "content": "bad input"} | changed
    given = {name: value for name, value in draft.items() if value is not ...}
    return posted(what, "/messages", given, code=code)


def posted(
    what: str, path: str, body: object, *, code: str = "validation_failed", status: int = 422
) -> Bad:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Bad(what, "POST", path, code, status, content)


def got(what: str, path: str, *, code: str, status: int, **query: str) -> Bad:
    return Bad(what, "GET", path, code, status, query=query)


def all_of(place: Place) -> Iterator[Bad]:
    yield from bodies()
    yield from messages(place)
    yield from foreign_places(place)
    yield from changes(place)
    yield from cursors(place)
    yield from conversations(place)
    yield from accounts(place)
    yield from syncs()
    yield from addresses()


def bodies() -> Iterator[Bad]:
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
    for what, content in malformed.items():
        yield posted(what, "/messages", content, code="malformed_body", status=400)
    for what, body in {
        "UTF-16": json.dumps({"content": "x"}).encode("utf-16"),
        "a byte order mark": b'\xef\xbb\xbf{"content": "x"}',
        "a list": [1],
        "a text": "x",
        "a number": 7,
        "null": None,
        "an empty object": {},
        "lists 200 deep": json.loads("[" * 200 + "]" * 200),
    }.items():
        yield posted(what, "/messages", body)
    yield posted("no body", "/messages", b"")
    yield posted("11 MB", "/messages", b" " * 11_000_000, code="payload_too_large", status=413)
    yield posted("7 MB", "/messages", b" " * 7_000_000, code="payload_too_large", status=413)
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = b"content=hi&conversation_id=x"
    yield Bad("a form", "POST", "/messages", "validation_failed", 422, body, headers=form)
    large = JSON | {"x-large": "x" * 11_000}
    yield Bad("11 KB of headers", "GET", "/me", "headers_too_large", 431, headers=large)


def messages(place: Place) -> Iterator[Bad]:
    yield send(place, "content of a wrong type", content=7)
    yield send(place, "content missing", content=...)
    yield send(place, "conversation missing", conversation_id=...)
    yield send(place, "4,001 characters", content="x" * 4001)
    yield send(place, "4,001 characters of four bytes", content="\U0001f600" * 4001)
    yield send(place, "nothing said", content="")
    yield send(place, "blanks", content=" \n\t\u2003")
    yield send(place, "NUL", content="a\0b")
    yield send(place, "half a surrogate pair", content="\ud800")
    yield send(place, "a conversation that is no id", conversation_id="x")
    yield send(place, "an id in braces and more", conversation_id=f"{{{STRANGE}}}; DROP")
    yield send(place, "a nonce too long", nonce="n" * 65)
    yield send(place, "a nonce that is empty", nonce="")
    yield send(place, "a nonce with NUL", nonce="\0")
    yield send(place, "a nonce with a line's end", nonce="nonce\n")
    yield send(place, "a nonce with half a pair", nonce="\udfff")
    yield send(place, "a nonce that is a number", nonce=7)
    yield send(place, "a reply to no id", reply_to="x")
    yield send(place, "a reply to nothing", code="reply_target_not_found", reply_to=STRANGE)
    yield send(place, "an attachment that is no id", attachments=["x"])
    yield send(place, "eleven attachments", attachments=[STRANGE] * 11)


def foreign_places(place: Place) -> Iterator[Bad]:
    for what, where in {"unknown": STRANGE, "somebody else's": place.foreign}.items():
        path = f"/conversations/{where}"
        draft = {"conversation_id": where, "content": "bad input"}
        yield posted(
            f"said in an {what} conversation",
            "/messages",
            draft,
            code="conversation_not_found",
            status=404,
        )
        yield Bad(f"{what}, shown", "GET", path, "conversation_not_found", 404)
        yield Bad(f"{what}, read", "GET", f"{path}/messages", "conversation_not_found", 404)
        marker = b'{"seq": 1}'
        yield Bad(f"{what}, marked", "PUT", f"{path}/read", "conversation_not_found", 404, marker)
    for what, segment in {"a word": "mine", "NUL": "%00", "bad UTF-8": "%ff"}.items():
        path = f"/conversations/{segment}"
        yield Bad(f"a conversation named by {what}", "GET", path, "validation_failed")
    mine = f"/conversations/{place.conversation}/read"
    for what, seq in {"-1": "-1", "2^63": str(2**63), "1.5": "1.5", "NaN": "NaN"}.items():
        content = f'{{"seq": {seq}}}'.encode()
        yield Bad(f"read up to {what}", "PUT", mine, "validation_failed", 422, content)


def changes(place: Place) -> Iterator[Bad]:
    """Of messages that are not there, and of conversations that are not theirs."""
    message, foreign = f"/messages/{STRANGE}", f"/conversations/{place.foreign}"
    edit = b'{"content": "bad input", "version": 1}'
    for what, method, path, body in (
        ("shown", "GET", message, b""),
        ("edited", "PATCH", message, edit),
        ("deleted", "DELETE", message, b""),
        ("reacted to", "PUT", f"{message}/reactions/%F0%9F%A6%89", b""),
        ("pinned", "PUT", f"{message}/pin", b""),
    ):
        yield Bad(f"no message, {what}", method, path, "message_not_found", 404, body)
    for what, method, path, body in (
        ("renamed", "PATCH", foreign, b'{"name": "bad input"}'),
        ("its pins", "GET", f"{foreign}/pins", b""),
        ("muted", "PUT", f"{foreign}/mute", b"{}"),
        ("left", "DELETE", f"{foreign}/members/{STRANGE}", b""),
        ("joined", "PUT", f"{foreign}/members/{STRANGE}", b"{}"),
    ):
        yield Bad(f"somebody else's, {what}", method, path, "conversation_not_found", 404, body)
    mine = f"/conversations/{place.conversation}"
    for what, method, path, body in (
        ("an edit without its version", "PATCH", message, b'{"content": "bad input"}'),
        ("version 0", "PATCH", message, b'{"content": "bad input", "version": 0}'),
        ("an edit to nothing", "PATCH", message, b'{"content": " ", "version": 1}'),
        ("a reaction of 33 characters", "PUT", f"{message}/reactions/{'x' * 33}", b""),
        ("a blank reaction", "PUT", f"{message}/reactions/%20", b""),
        ("a member named by a word", "PUT", f"{mine}/members/me", b"{}"),
        ("a role nobody has", "PUT", f"{mine}/members/{STRANGE}", b'{"role": "king"}'),
        ("mute until a word", "PUT", f"{mine}/mute", b'{"until": "tomorrow"}'),
    ):
        yield Bad(what, method, path, "validation_failed", 422, body)


def cursors(place: Place) -> Iterator[Bad]:
    history = f"/conversations/{place.conversation}/messages"
    for path in ("/conversations", history):
        for what, cursor in {
            "a word": "next",
            "not base 64": "%%%",
            "forged": "AAAAAAAAWzEsMl0",
            "with NUL": "a\0b",
            "not ASCII": "é",
            "somebody else's": place.foreign_cursor,
        }.items():
            yield got(
                f"a cursor that is {what}", path, code="invalid_cursor", status=400, cursor=cursor
            )
        too_long = "A" * 301
        yield got("a long cursor", path, code="validation_failed", status=422, cursor=too_long)
        for limit in ("0", "101", "-1", "x", "1.5", str(10**30), ""):
            yield got(f"limit {limit}", path, code="validation_failed", status=422, limit=limit)
    for name, value in {"before": "x", "after": "1.5"}.items():
        yield got(f"{name} {value}", history, code="validation_failed", status=422, **{name: value})
    for name in ("before", "after"):
        for value in (str(2**63), str(10**30), "-1"):
            yield got(
                f"{name} {value}", history, code="validation_failed", status=422, **{name: value}
            )


def conversations(place: Place) -> Iterator[Bad]:
    for what, body, code in (
        ("of no kind", {"members": []}, "validation_failed"),
        ("of an unknown kind", {"kind": "secret", "members": []}, "validation_failed"),
        ("members as a text", {"kind": "group", "members": "ada"}, "validation_failed"),
        ("members of a wrong type", {"kind": "group", "members": [7]}, "validation_failed"),
        ("1,001 members", {"kind": "group", "members": ["ada"] * 1001}, "validation_failed"),
        ("NUL in a member", {"kind": "group", "members": ["a\0"]}, "validation_failed"),
        ("half a pair in a name", {"kind": "group", "members": [], "name": "\ud800"},
         "validation_failed"),
        ("an unknown member", {"kind": "group", "members": ["nobody-at-all"]}, "unknown_members"),
        ("with oneself", {"kind": "direct", "members": [place.username]}, "invalid_members"),
        ("direct with nobody", {"kind": "direct", "members": []}, "invalid_members"),
        ("direct with two", {"kind": "direct", "members": ["ada", "grace"]}, "invalid_members"),
        ("direct with a name", {"kind": "direct", "members": ["ada"], "name": "x"},
         "validation_failed"),
    ):  # fmt: skip
        yield posted(f"a conversation {what}", "/conversations", body, code=code)


def accounts(place: Place) -> Iterator[Bad]:
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
        "a username of wide letters": {"username": "\uff41\uff42\uff43"},
    }
    for what, changed in wrong_fields.items():
        yield posted(what, "/auth/register", good | changed)
    taken = good | {"username": place.username.upper()}
    yield posted("a username taken", "/auth/register", taken, code="username_taken", status=409)
    wrong = {"login": place.username, "password": "wrong horse"}
    yield posted("a wrong password", "/auth/login", wrong, code="invalid_credentials", status=401)
    nul = {"login": "a\0", "password": "wrong horse"}
    yield posted("a login with NUL", "/auth/login", nul)
    pair = {"login": "a\ud800", "password": "wrong horse"}
    yield posted("a login with half a pair", "/auth/login", pair)
    long = {"refresh_token": "cgr_" + "a" * 100_000}
    yield posted("a long refresh token", "/auth/refresh", long)
    for what, change in {
        "a long name": {"display_name": "x" * 65},
        "a blank name": {"display_name": " "},
        "a bio with NUL": {"bio": "\0"},
        "a bio that is a list": {"bio": []},
        "half a pair in a bio": {"bio": "\udc00"},
    }.items():
        content = json.dumps(change).encode()
        yield Bad(what, "PATCH", "/me", "validation_failed", 422, content)


def syncs() -> Iterator[Bad]:
    some = f"conv:{STRANGE}"
    many = {f"conv:00000000-0000-7000-8000-{number:012}": 0 for number in range(2001)}
    for what, cursors in {
        "a list": [some],
        "null": None,
        "2,001 of them": many,
        "-1": {some: -1},
        "2^63": {some: 2**63},
        "a text": {some: "x"},
        "of no stream": {"x": 1},
        "of half a pair": {"\ud800": 1},
        "of NUL": {"conv:\0": 1},
        "of an unknown kind": {f"team:{STRANGE}": 1},
    }.items():
        yield posted(f"cursors: {what}", "/sync", {"cursors": cursors})
    yield posted("a limit of 0", "/sync", {"cursors": {}, "limit": 0})
    yield posted("a limit of NaN", "/sync", {"cursors": {}, "limit": float("nan")})


def addresses() -> Iterator[Bad]:
    for what, method, path in (
        ("an unknown route", "GET", "/nowhere"),
        ("an unknown method", "DELETE", "/messages"),
        ("a route too deep", "GET", "/me/me/me"),
        ("dots", "GET", "/%2e%2e/%2e%2e/etc/passwd"),
        ("bad UTF-8", "GET", "/%ff"),
    ):
        yield Bad(what, method, path, "not_found", 404)
    yield Bad("an unknown person", "GET", "/users/nobody-at-all", "user_not_found", 404)
    for what, name in {"with NUL": "%00", "not in UTF-8": "%ff"}.items():
        yield Bad(f"a person {what}", "GET", f"/users/{name}", "validation_failed")
