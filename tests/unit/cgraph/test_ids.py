from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph.core.clock import now, rfc3339
from cgraph.core.ids import from_short, short, uuid7

MOMENT = datetime(2026, 11, 23, 7, 0, 0, 123_000, tzinfo=UTC)


def test_a_uuid7_begins_with_its_time() -> None:
    made = uuid7(MOMENT)

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == round(MOMENT.timestamp() * 1000)


def test_later_ids_sort_after_earlier_ones() -> None:
    moments = [MOMENT + timedelta(milliseconds=step) for step in range(50)]
    made = [uuid7(moment) for moment in moments]

    assert made == sorted(made)
    assert len({uuid7(MOMENT) for _ in range(1000)}) == 1000


@given(st.uuids())
def test_a_short_id_converts_back(identifier: UUID) -> None:
    text = short(identifier)

    assert (len(text), text.isalnum()) == (22, True)
    assert from_short(text) == identifier


@pytest.mark.parametrize("text", ["", "0" * 21, "0" * 23, "z" * 22, "0" * 21 + "_", "é" * 22])
def test_an_invalid_short_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_short(text)


def test_timestamps_are_utc_with_milliseconds() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5, minutes=30)))

    assert rfc3339(there) == "2026-11-23T07:00:00.123Z"
    assert now().microsecond % 1000 == 0
