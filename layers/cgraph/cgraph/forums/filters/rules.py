"""How a text is searched for a forum's words and domains.

In time that grows with the text alone, whatever the words: nobody's pattern is run.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

_WORDS = re.compile(r"\w+")
_HOSTS = re.compile(r"[\w.-]+")
_DOMAIN = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
_NAME_CHARACTERS = 253
"""The longest name that a host can have."""

_DOTS = str.maketrans({"\u3002": ".", "\uff0e": ".", "\uff61": "."})


def fold(text: str) -> str:
    """One spelling for what looks alike: NFKC, no case, nothing invisible."""
    if text.isascii():
        return text.lower()
    seen = (mark for mark in text if unicodedata.category(mark) != "Cf")
    return unicodedata.normalize("NFKC", "".join(seen)).casefold()


def as_word(text: str) -> str:
    """Raises ValueError."""
    word = fold(text.strip())
    if not _WORDS.fullmatch(word.removesuffix("*")):
        raise ValueError("must be one word of letters and digits, * only at its end")
    return word


def as_domain(text: str) -> str:
    """In ASCII. Raises ValueError."""
    domain = _in_ascii(fold(text.strip()).translate(_DOTS).strip("."))
    if domain is None or not _DOMAIN.fullmatch(domain):
        raise ValueError("must be a domain like example.org")
    return domain


def is_met(texts: Iterable[str], *, words: Sequence[str], domains: Sequence[str]) -> bool:
    folded = fold(" ".join(texts))
    return _has_word(folded, words) or _has_domain(folded.translate(_DOTS), domains)


def _has_word(text: str, words: Sequence[str]) -> bool:
    whole = {word for word in words if not word.endswith("*")}
    beginnings = {word[:-1] for word in words if word.endswith("*")}
    lengths = sorted({len(beginning) for beginning in beginnings})
    return any(
        word in whole or any(word[:length] in beginnings for length in lengths)
        for word in _WORDS.findall(text)
    )


def _has_domain(text: str, domains: Sequence[str]) -> bool:
    if not domains:
        return False
    wanted = set(domains)
    found = (host[-_NAME_CHARACTERS:].strip(".") for host in _HOSTS.findall(text) if "." in host)
    hosts = (_in_ascii(host) for host in found)
    return any(not wanted.isdisjoint(_with_parents(host)) for host in hosts if host)


def _with_parents(host: str) -> Iterable[str]:
    """The host, and what it is below of."""
    labels = host.split(".")
    return (".".join(labels[place:]) for place in range(len(labels)))


def _in_ascii(host: str) -> str | None:
    """None of what cannot be the name of a host."""
    if host.isascii():
        return host
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return None
