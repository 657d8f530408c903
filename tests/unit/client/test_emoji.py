from __future__ import annotations

import pytest

from cgraph.chat.messages.reactions.emoji import fully_qualified
from cgraph_client.core.emoji import _variations_by_name, named_emoji, to_emoji


@pytest.mark.parametrize(
    ("name", "emoji"),
    [
        ("thumbsup", "👍"),
        ("+1", "👍"),
        (":heart:", "❤️"),
        ("thumbsup::skin-tone-3", "👍🏼"),
        (":+1::skin-tone-6:", "👍🏿"),
        ("man-running::skin-tone-2", "🏃🏻‍♂️"),
        ("handshake::skin-tone-2-3", "🫱🏻‍🫲🏼"),
        ("man-heart-man::skin-tone-2", "👨🏻‍❤️‍👨🏻"),
        ("skin-tone-4", "🏽"),
        ("flag-de", "🇩🇪"),
        ("fingerprint", "🫆"),
        ("one", "1️⃣"),
    ],
)
def test_a_short_name_is_an_emoji(name: str, emoji: str) -> None:
    assert named_emoji(name) == emoji


@pytest.mark.parametrize("name", ["", ":", "::", "tea-party", "+1::skin-tone-9", "x::skin-tone-2"])
def test_other_words_name_no_emoji(name: str) -> None:
    assert named_emoji(name) is None


@pytest.mark.parametrize(
    ("text", "emoji"),
    [
        ("❤", "❤️"),
        ("👍\ufe0f", "👍"),
        ("🕵🏽‍♀", "🕵🏽‍♀️"),
        (":tada:", "🎉"),
        (":tea-party:", ":tea-party:"),
        ("+1", "+1"),
    ],
)
def test_each_form_becomes_the_one_that_the_server_shows(text: str, emoji: str) -> None:
    assert to_emoji(text) == emoji


def test_the_server_takes_each_emoji_that_has_a_name() -> None:
    named = {each for tones in _variations_by_name().values() for each in tones.values()}
    assert len(named) > 3800
    assert {fully_qualified(each) for each in named} == named
