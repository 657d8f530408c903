"""Small pages, for those who open the link in a mail. They load nothing."""

from html import escape

_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">\
<meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">\
<title>{title}</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 36em; margin: 3em auto; padding: 0 1em">
<h1>{title}</h1>
{body}
</body>
</html>
"""


def page(title: str, *, body: str) -> str:
    """`body`: HTML."""
    return _PAGE.format(title=escape(title), body=body)


def question_page(title: str, *, question: str, button: str, token: str) -> str:
    """With a button that sends the form to the same address: opening the page does nothing, because
    programs that check links open them too.
    """
    return page(
        title,
        body=f'<form method="post" action="?token={escape(token)}">'
        f"<p>{escape(question)}</p><button>{escape(button)}</button></form>",
    )


def text_page(title: str, *, text: str) -> str:
    return page(title, body=f"<p>{escape(text)}</p>")
