from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph.core.clock import now, rfc3339
from cgraph.core.ids import from_short, short, uuid7

MOMENT = datetime(2026, 11, 23, 7, 0, 0, 123_000, tzinfo=UTC)


def test_a_uuid7_begins_with_its_moment() -> None:
    made = uuid7(MOMENT)

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == round(MOMENT.timestamp() * 1000)


def test_later_ones_sort_behind() -> None:
    moments = [MOMENT + timedelta(milliseconds=step) for step in range(50)]
    made = [uuid7(moment) for moment in moments]

    assert made == sorted(made)
    assert len({uuid7(MOMENT) for _ in range(1000)}) == 1000


@given(st.uuids())
def test_short_and_back(identifier: UUID) -> None:
    text = short(identifier)

    assert (len(text), text.isalnum()) == (22, True)
    assert from_short(text) == identifier


@pytest.mark.parametrize("text", ["", "0" * 21, "0" * 23, "z" * 22, "0" * 21 + "_", "é" * 22])
def test_what_short_never_gives(text: str) -> None:
    with pytest.raises(ValueError):
        from_short(text)


def test_times_on_the_wire_are_utc_with_milliseconds() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert rfc3339(there) == "2026-11-23T07:00:00.123Z"
    assert now().microsecond % 1000 == 0
