import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph.core.errors import InvalidCursor
from cgraph.core.pagination import Value, decode_cursor, encode_cursor

values = st.lists(st.one_of(st.text(), st.integers(-(2**63), 2**63)), max_size=4)


@given(st.text(), values)
def test_written_and_read(scope: str, given: list[Value]) -> None:
    cursor = encode_cursor(scope, *given)

    assert decode_cursor(scope, cursor, *(type(value) for value in given)) == given
    assert cursor.isascii()


def test_bound_to_its_list() -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("conversations:b", encode_cursor("conversations:a", 1), int)


@pytest.mark.parametrize("kinds", [(), (str,), (int, int), (bool,)])
def test_bound_to_its_kinds(kinds: tuple[type[Value], ...]) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("list", encode_cursor("list", 1), *kinds)


@given(st.text())
def test_what_no_list_gave(text: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor("list", text, int)


@given(st.data())
def test_cut_or_changed(data: st.DataObject) -> None:
    cursor = encode_cursor("list", "2026-11-23", 42)
    place = data.draw(st.integers(0, len(cursor) - 1))
    for changed in (cursor[:place], cursor[:place] + "!" + cursor[place + 1 :]):
        with pytest.raises(InvalidCursor):
            decode_cursor("list", changed, str, int)
