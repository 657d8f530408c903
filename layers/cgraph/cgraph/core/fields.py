"""Types of the fields that clients fill: checked once, at the border.

A string is either a text, which people read, or a token, which programs compare. A text is
annotated with OneLine or ManyLines, a token with Token; a contract test refuses a field without.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from cgraph.core import precis, text
from cgraph.core.text import TextRefused


@dataclass(frozen=True)
class Text:
    """Annotates a string that people read. `at_most`: characters as readers count them. `required`:
    it must not be blank.
    """

    at_most: int
    required: bool = True

    def normalize(self, value: str) -> str:
        """Raises TextRefused."""
        raise NotImplementedError

    def validate(self, value: str) -> str:
        try:
            return self.normalize(value)
        except TextRefused as refusal:
            raise PydanticCustomError(refusal.code, str(refusal)) from None

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        any_text = core_schema.str_schema(max_length=text.code_points_at_most(self.at_most))
        return core_schema.no_info_after_validator_function(self.validate, any_text)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        least = {"minLength": 1} if self.required else {}
        return {"type": "string", **least, "maxLength": text.code_points_at_most(self.at_most)}


@dataclass(frozen=True)
class OneLine(Text):
    """A text without line breaks, as `text.one_line` returns it."""

    def normalize(self, value: str) -> str:
        return text.one_line(value, at_most=self.at_most, required=self.required)


@dataclass(frozen=True)
class ManyLines(Text):
    """A text that may have lines, as `text.many_lines` returns it."""

    def normalize(self, value: str) -> str:
        return text.many_lines(value, at_most=self.at_most, required=self.required)


@dataclass(frozen=True)
class Token:
    """Annotates a string that is no text: `what` it is, with a form of its own."""

    what: str


def is_none(value: object) -> bool:
    """`exclude_if` of fields that are left out where they are null."""
    return value is None


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def validate(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticKnownError("string_pattern_mismatch", {"pattern": pattern})
        return value

    return validate


USERNAME = r"^[a-z0-9][a-z0-9_.-]{1,31}$"
EMAIL = r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}$"
_DATE = re.compile(r"\d{4}-\d\d-\d\d[Tt ]", re.ASCII)
URL = r"^https?://[^\s/\x00-\x1f][^\s\x00-\x1f]*$"
PASSWORD_AT_LEAST, PASSWORD_AT_MOST = 8, 256
TYPED_AT_MOST = 4 * PASSWORD_AT_MOST
"""Code points of a password before it is composed."""


def _username(value: str) -> str:
    try:
        return precis.map_username(value)
    except ValueError:
        raise PydanticKnownError("string_pattern_mismatch", {"pattern": USERNAME}) from None


def _login(value: str) -> str:
    """A username in the form of its account; an e-mail address, and what is neither, as it is."""
    if "@" in value:
        return value
    try:
        return precis.map_username(value)
    except ValueError:
        return value


def _new_password(value: str) -> str:
    try:
        password = precis.map_password(value)
    except ValueError:
        raise PydanticCustomError(
            "unsupported_character", "must not contain control characters or invisible ones"
        ) from None
    if len(password) < PASSWORD_AT_LEAST:
        raise PydanticKnownError("string_too_short", {"min_length": PASSWORD_AT_LEAST})
    if len(password) > PASSWORD_AT_MOST:
        raise PydanticKnownError("string_too_long", {"max_length": PASSWORD_AT_MOST})
    return password


def _written_out(value: object) -> object:
    """Pydantic would read a number, also in a string, as seconds or milliseconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and _DATE.match(value)):
        return value
    raise PydanticCustomError("timestamp", "must be a time like 2030-01-01T00:00:00Z")


def _in_utc(value: datetime) -> datetime:
    return value.astimezone(UTC)


Username = Annotated[
    str,
    StringConstraints(max_length=128),
    AfterValidator(_username),
    AfterValidator(_matching(USERNAME)),
    WithJsonSchema({"type": "string", "pattern": USERNAME}),
    Token("username"),
]
Email = Annotated[
    str,
    OneLine(254),
    AfterValidator(_matching(EMAIL)),
    WithJsonSchema({"type": "string", "pattern": EMAIL, "maxLength": 254}),
]
Login = Annotated[str, OneLine(254), AfterValidator(_login)]
Password = Annotated[
    str,
    StringConstraints(max_length=TYPED_AT_MOST),
    AfterValidator(_new_password),
    WithJsonSchema(
        {"type": "string", "minLength": PASSWORD_AT_LEAST, "maxLength": PASSWORD_AT_MOST}
    ),
    Token("password"),
]
TypedPassword = Annotated[
    str, StringConstraints(min_length=1, max_length=TYPED_AT_MOST), Token("password")
]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40), Token("code")]
DisplayName = Annotated[str, OneLine(64)]
StatusText = Annotated[str, OneLine(100)]
Bio = Annotated[str, ManyLines(500, required=False)]
Content = Annotated[str, ManyLines(4000)]
MessageText = Annotated[str, ManyLines(4000, required=False)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,30}$"), Token("slug")]
Tag = Annotated[str, OneLine(30)]
Description = Annotated[str, ManyLines(1000, required=False)]
Rules = Annotated[str, ManyLines(10_000, required=False)]
Search = Annotated[str, OneLine(100)]
Remark = Annotated[str, ManyLines(1000, required=False)]
Reason = Annotated[str, ManyLines(1000)]
CommentText = Annotated[str, ManyLines(10_000, required=False)]
PostTitle = Annotated[str, OneLine(300)]
PostBody = Annotated[str, ManyLines(40_000, required=False)]
PostUrl = Annotated[
    str,
    OneLine(2000),
    AfterValidator(_matching(URL)),
    WithJsonSchema({"type": "string", "pattern": URL, "maxLength": 2000}),
]
PollLabel = Annotated[str, OneLine(100)]
DeviceToken = Annotated[str, StringConstraints(max_length=200), Token("device token")]
Nonce = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$"), Token("nonce")]
Cursor = Annotated[str, StringConstraints(max_length=300), Token("cursor")]
"""`next` of a page, which `pagination.decode_cursor` checks."""

Seq = Annotated[int, Field(ge=0, le=2**62)]


def _make_strict(schema: Any) -> None:
    if isinstance(schema, dict):
        if schema.get("type") in ("int", "float", "bool"):
            schema["strict"] = True
        for each in schema.values():
            _make_strict(each)
    elif isinstance(schema, list | tuple):
        for each in schema:
            _make_strict(each)


class Body(BaseModel):
    """What clients send: a field that does not exist is refused. Built by the route that takes it
    (StrictRoute), or when it is first used.
    """

    model_config = ConfigDict(extra="forbid", defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Numbers and booleans are only those of JSON: neither `false` nor `"1"` is a number."""
        schema = handler(source)
        _make_strict(schema)
        return schema


class QueryParameters(BaseModel):
    """The parameters of a list, which are texts in the URL: one that does not exist is refused.
    Nobody may change them, since they are kept for the next request with the same query.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


class Model(BaseModel):
    """What people are answered, and rows. Built when it is first used: a function imports more of
    them than it needs.
    """

    model_config = ConfigDict(defer_build=True)


TimestampInput = Annotated[
    AwareDatetime,
    BeforeValidator(_written_out),
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC)),
    AfterValidator(_in_utc),
]
"""In UTC: Postgres refuses offsets of 16 hours and more."""
