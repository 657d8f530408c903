"""Apple's push service: token-based provider connections over HTTP/2, as "Sending notification
requests to APNs" describes them.
"""

import json
import time
from dataclasses import dataclass
from http import HTTPStatus

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cgraph.core.secrets import read_secret
from cgraph.core.settings import settings
from cgraph.notifications.delivery.phones import connections
from cgraph.notifications.delivery.phones.connections import ServiceResponse
from cgraph.notifications.delivery.phones.messages import PhonePushJob
from cgraph.notifications.delivery.push_attempts import LIFE_SECONDS, Refused, pause_of
from cgraph.notifications.delivery.signed_tokens import es256_token

PRODUCTION = "https://api.push.apple.com"

TOKEN_SECONDS = 40 * 60
"""Apple takes a token for an hour, and no new one within 20 minutes."""

GONE = {"Unregistered", "ExpiredToken", "BadDeviceToken"}
RENEW = {"ExpiredProviderToken", "InvalidProviderToken"}
LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)


@dataclass(frozen=True, slots=True)
class Credentials:
    """`topic`: the app's bundle id. `token`: of the requests until `renewed_at`, of the monotonic
    clock.
    """

    url: str
    topic: str
    token: str
    renewed_at: float


_credentials: Credentials | None = None


async def send(job: PhonePushJob) -> Refused | None:
    """None where Apple took it. Raises OSError; KeyError, ValueError where the secret is wrong."""
    known = _current()
    response = await connections.post(
        f"{known.url}/3/device/{job.token}", headers=_headers(job, known), json=_payload(job)
    )
    return _refusal(response)


def reset() -> None:
    """Forgets the credentials: a new token is signed with what the secret is then."""
    global _credentials
    _credentials = None


def _current() -> Credentials:
    global _credentials
    if _credentials is None or time.monotonic() >= _credentials.renewed_at:
        secret = json.loads(read_secret(settings().apns_secret))
        key = load_pem_private_key(str(secret["key"]).encode(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise ValueError("the key is not one of APNs")
        claims = {"iss": secret["team_id"], "iat": int(time.time())}
        _credentials = Credentials(
            url=secret.get("url", PRODUCTION),
            topic=secret["topic"],
            token=es256_token(key, claims, key_id=secret["key_id"]),
            renewed_at=time.monotonic() + TOKEN_SECONDS,
        )
    return _credentials


def _headers(job: PhonePushJob, credentials: Credentials) -> dict[str, str]:
    return {
        "authorization": f"bearer {credentials.token}",
        "apns-topic": credentials.topic,
        "apns-push-type": "alert",
        "apns-priority": "10" if job.is_urgent else "5",
        "apns-expiration": str(int(job.made_at) + LIFE_SECONDS),
        "apns-collapse-id": job.collapse_id,
    }


def _payload(job: PhonePushJob) -> dict[str, object]:
    alert = {"title": job.title, **({"body": job.text} if job.text else {})}
    sound = {"sound": "default"} if job.is_urgent else {}
    aps = {"alert": alert, "badge": job.badge, "thread-id": job.thread_id, **sound}
    return {"aps": aps, "notification": job.data}


def _refusal(response: ServiceResponse) -> Refused | None:
    if response.status == HTTPStatus.OK:
        return None
    reason = str(response.body.get("reason", ""))
    text = f"{response.status} {reason}"
    if response.status == HTTPStatus.GONE or reason in GONE:
        return Refused("gone", text)
    if reason in RENEW:
        reset()
        return Refused("later", text)
    if response.status in LATER or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused("later", text, pause_of(response.headers.get("retry-after", "")))
    return Refused("never", text)
