"""JSON and times that clients send."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from cgraph.core.encoding import decode_json
from cgraph.core.fields import TimestampInput
from cgraph.realtime.errors import MalformedFrame
from cgraph.realtime.sockets import parse_frame

NOT_JSON = (
    *('{"a": NaN}', '{"a": Infinity}', '{"a": [-Infinity]}', "NaN", '{"a": 1, "a": 2}'),
    *('{"a": {"b": 1, "b": 1}}', "{'a': 1}", '{"a": 1,}', "[" * 20_000, '"', "", '{"a": 01}'),
)


@pytest.mark.parametrize("text", NOT_JSON, ids=lambda text: text[:20])
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        decode_json(text)


def test_json_is_decoded() -> None:
    assert decode_json(b'{"a": [1, 2.5, null, {"b": "\\u00e9"}]}') == {
        "a": [1, 2.5, None, {"b": "é"}]
    }


@pytest.mark.parametrize(
    "data", ["NaN", "Infinity", '"\\ud800"', '{"\\udc00": 1}', '{"a": 1, "a": 2}', "{", "1 2"]
)
def test_a_frame_that_is_not_json_is_malformed(data: str) -> None:
    with pytest.raises(MalformedFrame):
        parse_frame(f'{{"action": "ping", "id": 1, "data": {data}}}')


def test_a_frame_with_an_action_twice_is_malformed() -> None:
    with pytest.raises(MalformedFrame):
        parse_frame('{"action": "ping", "action": "send", "id": 1}')


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2030-01-01T00:00:00Z", datetime(2030, 1, 1, tzinfo=UTC)),
        ("2030-01-01T00:00:00+16:00", datetime(2029, 12, 31, 8, tzinfo=UTC)),
        ("2030-01-01T00:00:00+23:59", datetime(2029, 12, 31, 0, 1, tzinfo=UTC)),
        ("2030-01-01T00:00:00-12:30", datetime(2030, 1, 1, 12, 30, tzinfo=UTC)),
        ("2000-01-01T23:59:00+23:59", datetime(2000, 1, 1, tzinfo=UTC)),
        ("8999-12-31T00:00:00-23:59", datetime(8999, 12, 31, 23, 59, tzinfo=UTC)),
    ],
)
def test_a_time_with_any_offset_is_the_same_moment_in_utc(text: str, expected: datetime) -> None:
    time = TypeAdapter(TimestampInput).validate_python(text)
    assert time == expected
    assert time.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        *("2030-01-01T00:00:00", "2030-01-01T00:00:00+24:00", "2030-01-01T00:00:00+99:99"),
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2000-01-01T00:00:00+00:01"),
        *("1999-12-31T23:59:59Z", "9000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "infinity"),
        *("2030-02-30T00:00:00Z", "now", "", "2030-01-01T00:00:60Z", "\u0662030-01-01T00:00:00Z"),
        *(1893456000, 1893456000000.0, True, "1893456000", "1893456000000", "2030-01-01"),
    ],
    ids=ascii,
)
def test_a_time_outside_of_all_calendars_or_of_another_form_is_refused(text: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(TimestampInput).validate_python(text)
