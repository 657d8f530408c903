"""Direction controls of a body end in their line."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cgraph.core import bidi

LRI, RLI, FSI, PDI = "\u2066", "\u2067", "\u2068", "\u2069"
LRE, RLE, LRO, RLO, PDF = "\u202a", "\u202b", "\u202d", "\u202e", "\u202c"


@pytest.mark.parametrize(
    ("text", "balanced"),
    [
        ("plain", "plain"),
        ("é שלום", "é שלום"),
        (f"a{RLI}b{PDI}c", f"a{RLI}b{PDI}c"),
        (f"a{RLE}b{PDF}c", f"a{RLE}b{PDF}c"),
        (f"a{RLO}b", f"a{RLO}b{PDF}"),
        (f"a{LRI}b", f"a{LRI}b{PDI}"),
        (f"a{FSI}{LRE}b", f"a{FSI}{LRE}b{PDF}{PDI}"),
        (f"a{LRO}b\nc", f"a{LRO}b{PDF}\nc"),
        (f"a{RLI}b\n\nc{PDI}d", f"a{RLI}b{PDI}\n\ncd"),
        (f"a{PDI}b{PDF}c", "abc"),
        (f"{LRI}{RLO}a{PDI}b", f"{LRI}{RLO}a{PDF}{PDI}b"),
        (f"{RLE}{LRI}a{PDF}b", f"{RLE}{LRI}ab{PDI}{PDF}"),
    ],
    ids=ascii,
)
def test_each_control_is_closed_in_its_line(text: str, balanced: str) -> None:
    assert bidi.balanced(text) == balanced


@given(st.text(st.sampled_from(f"ab\n\u2029é{LRI}{RLI}{FSI}{PDI}{LRE}{RLE}{LRO}{RLO}{PDF}")))
def test_a_balanced_text_nests_in_every_line(text: str) -> None:
    balanced = bidi.balanced(text)
    assert bidi.balanced(balanced) == balanced
    assert visible(balanced) == visible(text)
    for line in re.split("[\n\u2029]", balanced):
        assert nests(line), ascii(line)


def visible(text: str) -> str:
    return re.sub("[\u202a-\u202e\u2066-\u2069]", "", text)


def nests(line: str) -> bool:
    opened: list[str] = []
    for character in line:
        if character in LRI + RLI + FSI:
            opened.append(PDI)
        elif character in LRE + RLE + LRO + RLO:
            opened.append(PDF)
        elif character in PDI + PDF and (not opened or opened.pop() != character):
            return False
    return not opened
