"""What imports write is what the renderer shows."""

from __future__ import annotations

import pytest

from cgraph.core.markdown import REL, render
from cgraph_local.imports.html_to_markdown import HtmlConverter
from cgraph_local.imports.slack.mrkdwn import to_markdown


@pytest.mark.parametrize(
    "html",
    [
        "<p>H<sub>2</sub>O and x<sup>2</sup></p>\n",
        "<p>a <del>b</del> <code>c</code> <strong>d</strong> <em>e</em></p>\n",
        "<p>2^10 ~x~ ~~y~~ ||z|| ::: | a *b* c_d_e @f</p>\n",
        "<p>::: spoiler</p>\n",
        "<p>- a</p>\n<p>1. b</p>\n<p># c</p>\n",
        "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n"
        "<td><code>b|c</code> d|e</td>\n</tr>\n</tbody>\n</table>\n",
        '<details class="spoiler"><summary>a b</summary>\n<p>c</p>\n<ul>\n<li>d</li>\n</ul>\n'
        '<details class="spoiler"><summary>e</summary>\n<p>f</p>\n</details>\n</details>\n',
        '<pre><code class="language-py">a &lt; b\n</code></pre>\n',
        "<h2>a</h2>\n<hr>\n<p>b<br>\nc</p>\n",
        f'<p>see <a href="https://a.b/c_d_e" rel="{REL}">https://a.b/c_d_e</a></p>\n',
    ],
)
def test_html_of_our_dialect_stays_the_same(html: str) -> None:
    assert render(HtmlConverter(None).markdown(html)).html == html


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("<p>x<sup>a b</sup></p>", "<p>xa b</p>\n"),
        ("<p><s>a</s> <strike>b</strike></p>", "<p><del>a</del> <del>b</del></p>\n"),
        ("<p><kbd>Ctrl</kbd> <u>u</u></p>", "<p><code>Ctrl</code> u</p>\n"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "<p>a</p>\n<p>b</p>\n"),
        (
            '<blockquote class="spoiler"><p>a</p></blockquote>',
            '<details class="spoiler">\n<p>a</p>\n</details>\n',
        ),
        (
            '<pre class="lang-py s-code-block"><code>a\n</code></pre>',
            '<pre><code class="language-py">a\n</code></pre>\n',
        ),
    ],
)
def test_other_html_becomes_what_comes_nearest(html: str, shown: str) -> None:
    assert render(HtmlConverter(None).markdown(html)).html == shown


@pytest.mark.parametrize(
    ("slack", "html"),
    [
        ("*a* _b_ ~c~", "<strong>a</strong> <em>b</em> <del>c</del>"),
        ("*_d_*", "<strong><em>d</em></strong>"),
        ("2*3*4 e_f_g ~5 a^b^c", "2*3*4 e_f_g ~5 a^b^c"),
        ("[a](b) ||c|| ~~d~~ **e** &amp;copy; :::", "[a](b) ||c|| ~~d~~ **e** &amp;copy; :::"),
        ("<@U1>, <#C1|tea> and <!here>", "@zed, #tea and @here"),
        ("&lt;b&gt; <3", "&lt;b&gt; &lt;3"),
        ("`a *b* <https://c.d>`", "<code>a *b* https://c.d</code>"),
        ("# a", "# a"),
        ("a\n---", "a\n---"),
        ("a\n    b", "a\nb"),
        ("<https://a.b/c_d|*e*>", f'<a href="https://a.b/c_d" rel="{REL}">*e*</a>'),
        ("*<https://a.b>*", f'<strong><a href="https://a.b" rel="{REL}">https://a.b</a></strong>'),
        ("<ftp://a.b|c>", "c (ftp://a.b)"),
    ],
)  # fmt: skip
def test_messages_of_slack_look_as_they_did(slack: str, html: str) -> None:
    assert render(to_markdown(slack, usernames={"U1": "zed"})).html == f"<p>{html}</p>\n"


def test_a_code_block_of_slack_stays_one() -> None:
    html = render(to_markdown("a ```b\n&lt;c&gt; *d*\n``` e", usernames={})).html

    assert html == "<p>a</p>\n<pre><code>b\n&lt;c&gt; *d*\n</code></pre>\n<p>e</p>\n"
