"""Names and titles of imports are lines that cannot disturb what is around them."""

from __future__ import annotations

import pytest

from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.identity import ImportedUser
from cgraph_local.imports.slack.json_object import JsonObject
from cgraph_local.imports.stackexchange.xml_rows import Row


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada\u202e\n Lovelace\x1b", "Ada Lovelace"),
        ("Zoe\u0308\u200b ", "Zoë"),
        ("\u200b\u3164", "Person 7"),
    ],
    ids=ascii,
)
def test_a_display_name_keeps_what_can_be_shown(name: str, shown: str) -> None:
    user = ImportedUser.of("7", source="test", suffix=None, name="ada", display_name=name)
    assert user.display_name == shown


def test_a_text_that_nobody_can_see_counts_as_missing() -> None:
    for item in (Row(1, {"Title": "\u200b\u2060"}), JsonObject({"Title": "\u3164 "})):
        with pytest.raises(InvalidItem, match="no Title"):
            item.text("Title")
