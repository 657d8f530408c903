"""What a text is before it is stored: normal form, white space, what is invisible, what is refused,
and its length as its readers count it. Every text field goes through `one_line` or `many_lines`.

A plain ASCII text takes a short way: of all the rest, only its control characters matter.
"""

import re
import unicodedata

_IGNORABLE_CLASS = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Unicode's property Default_Ignorable_Code_Point, of which Python has no table."""

_INVISIBLE_CLASS = rf"{_IGNORABLE_CLASS}\s\x00-\x1f\x7f-\x9f\u2800\ufff9-\ufffc\U00016fe4\U0001d159"
"""Also white space, control characters, and symbols that are drawn as nothing: the Braille blank,
anchors and fillers.
"""

_VISIBLE = re.compile(f"[^{_INVISIBLE_CLASS}]")
_IGNORABLE = re.compile(f"[{_IGNORABLE_CLASS}]")
_LINE_BREAK = re.compile(r"[\n\x0b\x0c\r\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BIDI_CONTROL = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_BIDI_MARKS = str.maketrans(dict.fromkeys("\u061c\u200e\u200f"))
"""Marks of a direction without an extent: a line of its own does not need them."""

_BLANK_LINES = re.compile(r"\s*\n")
_INVISIBLE_ENDS = " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f\x85\xa0\xad\u1680\u180e\u2028\u2029\u202f\u205f"
_INVISIBLE_ENDS += "".join(map(chr, range(0x2000, 0x200C))) + "\u2060\u2800\u3000\u3164\ufeff"
"""White space, and the invisible characters that no script and no emoji ends with."""

MARKS_AT_MOST = 10
"""Combining marks on one character; more of them cover the lines above and below. Unicode allows
30 in its Stream-Safe Format, and no language writes more than six.
"""

_TOO_MANY_MARKS = re.compile(rf"(?:M[nec]){{{MARKS_AT_MOST + 1}}}")


class TextRefused(ValueError):
    """`code` is part of the API, as the code of a field's error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def code_points_at_most(characters: int) -> int:
    """How long a text of so many characters may be in code points: an emoji has up to ten. The
    longest texts have fewer, so that a message still fits a frame (4,000 characters: 24,000 bytes).
    """
    return characters + min(9 * characters, 2_000)


def one_line(text: str, *, at_most: int, required: bool) -> str:
    """The text of a name, a title or a label: in NFC, without white space and invisible characters
    at its ends. A text that need not be there is empty where nothing of it is visible. Raises
    TextRefused: `blank`, `line_break`, `control_character`, `bidi_control`, `combining_marks`,
    `string_too_long`.
    """
    if text.isascii():
        text = text.strip()
        if not text.isprintable():
            _refuse_controls(text)
    else:
        text = text.translate(_BIDI_MARKS).strip(_INVISIBLE_ENDS)
        _refuse_controls(text)
        text = _composed(text)
    return _measured(text, at_most=at_most, required=required)


def many_lines(text: str, *, at_most: int, required: bool) -> str:
    """A body: as `one_line`, but its lines end with \\n, and tabs and direction controls stay; see
    `bidi.balanced`. Blank lines before it and white space after it are removed; the indentation of
    its first line stays where Markdown gives it a meaning. Raises TextRefused.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _without_blank_ends(text)
    if not text.isprintable() and _CONTROL_IN_LINES.search(text):
        raise TextRefused("control_character", "must not contain control characters")
    if not text.isascii():
        text = _composed(text)
    return _measured(text, at_most=at_most, required=required)


def clean_line(text: str, *, at_most: int) -> str:
    """As `one_line`, but what that refuses is removed or cut off: for a text that a program sends,
    such as the name of a device. It may be empty.
    """
    text = " ".join(_CONTROL.sub(" ", _BIDI_CONTROL.sub("", text)).split())
    if not text.isascii():
        text = text[: code_points_at_most(at_most)].translate(_BIDI_MARKS)
        text = _composed_with_fewer_marks(text).strip(_INVISIBLE_ENDS)
    text = beginning(text, at_most=at_most).rstrip(_INVISIBLE_ENDS)
    return "" if is_blank(text) else text


def clean_lines(text: str) -> str:
    """As `many_lines`, but what that refuses is removed: for a text that another system accepted.
    It may be empty.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _without_blank_ends(_CONTROL_IN_LINES.sub("", text))
    if not text.isascii():
        text = _composed_with_fewer_marks(text)
    return "" if is_blank(text) else text


def beginning(text: str, *, at_most: int) -> str:
    """The first characters, as readers count them."""
    if len(text) <= at_most or text.isascii():
        return text[:at_most]
    import regex  # see count_characters

    found = regex.match(rf"\X{{0,{at_most}}}", text)
    assert found is not None, "it matches nothing too"
    return str(found.group())


def is_blank(text: str) -> bool:
    """Whether nothing of it can be seen: only characters that Unicode calls default-ignorable,
    control characters, white space and their like.
    """
    return _VISIBLE.search(text) is None


def comparison_key(text: str) -> str:
    """Equal for texts that a reader would take for the same: their case and what is invisible does
    not count. `text` is as `one_line` returns it.
    """
    if text.isascii():
        return text.lower()
    visible = _IGNORABLE.sub("", text)
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", visible).casefold())


def count_characters(text: str) -> int:
    """As its readers count: extended grapheme clusters (UAX 29)."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    import regex  # slow to import, and few texts are so long that it matters

    return len(regex.findall(r"\X", text))


def _refuse_controls(text: str) -> None:
    if _LINE_BREAK.search(text):
        raise TextRefused("line_break", "must be one line")
    if _CONTROL.search(text):
        raise TextRefused("control_character", "must not contain control characters")
    if _BIDI_CONTROL.search(text):
        raise TextRefused("bidi_control", "must not contain controls of the writing direction")


def _composed(text: str) -> str:
    """In NFC. The marks are counted first: to put many of them in order takes long."""
    may_have_marks = text and max(text) >= "\u0300"
    if may_have_marks and _TOO_MANY_MARKS.search("".join(map(unicodedata.category, text))):
        raise TextRefused("combining_marks", f"must not pile up more than {MARKS_AT_MOST} marks")
    return unicodedata.normalize("NFC", text)


def _composed_with_fewer_marks(text: str) -> str:
    """In NFC, which takes some letters apart into more marks."""
    return _with_fewer_marks(unicodedata.normalize("NFC", _with_fewer_marks(text)))


def _with_fewer_marks(text: str) -> str:
    """Without the marks above MARKS_AT_MOST of each character."""
    if max(text, default="") < "\u0300":
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        if marks <= MARKS_AT_MOST:
            kept.append(character)
    return "".join(kept)


def _without_blank_ends(text: str) -> str:
    text = text.rstrip()
    if not text[:1].isspace():
        return text
    if blank := _BLANK_LINES.match(text):
        text = text[blank.end() :]
    is_code = text.startswith(("    ", "\t"))
    return text if is_code else text.lstrip()


def _measured(text: str, *, at_most: int, required: bool) -> str:
    if not text or (not text.isascii() and is_blank(text)):
        if required:
            raise TextRefused("blank", "must not be blank")
        return ""
    if len(text) > at_most and (
        text.isascii() or len(text) > code_points_at_most(at_most) or _is_longer(text, at_most)
    ):
        raise TextRefused("string_too_long", f"must have at most {at_most:,} characters")
    return text


def _is_longer(text: str, characters: int) -> bool:
    return count_characters(text) > characters
