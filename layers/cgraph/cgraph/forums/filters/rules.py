"""Searching a text for the words and domains of a forum's filters.

The time grows with the length of the text only: no pattern of a user is run as a regular
expression.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_WORDS = re.compile(r"\w+")
_HOSTS = re.compile(r"[\w.-]+")
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_MAX_HOST_LENGTH = 253

_FULL_STOPS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})


def fold(text: str) -> str:
    """Brings text that looks alike to one spelling: NFKC, no case, no invisible characters."""
    if text.isascii():
        return text.lower()
    visible = (mark for mark in text if unicodedata.category(mark) != "Cf")
    return unicodedata.normalize("NFKC", "".join(visible)).casefold()


def as_word(text: str) -> str:
    """A word of a filter, folded. Raises ValueError."""
    word = fold(text.strip())
    if not _WORDS.fullmatch(word.removesuffix("*")):
        raise ValueError("must be one word of letters and digits, * only at its end")
    return word


def as_domain(text: str) -> str:
    """A domain of a filter, in ASCII. Raises ValueError."""
    domain = _in_ascii(fold(text.strip()).translate(_FULL_STOPS).strip("."))
    if domain is None or not _DOMAIN.fullmatch(domain):
        raise ValueError("must be a domain like example.org")
    return domain


def contains_filtered(
    texts: Iterable[str], *, words: Sequence[str], domains: Sequence[str]
) -> bool:
    """`words` and `domains`: as `as_word` and `as_domain` return them."""
    folded = fold(" ".join(texts))
    return _has_word(folded, words) or _has_domain(folded.translate(_FULL_STOPS), domains)


def _has_word(text: str, words: Sequence[str]) -> bool:
    whole_words = {word for word in words if not word.endswith("*")}
    prefixes = {word[:-1] for word in words if word.endswith("*")}
    lengths = sorted({len(prefix) for prefix in prefixes})
    return any(
        word in whole_words or any(word[:length] in prefixes for length in lengths)
        for word in _WORDS.findall(text)
    )


def _has_domain(text: str, domains: Sequence[str]) -> bool:
    if not domains:
        return False
    filtered = set(domains)
    names = (name for name in _HOSTS.findall(text) if "." in name)
    hosts = (_in_ascii(name[-_MAX_HOST_LENGTH:].strip(".")) for name in names)
    return any(not filtered.isdisjoint(_with_parents(host)) for host in hosts if host)


def _with_parents(host: str) -> Iterable[str]:
    """The host and each domain that it is a subdomain of."""
    labels = host.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))


def _in_ascii(host: str) -> str | None:
    """None if it cannot be the name of a host."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return None
