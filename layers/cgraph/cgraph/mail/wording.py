"""Puts texts together in a language."""

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import get_args

from cgraph.mail.models import Language
from cgraph.mail.texts.en import TEXTS, Text

LANGUAGES: tuple[str, ...] = get_args(Language)

DEFAULT = "en"


def word(key: str, *, language: str = DEFAULT, count: int = 1, **values: str) -> str:
    """The text of this key. `count`: decides between the one and the many. Raises KeyError where
    English has no such text.
    """
    text = _texts(language).get(key, TEXTS[key])
    form = text if isinstance(text, str) else text[count != 1]
    return form.format(count=count, **values)


def has_text(key: str) -> bool:
    return key in TEXTS


def names(known: list[str], *, count: int, language: str = DEFAULT) -> str:
    """Of `count` people, of whom the first are known by name."""
    if not known:
        return word("name.nobody", language=language)
    if count == 2 and len(known) > 1:
        return word("name.two", language=language, first=known[0], second=known[1])
    if count > 1:
        return word("name.more", language=language, first=known[0], count=count - 1)
    return known[0]


@lru_cache(maxsize=len(LANGUAGES))
def _texts(language: str) -> Mapping[str, Text]:
    if language not in LANGUAGES:
        return TEXTS
    texts: Mapping[str, Text] = import_module(f"cgraph.mail.texts.{language}").TEXTS
    return texts
