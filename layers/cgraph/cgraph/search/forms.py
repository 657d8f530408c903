"""Other forms of a word, which an index has at the word's place: Müller is found as Mueller too,
and getUserName by its parts. infra/schema/search/forms.sql does the same for Postgres.
"""

import re
import unicodedata

JOINER = "\u202f"
"""Between a word and its forms in a text for OpenSearch, whose tokenizer does not end a word
there."""

VERSION = 1
"""Of these rules: with other ones an index must be built again."""

_SPELT_OUT = str.maketrans({
    "ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa",
    "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ø": "Oe", "Å": "Aa",
})  # fmt: skip
_UMLAUT = re.compile("[äöüøåÄÖÜØÅ]")
_WORD = re.compile("[A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff]+")
_HAS_FORMS = re.compile("[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}|[äöüøåÄÖÜØÅ]")
_IDENTIFIER = re.compile("[A-Za-z0-9]{4,40}")
_CAMEL = re.compile("[a-z0-9][A-Z]|[A-Z]{2}[a-z]{2}")
_BETWEEN_PARTS = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS_AT_MOST = 8


def spelt_out(text: str) -> str:
    """How words with umlauts are written on a keyboard without them."""
    if text.isascii():
        return text
    composed = unicodedata.normalize("NFC", text)
    return composed.translate(_SPELT_OUT) if _UMLAUT.search(composed) else text


def other_forms(word: str) -> list[str]:
    """Without umlauts, and the parts of a name such as getUserName. What looks more like an id has
    no parts.
    """
    parts = _parts(word)
    if parts:
        return [part for part in parts if len(part) > 1]
    spelt = spelt_out(word)
    return [spelt] if spelt != word else []


def with_forms(text: str) -> str:
    """The text, each word with its other forms behind it."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace(JOINER, " "))
    if not _HAS_FORMS.search(text):
        return text
    return _WORD.sub(lambda match: JOINER.join([match[0], *other_forms(match[0])]), text)


def _parts(word: str) -> list[str]:
    is_name = _IDENTIFIER.fullmatch(word) and _CAMEL.search(word)
    if not is_name or re.search("[0-9][a-z]", word) or not re.search("[A-Za-z][a-z]{2}", word):
        return []
    parts = _BETWEEN_PARTS.split(word)
    return parts if len(parts) <= _PARTS_AT_MOST else []
