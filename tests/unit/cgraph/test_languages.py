"""Every language has its texts, and fills in the same values."""

from __future__ import annotations

import re
from importlib import import_module

import pytest

from cgraph.mail.texts.en import TEXTS, Text
from cgraph.mail.wording import LANGUAGES, word
from cgraph.notifications.inbox.models import NotificationKind


def _values(text: Text) -> set[str]:
    forms = (text,) if isinstance(text, str) else text
    return {name for form in forms for name in re.findall(r"{(\w+)}", form)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_no_text_and_no_value_that_english_lacks(language: str) -> None:
    texts = import_module(f"cgraph.mail.texts.{language}").TEXTS
    assert texts.keys() <= TEXTS.keys()
    for key, text in texts.items():
        assert _values(text) <= _values(TEXTS[key]) | {"count"}, key


@pytest.mark.parametrize("kind", NotificationKind)
def test_every_kind_of_notification_has_a_text(kind: str) -> None:
    assert f"notification.{kind}" in TEXTS


def test_an_unknown_language_is_written_in_english() -> None:
    assert word("mail.unsubscribe", language="tlh") == word("mail.unsubscribe")
