"""The mails that functions have sent, as JSON and as a page. Nothing in a mail runs or loads."""

from collections.abc import Sequence
from html import escape

from cgraph_local.core.sent_mails import SentMail
from cgraph_local.gateway.asgi import HttpResponse, json_response

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark">\
<title>Mail</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 48em; margin: 2em auto; padding: 0 1em">
<h1>Mail</h1>
{mails}
</body>
</html>
"""
_MAIL = """\
<details><summary><b>{subject}</b> to {to}, {sent_at}</summary>
<p>from {sender}</p>
<pre style="white-space: pre-wrap">{text}</pre>
<iframe sandbox srcdoc="{html}" style="width: 100%; height: 24em; border: 1px solid"></iframe>
</details>
"""


def mails_response(mails: Sequence[SentMail], *, as_page: bool) -> HttpResponse:
    """Newest first. `as_page`: for a browser."""
    if not as_page:
        return json_response([mail.document() for mail in mails])
    page = _PAGE.format(mails="".join(map(_mail, mails)) or "<p>None was sent.</p>")
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _POLICY.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
    ]
    return HttpResponse(200, headers, page.encode())


def _mail(mail: SentMail) -> str:
    return _MAIL.format(
        subject=escape(mail.subject),
        to=escape(", ".join(mail.to)),
        sent_at=escape(mail.sent_at),
        sender=escape(mail.sender),
        text=escape(mail.text),
        html=escape(mail.html),
    )
