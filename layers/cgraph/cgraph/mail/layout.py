"""Lays a mail out twice: as text that a terminal shows, and as HTML that loads nothing."""

import textwrap
from dataclasses import dataclass
from html import escape

COLUMNS = 72

_PAGE = """\
<!doctype html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
<meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 36em; margin: 1.5em auto; padding: 0 1em">
{body}
</body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `items`: a list below the first paragraphs. `footer`: in small print."""

    subject: str
    paragraphs: tuple[str, ...]
    items: tuple[str, ...] = ()
    more: str = ""
    link: Link | None = None
    footer: str = ""
    unsubscribe: Link | None = None
    language: str = "en"


def plain_text(letter: Letter) -> str:
    parts = [_wrap(paragraph) for paragraph in letter.paragraphs]
    if letter.items:
        parts.append("\n".join(_wrap(item, first="- ", later="  ") for item in letter.items))
    parts += [_wrap(letter.more)] if letter.more else []
    parts += [f"{letter.link.text}:\n{letter.link.url}"] if letter.link else []
    if letter.footer or letter.unsubscribe:
        small = [_wrap(letter.footer)] if letter.footer else []
        if letter.unsubscribe:
            small.append(f"{letter.unsubscribe.text}:\n{letter.unsubscribe.url}")
        parts.append("\n".join(["-- ", *small]))
    return "\n\n".join(parts) + "\n"


def html(letter: Letter) -> str:
    parts = [f"<p>{escape(paragraph)}</p>" for paragraph in letter.paragraphs]
    if letter.items:
        items = "".join(f"<li>{escape(item)}</li>" for item in letter.items)
        parts.append(f"<ul>{items}</ul>")
    parts += [f"<p>{escape(letter.more)}</p>"] if letter.more else []
    parts += [f"<p>{_anchor(letter.link)}</p>"] if letter.link else []
    small = [escape(letter.footer)] if letter.footer else []
    small += [_anchor(letter.unsubscribe)] if letter.unsubscribe else []
    if small:
        parts.append(f'<p style="font-size: 13px; opacity: .7">{"<br>".join(small)}</p>')
    return _PAGE.format(
        language=escape(letter.language), title=escape(letter.subject), body="\n".join(parts)
    )


def _anchor(link: Link) -> str:
    return f'<a href="{escape(link.url)}">{escape(link.text)}</a>'


def _wrap(text: str, *, first: str = "", later: str = "") -> str:
    return textwrap.fill(
        text,
        COLUMNS,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    )
