"""Signs that are words: emoji, the names of languages such as C++, and the elided articles of
French. search_text() in infra/schema/search/words.sql spells them in the same way for Postgres.
"""

import re

EMOJI = (
    "\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff"
    "\U0001f1e6-\U0001f1ff\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
)
"""Each is a word; one that is made of several is these words in their order. Not the colours of
skin: one emoji is found in all of them."""

EMOJI_WORD = "xq"
"""What the word of an emoji begins with; its number in Unicode follows."""

VERSION = 1
"""Of these rules: with other ones an index must be built again."""

_EMOJI = re.compile(f"[{EMOJI}]")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]+")
LANGUAGE = r"(?<![^\W_])[a-zA-Z](?:\+\+|#)(?![^\W\d_]|[+#])"
"""A letter and its signs."""

_LANGUAGE = re.compile(LANGUAGE)
_LANGUAGE_WORDS = {"++": "plusplus", "#": "sharp"}
_ELISION = re.compile(
    r"(?<![^\W_])([ldjnsmtc]|qu)['\u2019\u02bc](?=[aeiouyhà-öø-üœ])", re.IGNORECASE
)


def is_emoji(character: str) -> bool:
    return _EMOJI.match(character) is not None


def emoji_word(character: str) -> str:
    return f"{EMOJI_WORD}{ord(character)}"


def language_end(text: str, end: int) -> int:
    """Where the name of a language ends whose letter ends at `end`; `end` where there is none."""
    match = _LANGUAGE.match(text, end - 1) if end else None
    return match.end() if match else end


def spell_signs(text: str) -> str:
    """The text with words in the place of signs: C++ is both `c` and a word of its own."""
    text = _ELISION.sub(r"\1 ", text)
    if "++" in text or "#" in text:
        text = _LANGUAGE.sub(_spell_language, text)
    if text.isascii():
        return text
    return _EMOJI.sub(lambda match: f" {emoji_word(match[0])} ", _INVISIBLE.sub("", text))


def _spell_language(match: re.Match[str]) -> str:
    letter, signs = match[0][0], match[0][1:]
    return f"{letter} {letter}{_LANGUAGE_WORDS[signs]} "
