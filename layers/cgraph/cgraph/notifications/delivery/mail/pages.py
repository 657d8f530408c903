"""Two small pages, for those who open the link in a mail."""

from html import escape

from cgraph.mail.wording import word

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


def question(token: str) -> str:
    """With a button that sends the form to the same address."""
    return _page(
        f'<form method="post" action="?token={escape(token)}">'
        f"<p>{escape(word('unsubscribe.question'))}</p>"
        f"<button>{escape(word('unsubscribe.button'))}</button></form>"
    )


def confirmation() -> str:
    return _page(f"<p>{escape(word('unsubscribe.done'))}</p>")


def _page(body: str) -> str:
    return _PAGE.format(title=escape(word("unsubscribe.title")), body=body)
