from __future__ import annotations

import pytest

from cgraph.core.markdown import render
from cgraph.core.safe_html import MAX_DEPTH

REL = 'rel="nofollow ugc noopener"'


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("", ""),
        ("*a* **b** `c<d`", "<p><em>a</em> <strong>b</strong> <code>c&lt;d</code></p>\n"),
        ("# A\n\n- b\n- c", "<h1>A</h1>\n<ul>\n<li>b</li>\n<li>c</li>\n</ul>\n"),
        ("3. a", '<ol start="3">\n<li>a</li>\n</ol>\n'),
        ("```python\na\n```", '<pre><code class="language-python">a\n</code></pre>\n'),
        ("> a\n\n---", "<blockquote>\n<p>a</p>\n</blockquote>\n<hr>\n"),
        ("[a](https://b.c 'd')", f'<p><a href="https://b.c" title="d" {REL}>a</a></p>\n'),
        ("<mailto:a@b.c>", f'<p><a href="mailto:a@b.c" {REL}>mailto:a@b.c</a></p>\n'),
        ("![a](https://b.c/d.png)", f'<p><a href="https://b.c/d.png" {REL}>a</a></p>\n'),
        ("~~a~~", "<p><del>a</del></p>\n"),
        ("H~2~O x^2^", "<p>H<sub>2</sub>O x<sup>2</sup></p>\n"),
        ("2^10 and 3^5, ~5 or ~6", "<p>2^10 and 3^5, ~5 or ~6</p>\n"),
        ("a ||b *c*|| d", '<p>a <span class="spoiler">b <em>c</em></span> d</p>\n'),
        (
            "::: spoiler The end\n- a\n:::\nb",
            '<details class="spoiler"><summary>The end</summary>\n<ul>\n<li>a</li>\n</ul>\n'
            "</details>\n<p>b</p>\n",
        ),
        (":::spoiler\na", '<details class="spoiler">\n<p>a</p>\n</details>\n'),
        ("::: warning\na\n:::", "<p>::: warning</p>\n\n<p>a</p>\n\n"),
        (
            "- [ ] a\n- [x] b",
            "<ul>\n<li>☐ a</li>\n<li>☑ b</li>\n</ul>\n",
        ),
        (
            "|a|b|\n|:-|-:|\n|1|2|",
            '<table>\n<thead>\n<tr>\n<th align="left">a</th>\n<th align="right">b</th>\n</tr>\n'
            '</thead>\n<tbody>\n<tr>\n<td align="left">1</td>\n<td align="right">2</td>\n</tr>\n'
            "</tbody>\n</table>\n",
        ),
        ("a\nb  \nc", "<p>a\nb<br>\nc</p>\n"),
        ("日本語**太字。**日本語", "<p>日本語<strong>太字。</strong>日本語</p>\n"),
        ("\u202eabc", "<p>\u202eabc\u202c</p>\n"),
        ("*\u2067a* b\u2069", "<p><em>\u2067a\u2069</em> b</p>\n"),
    ],
)
def test_markdown_renders_as_documented(markdown: str, html: str) -> None:
    assert render(markdown).html == html


@pytest.mark.parametrize(
    "markdown",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>a</a>",
        "<style>*{display:none}</style>",
        "<iframe src=//evil.example></iframe>",
        '```"><script>\na\n```',
    ],
)
def test_html_in_markdown_is_shown_as_text(markdown: str) -> None:
    html = render(markdown).html
    for tag in ("<script", "<img", "<a ", "<style", "<iframe"):
        assert tag not in html


@pytest.mark.parametrize(
    "markdown",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](data:text/html,b)",
        "[a](vbscript:b)",
        "[a](ftp://b.c)",
        "[a](//b.c)",
        "[a](http:b)",
        "[a](http://)",
        "[a](https:///b)",
        "[a](<http://a b>)",
        "[a](http://a%b)",
        "[a](mailto:)",
        "[a](#b)",
        "![a](data:image/png;base64,b)",
        "ftp://b.c",
        "[a](/b)",
        "<ssh://b.c>",
        '![a](j"onerror=alert(1))',
    ],
)
def test_links_lead_only_to_the_web_or_to_mail(markdown: str) -> None:
    assert "<a" not in render(markdown).html


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        ("see https://example.org/x.", f'see <a href="https://example.org/x" {REL}>https://example.org/x</a>.'),
        ("(http://a.b/c_(d))", f'(<a href="http://a.b/c_(d)" {REL}>http://a.b/c_(d)</a>)'),
        ("www.a.com!", f'<a href="http://www.a.com" {REL}>www.a.com</a>!'),
        ("a@b.com", f'<a href="mailto:a@b.com" {REL}>a@b.com</a>'),
        ("`https://b.c`", "<code>https://b.c</code>"),
        ("ftp://a.b xmpp:a@b.c", "ftp://a.b xmpp:a@b.c"),
        ("[\u200b](https://a.b)", f'<a href="https://a.b" {REL}>\u200bhttps://a.b</a>'),
        ("[](https://a.b)", f'<a href="https://a.b" {REL}>https://a.b</a>'),
        ("[https://a.b](https://c.d)", f'<a href="https://c.d" {REL}>https://a.b</a>'),
        ("![](https://a.b)", f'<a href="https://a.b" {REL}>image</a>'),
        ("![a](/b) [c](#d) [e](/f)", "a c e"),
        (
            "[![b](https://img.example/b.svg)](https://ci.example/run)",
            f'<a href="https://ci.example/run" {REL}>b</a>',
        ),
        (
            "[![b](https://img.example/b.svg)](/run)",
            f'<a href="https://img.example/b.svg" {REL}>b</a>',
        ),
    ],
)  # fmt: skip
def test_links_and_pictures_are_links(markdown: str, html: str) -> None:
    assert render(markdown).html == f"<p>{html}</p>\n"


def test_text_is_what_readers_see() -> None:
    rendered = render(
        "# A **b**ig&excl;\n\n- c `d`\n- [e](https://f.g 'h')\n\n||i|| ![j](https://k.l) ~~m~~\n\n"
        "| n | o |\n|---|---|\n| p |\n\n::: spoiler q\nr\n:::\n\n<s>"
    )

    assert rendered.text == "A big!\nc d\ne\ni j m\nn\no\np\nq\nr\n<s>\nh"
    assert rendered.links == ["https://f.g", "https://k.l"]


def test_deep_elements_become_their_text() -> None:
    html = render("> " * 100 + "*a* **b**").html

    assert html.count("<blockquote>") == MAX_DEPTH
    assert "a b" in html
