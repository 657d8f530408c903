"""Searching a text for the words and domains of a forum's filters.

The time grows with the length of the text only: no pattern of a user is run as a regular
expression.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from urllib.parse import unquote

from cgraph.forums.filters.hosts import FULL_STOPS, canonical_host, host_in_ascii, host_of

_WORDS = re.compile(r"\w+")
_HOSTS = re.compile(r"[\w.-]+")
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


def fold(text: str) -> str:
    """Brings text that looks alike to one spelling: NFKC, no case, no invisible characters."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFKC", _visible(text)).casefold()


def as_word(text: str) -> str:
    """A word of a filter, folded. Raises ValueError."""
    word = fold(text.strip())
    if not _WORDS.fullmatch(word.removesuffix("*")):
        raise ValueError("must be one word of letters and digits, * only at its end")
    return word


def as_domain(text: str) -> str:
    """A domain of a filter, in ASCII. Raises ValueError."""
    domain = host_in_ascii(canonical_host(_visible(text.strip())))
    if not _DOMAIN.fullmatch(domain):
        raise ValueError("must be a domain like example.org")
    return domain


def contains_filtered(
    texts: Iterable[str],
    *,
    links: Sequence[str],
    words: Sequence[str],
    domains: Sequence[str],
) -> bool:
    """`texts`: as readers see them; `links`: addresses that they lead to; `words` and `domains`: as
    `as_word` and `as_domain` return them. Addresses have words too, and texts have domains.
    """
    text = " ".join((*texts, *map(unquote, links)))
    return _has_word(fold(text), words) or _has_domain(text, links, domains)


def _has_word(text: str, words: Sequence[str]) -> bool:
    whole_words = {word for word in words if not word.endswith("*")}
    prefixes = {word[:-1] for word in words if word.endswith("*")}
    lengths = sorted({len(prefix) for prefix in prefixes})
    return any(
        word in whole_words or any(word[:length] in prefixes for length in lengths)
        for word in _WORDS.findall(text)
    )


def _has_domain(text: str, links: Iterable[str], domains: Iterable[str]) -> bool:
    filtered = set(map(canonical_host, domains))
    if not filtered:
        return False
    names = set(_HOSTS.findall(_visible(text).translate(FULL_STOPS)))
    hosts = {host_of(link) for link in links}
    hosts.update(canonical_host(name) for name in names if "." in name)
    return any(not filtered.isdisjoint(_with_parents(host)) for host in hosts)


def _with_parents(host: str) -> Iterable[str]:
    """The host and each domain that it is a subdomain of."""
    labels = host.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))


def _visible(text: str) -> str:
    if text.isascii():
        return text
    return "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
