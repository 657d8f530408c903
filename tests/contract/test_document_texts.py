"""The published texts: every operation has a summary and a description in the field's words, every
schema a name of its own, and every field that needs one a description.
"""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from tests.conftest import Report
from tests.contract.checkout import CHECKOUT
from tests.contract.documented import Document, http_operations, socket_operations

FOLDER = CHECKOUT / "docs" / "api"
OPENAPI, ASYNCAPI = Document(FOLDER / "openapi.json"), Document(FOLDER / "asyncapi.json")
OPERATIONS = [*http_operations(OPENAPI), *socket_operations(ASYNCAPI)]

VERBS = frozenset(
    (
        *("accept", "add", "allow", "appeal", "appoint", "ban", "begin", "block", "cast", "change"),
        *("check", "choose", "claim", "close", "confirm", "create", "delete", "demote", "dismiss"),
        *("edit", "end", "exchange", "fetch", "file", "get", "hide", "invite", "join", "keep"),
        *("leave", "lift", "list", "lock", "log", "make", "mark", "move", "mute", "open", "pin"),
        *("promote", "push", "put", "react", "read", "refresh", "register", "release", "remove"),
        *("rename", "reopen", "replace", "report", "resolve", "restore", "return", "revoke"),
        *("search", "send", "set", "show", "start", "stop", "subscribe", "sync", "transfer"),
        *("turn", "unban", "unblock", "unlock", "unmute", "unpin", "unsubscribe", "update"),
        *("vote", "warn", "withdraw"),
    )
)
"""What a summary may begin with, in the imperative."""

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
"""Fields and parameters whose names say everything."""

DESCRIBED_ROOMS = ("core", "realtime", "accounts", "sync", "system")
"""Rooms of `cgraph` where every field that needs a description has one."""


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


def test_every_description_has_a_whole_sentence() -> None:
    wrong = [
        f"{operation.label}: {operation.content.get('description')!r}"
        for operation in OPERATIONS
        if not SENTENCE.search(operation.content.get("description") or "")
    ]
    assert not wrong, (
        "The docstring, after its first line and a blank one, must say in sentences what is "
        "returned, needed and refused:\n" + "\n".join(wrong)
    )


def test_no_published_text_has_a_word_to_avoid() -> None:
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


@pytest.mark.parametrize("room", DESCRIBED_ROOMS)
def test_a_field_whose_name_does_not_say_everything_has_a_description(room: str) -> None:
    assert [each for each, where in _undescribed() if where == room] == []


def test_frames_describe_their_fields() -> None:
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


def test_what_has_no_description_yet_is_counted(report: Report) -> None:
    rooms = Counter(room for _, room in _undescribed())
    rooms["parameters"] = len(list(_parameters_without_description()))
    report("Fields without a description", **rooms)


def _is_verb_and_object(summary: str) -> bool:
    verb, _, its_object = summary.partition(" ")
    return (
        verb[:1].isupper()
        and verb.lower() in VERBS
        and bool(its_object.strip())
        and not summary.endswith(".")
    )


def _undescribed() -> Iterator[tuple[str, str]]:
    """(`Message.mentions`, `chat`): of all schemas."""
    rooms = _rooms()
    schemas = {
        name: (schema, document)
        for document in (OPENAPI, ASYNCAPI)
        for name, schema in document.schemas.items()
    }
    for name, (schema, document) in schemas.items():
        for field in _without_description(name, schema, document):
            yield field, rooms.get(name, "")


def _parameters_without_description() -> Iterator[str]:
    for operation in http_operations(OPENAPI):
        for parameter in operation.content.get("parameters", ()):
            if parameter["name"] not in OBVIOUS and "description" not in parameter:
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


def _rooms() -> dict[str, str]:
    """The room of `cgraph` of each published model, by the name of its schema."""
    found: dict[str, str] = {}
    left: list[type[BaseModel]] = [BaseModel]
    while left:
        model = left.pop()
        left += model.__subclasses__()
        package, _, rest = model.__module__.partition(".")
        if package == "cgraph":
            found[re.sub(r"\W", "_", model.__name__)] = rest.partition(".")[0]
    return found


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
