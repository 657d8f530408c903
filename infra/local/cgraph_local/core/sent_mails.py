"""The mails that the emulator of SES has taken, which go nowhere."""

import http.client
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from cgraph_local.core.endpoints import Endpoints

PATH = "/_ministack/ses/messages"


def ses_authorization(access_key_id: str) -> str:
    """By which the emulator knows the caller and the service; it checks no signature."""
    return f"AWS4-HMAC-SHA256 Credential={access_key_id}/20260101/us-east-1/ses/aws4_request"


@dataclass(frozen=True, slots=True)
class SentMail:
    """Without its other headers, which the emulator does not keep."""

    sent_at: str
    sender: str
    to: list[str]
    subject: str
    text: str
    html: str

    def document(self) -> dict[str, Any]:
        return asdict(self)


def sent_mails(endpoints: Endpoints) -> list[SentMail]:
    """Newest first. Raises OSError where the emulator does not answer."""
    connection = http.client.HTTPConnection("127.0.0.1", endpoints.emulator_port, timeout=10)
    try:
        connection.request("GET", PATH, headers=_headers(endpoints))
        document = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    mails = [mail for mails in document["messages"].values() for mail in mails]
    mails.sort(key=lambda mail: float(mail["Timestamp"]), reverse=True)
    return [_sent_mail(mail) for mail in mails]


def _headers(endpoints: Endpoints) -> dict[str, str]:
    """The emulator answers only those who know its access key."""
    return {"Authorization": ses_authorization(endpoints.credentials.access_key_id)}


def _sent_mail(mail: dict[str, Any]) -> SentMail:
    at = datetime.fromtimestamp(float(mail["Timestamp"]), UTC)
    return SentMail(
        sent_at=at.isoformat(timespec="seconds"),
        sender=mail["Source"],
        to=mail["To"],
        subject=mail["Subject"],
        text=mail["BodyText"] or "",
        html=mail["BodyHtml"] or "",
    )
