"""The client's types have the fields of the API's document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest

from cgraph_client import (
    ActiveSession,
    ApiToken,
    Appeal,
    AuditEntry,
    Ban,
    Comment,
    CommentLevel,
    Conversation,
    EntityRef,
    FacetValue,
    Forum,
    ForumFilters,
    ForumMember,
    ForumRef,
    ForumWarning,
    Limits,
    Member,
    MembershipRequest,
    Message,
    MessageVersion,
    NewAccountVotes,
    Passkey,
    Poll,
    PollOption,
    Post,
    PostPage,
    PostVersion,
    ProtocolError,
    Quote,
    RateLimit,
    Reaction,
    Reactions,
    Removal,
    Report,
    ReportCase,
    ReportedContent,
    ReportedVersion,
    SearchHit,
    SearchPage,
    SearchTotal,
    Suggestion,
    TextsRemoved,
    TextsRestored,
    VoteTotals,
)
from cgraph_client.core.parsing import parse
from cgraph_client.models.json_model import JsonModel

DOCUMENT = Path(__file__).parents[3] / "docs" / "api" / "openapi.json"

SCHEMAS: Mapping[type[JsonModel], tuple[str, ...]] = {
    ActiveSession: ("Session",),
    ApiToken: ("ApiToken", "NewApiToken"),
    Passkey: ("Passkey",),
    Appeal: ("Appeal",),
    AuditEntry: ("AuditEntry",),
    Ban: ("Ban", "ImposedBan"),
    Comment: ("Comment", "CommentWithReplies", "CommentInContext"),
    CommentLevel: ("CommentLevel",),
    Conversation: ("Conversation",),
    EntityRef: ("EntityRef",),
    Forum: ("ForumView",),
    ForumFilters: ("ForumFilters",),
    ForumMember: ("ForumMember",),
    ForumRef: ("ForumRef",),
    ForumWarning: ("ForumWarning",),
    Limits: ("Limits",),
    Member: ("ConversationMember",),
    MembershipRequest: ("MembershipRequest",),
    Message: ("Message",),
    MessageVersion: ("MessageVersion",),
    NewAccountVotes: ("NewAccountVotes",),
    Poll: ("Poll",),
    PollOption: ("PollOption",),
    Post: ("Post", "ListedPost"),
    PostPage: ("PostPage",),
    PostVersion: ("PostVersion",),
    Quote: ("QuotedMessage",),
    RateLimit: ("RateLimit",),
    Reaction: ("Reaction",),
    Reactions: ("Reactions",),
    Removal: ("Removal",),
    Report: ("Report",),
    ReportCase: ("ReportCase", "ReportCaseDetail"),
    ReportedContent: ("ReportedContent",),
    ReportedVersion: ("ReportedVersion", "Evidence"),
    SearchHit: ("SearchHit",),
    SearchPage: ("SearchPage",),
    SearchTotal: ("SearchTotal",),
    FacetValue: ("FacetValue",),
    Suggestion: ("Suggestion",),
    TextsRemoved: ("TextsRemoved",),
    TextsRestored: ("TextsRestored",),
    VoteTotals: ("VoteTotals",),
}


@pytest.mark.parametrize("kind", SCHEMAS, ids=lambda kind: kind.__name__)
def test_a_type_has_the_fields_of_the_document(kind: type[Any]) -> None:
    schemas = json.loads(DOCUMENT.read_text())["components"]["schemas"]
    documented = [schemas[name] for name in SCHEMAS[kind]]
    names = {field.name for field in fields(kind)}
    assert names == {name for schema in documented for name in schema["properties"]}
    required = {field.name for field in fields(kind) if _is_required(field)}
    for schema in documented:
        assert required <= set(schema["required"])


def _is_required(field: Any) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


@dataclass(frozen=True, slots=True)
class Part(JsonModel):
    name: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Whole(JsonModel):
    at: datetime
    parts: tuple[Part, ...]
    first: Part | None = None
    names: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    by_name: Mapping[str, Part] = field(default_factory=dict)
    ordered: Annotated[tuple[int, ...], lambda values: tuple(sorted(values))] = ()


def test_times_models_and_lists_are_parsed_at_any_depth() -> None:
    time = "2026-11-23T07:00:00Z"
    part = {"name": "a", "at": time, "unknown": 1}
    parsed = Whole.from_json({"at": time, "parts": [part], "first": None, "names": ["x"]})
    at = datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert parsed == Whole(at, (Part("a", at),), None, ("x",))
    parsed = Whole.from_json(
        {"at": time, "parts": None, "counts": None, "by_name": {"a": part}, "ordered": [2, 1]}
    )
    assert parsed == Whole(at, (), by_name={"a": Part("a", at)}, ordered=(1, 2))


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"at": "soon", "parts": []},
        {"at": 5, "parts": []},
        {"at": None, "parts": 1},
        {"at": "2026-11-23T07:00:00Z", "parts": [], "by_name": ["a"]},
    ],
)
def test_another_document_is_a_protocol_error(document: dict[str, Any]) -> None:
    with pytest.raises(ProtocolError):
        parse(Whole.from_json, document)
