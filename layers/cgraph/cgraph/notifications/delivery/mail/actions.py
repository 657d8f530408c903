"""Mail about notifications, as its reader ends it: without a log-in, by a signed link."""

from html import escape

from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.mail import links
from cgraph.mail.wording import word
from cgraph.notifications.delivery.mail import queries

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


async def unsubscribe_mail(tx: Transaction, *, token: str) -> str:
    """Returns a page that says so. Repeating it changes nothing. Raises InvalidMailLink."""
    user_id = (await links.signer(tx)).read(token)
    await queries.unsubscribe_mail(tx, user_id=user_id, now=clock.now())
    return _page(f"<p>{escape(word('unsubscribe.done'))}</p>")


async def show_unsubscribe_page(tx: Transaction, *, token: str) -> str:
    """A page with a button, because programs that check links open them too. Raises
    InvalidMailLink.
    """
    (await links.signer(tx)).read(token)
    return _page(
        f'<form method="post" action="?token={escape(token)}">'
        f"<p>{escape(word('unsubscribe.question'))}</p>"
        f"<button>{escape(word('unsubscribe.button'))}</button></form>"
    )


def _page(body: str) -> str:
    return _PAGE.format(title=escape(word("unsubscribe.title")), body=body)
