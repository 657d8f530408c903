"""The published texts: every operation has a summary and a description in the field's words, every
schema a name of its own, and every field that needs one a description.
"""

import re
from collections.abc import Iterator

import pytest

from tests.contract.checkout import CHECKOUT
from tests.contract.documented import Document, http_operations, socket_operations

FOLDER = CHECKOUT / "docs" / "api"
OPENAPI, ASYNCAPI = Document(FOLDER / "openapi.json"), Document(FOLDER / "asyncapi.json")
OPERATIONS = [*http_operations(OPENAPI), *socket_operations(ASYNCAPI)]

VERBS = frozenset(
    (
        *("renew", "reset", "verify"),
        *("accept", "add", "allow", "appeal", "appoint", "ask", "ban", "begin", "block", "cast"),
        "change",
        *(
            "check",
            "choose",
            "claim",
            "close",
            "complete",
            "confirm",
            "create",
            "delete",
            "demote",
            "dismiss",
        ),
        *("edit", "end", "exchange", "fetch", "file", "get", "hide", "invite", "join", "keep"),
        *("leave", "lift", "list", "lock", "log", "make", "mark", "move", "mute", "open", "pin"),
        *("promote", "push", "put", "react", "read", "refresh", "register", "release", "remove"),
        *("rename", "reopen", "replace", "report", "resolve", "restore", "return", "revoke"),
        *("search", "send", "set", "show", "start", "stop", "subscribe", "sync", "transfer"),
        *("turn", "unban", "unblock", "unlock", "unmute", "unpin", "unsubscribe", "update"),
        *("vote", "warn", "withdraw"),
    )
)
"""Verbs in the imperative with which a summary may begin."""

FORBIDDEN = re.compile(r"\b(oneself|one's|whoever|whomever|(is|are) told)\b", re.IGNORECASE)
SENTENCE = re.compile(r"[A-Z`][^.]*\s[^.]*\.(\s|$)")
SCHEMA_NAME = re.compile(r"[A-Z][A-Za-z0-9]*(_[A-Z][A-Za-z0-9]*_)?")
"""`Message`, `Page_Message_`."""

OBVIOUS = frozenset(
    (
        *("id", "user_id", "conversation_id", "message_id", "forum_id", "post_id", "comment_id"),
        *("slug", "username", "display_name", "email", "bio", "password", "name", "title"),
        *("description", "created_at", "created_by", "edited_at", "edited_by", "deleted_at"),
        *("updated_at", "resolved_at", "resolved_by", "joined_at", "removed_at", "pinned_at"),
        *("user", "forum", "post", "comment", "message", "conversation", "member", "author"),
        *(
            "author_id",
            "member_count",
            "post_count",
            "comment_count",
            "reply_count",
            "access_token",
        ),
        *(
            "refresh_token",
            "current_password",
            "new_password",
            "emoji",
            "url",
            "content",
            "reason",
            "decided_at",
            "report_count",
        ),
    )
)
"""Fields and parameters whose names need no description."""


def test_every_summary_is_a_verb_and_its_object() -> None:
    wrong = [
        f"{operation.label}: {operation.content['summary']!r}"
        for operation in OPERATIONS
        if not _is_verb_and_object(operation.content["summary"])
    ]
    assert not wrong, (
        "The first line of the docstring must be a verb in the imperative and an object, without a "
        "full stop, such as `List the posts of a forum` (a new verb goes to VERBS):\n"
        + "\n".join(wrong)
    )


def test_every_description_has_a_complete_sentence() -> None:
    wrong = [
        f"{operation.label}: {operation.content.get('description')!r}"
        for operation in OPERATIONS
        if not SENTENCE.search(operation.content.get("description") or "")
    ]
    assert not wrong, (
        "The docstring, after its first line and a blank one, must say in sentences what is "
        "returned, needed and refused:\n" + "\n".join(wrong)
    )


def test_no_published_text_has_a_forbidden_word() -> None:
    texts = [text for document in (OPENAPI, ASYNCAPI) for text in _texts(document.content)]
    texts += [line for name in ("errors.md", "policies.md") for line in _lines(name)]
    assert sorted({text for text in texts if FORBIDDEN.search(text)}) == []


@pytest.mark.parametrize("document", [OPENAPI, ASYNCAPI], ids=lambda document: document.name)
def test_a_schema_has_the_plain_name_of_its_model(document: Document) -> None:
    prefixed = [name for name in document.schemas if not SCHEMA_NAME.fullmatch(name)]
    assert prefixed == [], "two models have one name: rename one"


def test_one_name_is_one_model_in_both_documents() -> None:
    different = [
        name
        for name in OPENAPI.schemas.keys() & ASYNCAPI.schemas.keys()
        if _outline(OPENAPI.schemas[name]) != _outline(ASYNCAPI.schemas[name])
    ]
    assert different == [], "two models have one name: rename one"


def test_every_field_without_an_obvious_name_has_a_description() -> None:
    assert sorted(_undescribed()) == [], "Field(description=…) with unit, range and default"


def test_every_parameter_without_an_obvious_name_has_a_description() -> None:
    assert list(_parameters_without_description()) == [], "Query(description=…)"


def test_every_field_of_a_frame_has_a_description() -> None:
    messages = ASYNCAPI.content["components"]["messages"]
    frames = {f"{name} frame": message["payload"] for name, message in messages.items()}
    constant = ("type", "action", "event", "ok", "partial", "code", "data", "error", "events")
    missing = {
        each
        for name, frame in frames.items()
        for each in _without_description(name, frame, ASYNCAPI)
        if each.rpartition(".")[2] not in constant
    }
    assert sorted(missing) == []


def _is_verb_and_object(summary: str) -> bool:
    verb, _, its_object = summary.partition(" ")
    return (
        verb[:1].isupper()
        and verb.lower() in VERBS
        and bool(its_object.strip())
        and not summary.endswith(".")
    )


def _undescribed() -> Iterator[str]:
    """`Message.mentions`: of all schemas."""
    for document in (OPENAPI, ASYNCAPI):
        for name, schema in document.schemas.items():
            yield from _without_description(name, schema, document)


def _parameters_without_description() -> Iterator[str]:
    for operation in http_operations(OPENAPI):
        for parameter in operation.content.get("parameters", ()):
            described = "description" in parameter or _is_described(parameter["schema"], OPENAPI)
            if parameter["name"] not in OBVIOUS and not described:
                yield f"{operation.label}: {parameter['name']}"


def _without_description(name: str, schema: dict[str, object], document: Document) -> Iterator[str]:
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    for field, value in properties.items():
        if field not in OBVIOUS and not _is_described(value, document):
            yield f"{name}.{field}"


def _is_described(schema: dict[str, object], document: Document) -> bool:
    """By itself, by one of its alternatives, or by the schema that it refers to."""
    if "description" in schema:
        return True
    if isinstance(reference := schema.get("$ref"), str):
        return "description" in document.schemas.get(reference.rpartition("/")[2], {})
    alternatives = schema.get("anyOf", [])
    assert isinstance(alternatives, list)
    return any(_is_described(each, document) for each in alternatives)


def _outline(schema: dict[str, object]) -> tuple[object, ...]:
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    return schema.get("description"), schema.get("enum"), sorted(properties)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            if key in ("summary", "description", "title", "who") and isinstance(each, str):
                yield each
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _lines(name: str) -> list[str]:
    return (FOLDER / name).read_text().splitlines()
