"""The blocks of numbers by which a member's history is found"""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph.search.opensearch.history import NUMBERS, blocks_above, blocks_of

PLACE = uuid4()
numbers = st.integers(0, NUMBERS - 1)


@given(after=numbers, seq=numbers, near=st.integers(-70, 70))
def test_a_message_above_the_number_has_one_of_the_blocks(after: int, seq: int, near: int) -> None:
    above = set(blocks_above({PLACE: after}))
    for number in {seq, after, min(max(after + near, 0), NUMBERS - 1)}:
        assert bool(above & set(blocks_of(PLACE, number))) == (number > after)


def test_no_two_blocks_of_a_conversation_are_the_same() -> None:
    blocks = [block for seq in range(0, 4096) for block in blocks_of(PLACE, seq)[:6]]
    assert len(set(blocks)) == 4096 + 1024 + 256 + 64 + 16 + 4


def test_blocks_of_other_conversations_are_others() -> None:
    above = set(blocks_above({uuid4(): 3 for _ in range(1000)}))
    assert not above & set(blocks_of(PLACE, 4))


@pytest.mark.parametrize("after", [1, 50, 4**9, NUMBERS - 1])
def test_few_blocks_are_enough(after: int) -> None:
    assert len(list(blocks_above({PLACE: after}))) <= 30


def test_a_message_beyond_all_blocks_has_none() -> None:
    assert blocks_of(PLACE, NUMBERS) == []
