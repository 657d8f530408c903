"""Filters read what readers read."""

from __future__ import annotations

import pytest

from cgraph.core.markdown import render
from cgraph.forums.filters.hosts import host_of
from cgraph.forums.filters.rules import as_domain, as_word, contains_filtered

WORDS = [as_word(word) for word in ("casino", "viagr*")]
DOMAINS = [as_domain(domain) for domain in ("evil.example", "bücher.example", "faß.example")]


def is_filtered(markdown: str) -> bool:
    rendered = render(markdown)
    return contains_filtered([rendered.text], links=rendered.links, words=WORDS, domains=DOMAINS)


@pytest.mark.parametrize(
    "markdown",
    [
        "**cas**ino",
        "c~a~sino",
        "cas`ino`",
        "||cas||ino",
        "&#99;asino",
        "[cas](https://a.example)ino",
        "[a](https://a.example/casino)",
        "[a](https://a.example/c%61sino)",
        "![casino](https://a.example/b.png)",
        "[a](https://a.example 'casino')",
        "# Casino",
        "| Casino |\n|---|",
        "::: spoiler casino\na\n:::",
        "`casino`",
        "**via**gra",
    ],
)
def test_words_are_found_in_the_text_that_readers_see(markdown: str) -> None:
    assert is_filtered(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        "[x](http://evil&period;example/)",
        "[x](http://evil%2Eexample/)",
        "[x](http://EVIL.example)",
        "[x](http://e&#118;il.example)",
        "[x](//evil.example)",
        "[x](https:evil.example)",
        "[x](https:\\\\evil.example\\a)",
        "[x](http://a.example@evil.example)",
        "[x](http://a.example%40evil.example)",
        "[x](http://user:password@evil.example:8080/b)",
        "[x](http://evil.example.:80)",
        "[x](http://www.evil.example?a=b)",
        "[x](http://evil。example)",
        "[x](http://\uff45\uff56\uff49\uff4c\uff0e\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45)",
        "[x](http://ev\u00adil.example)",
        "[x](<http://ev\u200bil.example>)",
        "[x](http://bücher.example)",
        "[x](http://BÜCHER.example)",
        "[x](http://xn--bcher-kva.example)",
        "[x](http://bu\u0308cher.example)",
        "[x](http://b%C3%BCcher.example)",
        "[x](http://faß.example)",
        "[x](http://xn--fa-hia.example)",
        "[x][y]\n\n[y]: http://evil.example",
        "![x](http://evil.example/a.png)",
        "[![x](http://evil.example/a.png)](http://a.example)",
        "<http://evil.example>",
        "http://evil.example/a",
        "www.evil.example",
        "**evil**.example",
        "`evil.example`",
        "a@evil.example",
        "[x](mailto:a@evil.example?subject=b)",
    ],
)
def test_domains_are_found_where_links_lead(markdown: str) -> None:
    assert is_filtered(markdown)


@pytest.mark.parametrize(
    "markdown",
    [
        "casinos",
        "cas ino",
        "notevil.example",
        "evil.example.org",
        "[x](http://a.example/evil.exampl)",
        "[x](http://fass.example)",
        "[a]: http://evil.example",
    ],
)
def test_what_only_looks_like_it_is_not_filtered(markdown: str) -> None:
    assert not is_filtered(markdown)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("http://a.example/b", "a.example"),
        ("HTTP:\\\\user@A%2eexample.:80\\b", "a.example"),
        ("http://[::1]:80/", "[::1]"),
        ("mailto:a@b.example", "b.example"),
        ("http://", ""),
        ("", ""),
        ("http://xn--\u00e9.example", "xn--é.example"),
    ],
)
def test_the_host_of_an_address(address: str, host: str) -> None:
    assert host_of(address) == host
