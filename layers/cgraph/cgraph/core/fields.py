"""Types of the fields that people fill: checked once, at the border."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain the character NUL")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def is_none(value: object) -> bool:
    """`exclude_if` of fields that are left out where they are null."""
    return value is None


Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{1,31}$")]
Email = Annotated[
    str,
    StringConstraints(pattern=r"^[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,190}$", max_length=254),
]
Login = Annotated[str, StringConstraints(min_length=1, max_length=254), AfterValidator(_storable)]
Password = Annotated[str, StringConstraints(min_length=8, max_length=256)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
DisplayName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_storable),
    AfterValidator(_not_blank),
]
Bio = Annotated[str, StringConstraints(max_length=500), AfterValidator(_storable)]
Content = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000),
    AfterValidator(_storable),
    AfterValidator(_not_blank),
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,30}$")]
Tag = Annotated[
    str,
    StringConstraints(min_length=1, max_length=30),
    AfterValidator(_storable),
    AfterValidator(_not_blank),
]
Description = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_storable)]
Rules = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_storable)]
Search = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_storable)]
Remark = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_storable)]
Reason = Annotated[
    str,
    StringConstraints(min_length=1, max_length=1000),
    AfterValidator(_storable),
    AfterValidator(_not_blank),
]
CommentText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=10_000),
    AfterValidator(_storable),
    AfterValidator(_not_blank),
]
PostTitle = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300),
    AfterValidator(_storable),
    AfterValidator(_not_blank),
]
PostBody = Annotated[str, StringConstraints(max_length=40_000), AfterValidator(_storable)]
PostUrl = Annotated[
    str,
    StringConstraints(pattern=r"^https?://[^\s/\x00-\x1f][^\s\x00-\x1f]*$", max_length=2000),
]
PollLabel = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100),
    AfterValidator(_storable),
    AfterValidator(_not_blank),
]
Nonce = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]
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
    """What clients send: a field that does not exist is refused. Built at once, which FastAPI asks
    for.
    """

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Numbers and booleans are only those of JSON: neither `false` nor `"1"` is a number."""
        schema = handler(source)
        _make_strict(schema)
        return schema


class Model(BaseModel):
    """What people are answered, and rows. Built when it is first used: a function imports more of
    them than it needs.
    """

    model_config = ConfigDict(defer_build=True)


TimestampInput = Annotated[
    AwareDatetime,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(9000, 1, 1, tzinfo=UTC)),
]
