"""The mail worker: gives each mail to SES, at most once. It runs outside the VPC.

A mail is only sent again where SES said that it did not take it. One whose answer was lost may have
gone out: it is logged, and not sent again. The queue gives no message twice for the same reason.
"""

import os
from http import HTTPStatus
from urllib.parse import urlsplit

from cgraph.core import iam, metrics, queues
from cgraph.core.encoding import encode_json
from cgraph.core.http_connection import HttpConnection
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.mail.models import MailJob

PATH = "/v2/email/outbound-emails"
TIMEOUT_SECONDS = 8
ATTEMPTS_MAX = 6
RETRY_SECONDS = 900
"""The longest that SQS delays a message."""


class NotSent(Exception):
    """SES did not take the mail and may take it later."""


async def send_mail(job: MailJob) -> None:
    """Raises QueueUnavailable where it cannot be tried again."""
    if not job.to:
        return
    try:
        _give_to_ses(job)
    except NotSent as error:
        _retry(job, reason=str(error))


def _give_to_ses(job: MailJob) -> None:
    """Raises NotSent."""
    try:
        status, answer = _post(encode_json(_request(job)).encode())
    except ConnectionRefusedError as error:
        raise NotSent(repr(error)) from error
    except OSError as error:
        _fail(job, reason=f"whether it was sent is unknown: {error!r}")
        return
    if status < HTTPStatus.MULTIPLE_CHOICES:
        metrics.add_property("mails_sent", 1)
        return
    reason = f"{status} {answer[:300].decode(errors='replace')}"
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise NotSent(reason)
    _fail(job, reason=reason)


def _request(job: MailJob) -> dict[str, object]:
    """Of SES v2, SendEmail."""
    headers = {"Auto-Submitted": "auto-generated"}
    if job.unsubscribe_url:  # RFC 8058: with both, a mail program shows a button
        headers["List-Unsubscribe"] = f"<{job.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    body = {"Text": _utf8(job.text), "Html": _utf8(job.html)}
    simple = {
        "Subject": _utf8(job.subject),
        "Body": body,
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
    }
    request: dict[str, object] = {
        "FromEmailAddress": settings().mail_from,
        "Destination": {"ToAddresses": [job.to]},
        "Content": {"Simple": simple},
    }
    if settings().mail_configuration_set:
        request["ConfigurationSetName"] = settings().mail_configuration_set
    return request


def _utf8(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}


def _post(body: bytes) -> tuple[int, bytes]:
    """Over a connection of its own: on one that is kept, a lost answer says nothing."""
    url = urlsplit(_endpoint())
    headers = {"content-type": "application/json"}
    signed = iam.signed_headers("ses", host=url.netloc, path=PATH, headers=headers, body=body)
    metrics.round_trip("ses")
    connection = HttpConnection(url.scheme, url.netloc)
    try:
        status, answer, _ = connection.request("POST", PATH, body, signed, timeout=TIMEOUT_SECONDS)
    finally:
        connection.close()
    return status, answer


def _endpoint() -> str:
    own = os.environ.get("AWS_ENDPOINT_URL_SESV2") or os.environ.get("AWS_ENDPOINT_URL")
    return own or f"https://email.{os.environ['AWS_REGION']}.amazonaws.com"


def _retry(job: MailJob, *, reason: str) -> None:
    if job.attempt >= ATTEMPTS_MAX:
        _fail(job, reason=reason)
        return
    logger.warning("mail_delayed", extra={"reason": reason, "attempt": job.attempt})
    again = job.model_copy(update={"attempt": job.attempt + 1})
    delay = min(10 * 3**job.attempt, RETRY_SECONDS)
    queues.send(settings().mail_queue_url, [again.model_dump_json()], delay_seconds=delay)


def _fail(job: MailJob, *, reason: str) -> None:
    """Without the address and the text."""
    metrics.count("mail.failed")
    about = {"reason": reason, "attempt": job.attempt, "correlation_id": job.correlation_id}
    logger.error("mail_failed", extra=about)
