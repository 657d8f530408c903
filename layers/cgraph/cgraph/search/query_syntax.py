"""What the words of a search mean: `kettle "gooseneck spout" -electric from:ada after:2026-01-31`.

A text that is no filter is a word, so nobody has to know the syntax. What is wrong with a filter is
refused, since the answer to another question would look like the answer to this one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import get_args

from cgraph.core.text import comparison_key
from cgraph.search.engine import DocumentType, Feature, Words
from cgraph.search.errors import InvalidSearchFilter, SearchTooComplex
from cgraph.search.signs import is_emoji, language_end

TERMS_AT_MOST = 40
"""Words, phrases and filters of one search."""

ME = "me"
"""As an author: the user who searches."""

_TERM = re.compile(
    r"""
    (?P<minus>-*)
    (?:(?P<name>[a-z]+):(?=\S))?
    (?: "(?P<quoted>[^"]*)(?P<end>"|\Z) | (?P<plain>[^\s"]+) )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_QUOTES = str.maketrans(
    dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u300c\u300d\uff02", '"')
)
_DATE = re.compile(r"(\d{4})(?:-(\d\d?)(?:-(\d\d?))?)?", re.ASCII)


@dataclass(slots=True)
class ParsedQuery:
    """`authors`, `excluded_authors`: usernames, and ME. `places`: slugs of forums, and ids of
    conversations and forums. `tags`: as `comparison_key` spells them. The members of one field are
    alternatives.
    """

    words: Words = field(default_factory=Words)
    types: set[DocumentType] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)
    excluded_authors: set[str] = field(default_factory=set)
    places: set[str] = field(default_factory=set)
    features: set[Feature] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    before: datetime | None = None
    after: datetime | None = None
    is_answered: bool | None = None


@dataclass(frozen=True, slots=True)
class _Term:
    is_excluded: bool
    name: str | None
    value: str
    is_phrase: bool
    is_open: bool
    """Whether it may go on: it is the last one, without white space or a quotation mark behind."""


def parse_query(text: str) -> ParsedQuery:
    """Raises InvalidSearchFilter, SearchTooComplex."""
    parsed = ParsedQuery()
    words: list[str] = []
    phrases: list[str] = []
    excluded: list[str] = []
    last_is_begun = False
    for number, term in enumerate(_terms(text)):
        if number >= TERMS_AT_MOST:
            raise SearchTooComplex(f"At most {TERMS_AT_MOST} words, phrases and filters")
        last_is_begun = False
        if term.name is not None:
            _add_filter(parsed, term, term.name)
        elif term.is_excluded:
            excluded.append(term.value)
        elif term.is_phrase:
            phrases.append(term.value)
        else:
            words.append(term.value)
            last_is_begun = term.is_open
    parsed.words = Words(all=words, phrases=phrases, excluded=excluded, last_is_begun=last_is_begun)
    return parsed


def parse_date(text: str) -> datetime | None:
    """The beginning of a day, a month or a year in UTC, or the time itself; None for another
    text.
    """
    match = _DATE.fullmatch(text)
    try:
        if match:
            year, month, day = (int(part or 1) for part in match.groups())
            return datetime(year, month, day, tzinfo=UTC)
        moment = datetime.fromisoformat(text.upper())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def visible_words(text: str) -> str:
    """Without what is no part of a word at either end; empty where no word is left."""
    start, end = 0, len(text)
    while start < end and not _is_of_word(text[start]):
        start += 1
    while end > start and not _is_of_word(text[end - 1]):
        end -= 1
    return text[start : language_end(text, end)]


def _terms(text: str) -> Iterator[_Term]:
    text = _cleaned(text)
    for match in _TERM.finditer(text):
        name = (match["name"] or "").lower()
        is_filter = name in _FILTERS
        is_phrase = match["quoted"] is not None
        value = match["quoted"] if is_phrase else match["plain"]
        if name and not is_filter:
            value = f"{match['name']}:{value}"
            is_phrase = False
        kept = value.strip() if is_filter else visible_words(" ".join(value.split()))
        if not kept:
            continue
        yield _Term(
            is_excluded=bool(match["minus"]),
            name=name if is_filter else None,
            value=kept,
            is_phrase=is_phrase,
            is_open=match.end() == len(text) and kept[-1] == text[-1],
        )


def _cleaned(text: str) -> str:
    """In NFC, without what nobody sees, and with one kind of quotation marks and white space."""
    composed = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return "".join(
        " " if each.isspace() or unicodedata.category(each) == "Cc" else each
        for each in composed
        if unicodedata.category(each) not in ("Cf", "Cs", "Cn", "Co")
    )


def _is_of_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM" or is_emoji(character)


def _add_filter(parsed: ParsedQuery, term: _Term, name: str) -> None:
    """Raises InvalidSearchFilter."""
    if term.is_excluded and name not in EXCLUDABLE:
        raise InvalidSearchFilter(f"{name}: cannot be excluded")
    try:
        _FILTERS[name](parsed, term)
    except ValueError as error:
        raise InvalidSearchFilter(f"{name}: {error}") from error


def _one_of(term: _Term, allowed: Sequence[str]) -> str:
    value = term.value.lower()
    if value not in allowed:
        raise ValueError(f"is one of {', '.join(allowed)}")
    return value


def _add_type(parsed: ParsedQuery, term: _Term) -> None:
    parsed.types.add(_one_of(term, get_args(DocumentType)))  # type: ignore[arg-type]


def _add_feature(parsed: ParsedQuery, term: _Term) -> None:
    parsed.features.add(_one_of(term, get_args(Feature)))  # type: ignore[arg-type]


def _add_author(parsed: ParsedQuery, term: _Term) -> None:
    names = parsed.excluded_authors if term.is_excluded else parsed.authors
    names.add(term.value.removeprefix("@").lower())


def _add_place(parsed: ParsedQuery, term: _Term) -> None:
    parsed.places.add(term.value.removeprefix("#").lower())


def _add_tag(parsed: ParsedQuery, term: _Term) -> None:
    parsed.tags.add(comparison_key(term.value))


def _add_state(parsed: ParsedQuery, term: _Term) -> None:
    is_answered = _one_of(term, ("answered", "unanswered")) == "answered"
    parsed.is_answered = is_answered is not term.is_excluded


def _add_before(parsed: ParsedQuery, term: _Term) -> None:
    moment = _date_of(term)
    parsed.before = moment if parsed.before is None else min(moment, parsed.before)


def _add_after(parsed: ParsedQuery, term: _Term) -> None:
    moment = _date_of(term)
    parsed.after = moment if parsed.after is None else max(moment, parsed.after)


def _date_of(term: _Term) -> datetime:
    moment = parse_date(term.value)
    if moment is None:
        raise ValueError("needs a date, such as 2026-01-31")
    return moment


EXCLUDABLE = ("from", "is")
"""Filters that a `-` may stand before."""

_FILTERS: dict[str, Callable[[ParsedQuery, _Term], None]] = {
    "type": _add_type,
    "from": _add_author,
    "in": _add_place,
    "has": _add_feature,
    "tag": _add_tag,
    "is": _add_state,
    "before": _add_before,
    "after": _add_after,
}
