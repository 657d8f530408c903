from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import Value, decode_cursor, encode_cursor

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
values = st.lists(
    st.one_of(
        text,
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False),
        st.uuids(),
        st.datetimes(timezones=st.just(UTC)),
    ),
    max_size=4,
)


@given(st.text(), values)
def test_a_cursor_decodes_to_its_values(scope: str, given: list[Value]) -> None:
    cursor = encode_cursor(scope, *given)

    assert decode_cursor(scope, cursor, *(type(value) for value in given)) == given
    assert cursor.isascii()


def test_a_cursor_of_another_list_is_invalid() -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("conversations:b", encode_cursor("conversations:a", 1), int)


@pytest.mark.parametrize("kinds", [(), (str,), (int, int), (bool,)])
def test_a_cursor_with_other_kinds_of_values_is_invalid(kinds: tuple[type[Value], ...]) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("list", encode_cursor("list", 1), *kinds)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("\0", str),
        ("\ud800", str),
        (2**63, int),
        ("nan", float),
        ("x", float),
        ("x", UUID),
        ("9999-12-31T23:59:59-23:00", datetime),
    ],
)
def test_a_forged_value_that_postgres_could_not_take_is_invalid(
    value: Value, kind: type[Value]
) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("list", encode_cursor("list", value), kind)


@given(st.text())
def test_a_text_that_is_no_cursor_is_invalid(text: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("list", text, int)


@given(st.data())
def test_a_cut_or_changed_cursor_is_invalid(data: st.DataObject) -> None:
    cursor = encode_cursor("list", "2026-11-23", 42)
    place = data.draw(st.integers(0, len(cursor) - 1))
    for changed in (cursor[:place], cursor[:place] + "!" + cursor[place + 1 :]):
        with pytest.raises(InvalidCursor):
            decode_cursor("list", changed, str, int)
