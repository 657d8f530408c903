"""Google's push service: Firebase Cloud Messaging, HTTP v1, with a service account's key."""

import json
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cgraph.core.secrets import read_secret
from cgraph.core.settings import settings
from cgraph.notifications.delivery.phones import connections
from cgraph.notifications.delivery.phones.connections import ServiceResponse
from cgraph.notifications.delivery.phones.messages import PhonePushJob
from cgraph.notifications.delivery.push_attempts import LIFE_SECONDS, Refused, pause_of
from cgraph.notifications.delivery.signed_tokens import rs256_token

ORIGIN = "https://fcm.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

ASSERTION_SECONDS = 3600
EARLY_SECONDS = 300
"""Before an access token ends there is a new one."""

LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.REQUEST_TIMEOUT)


@dataclass(frozen=True, slots=True)
class Access:
    """`url`: where messages go. `token`: until `renewed_at`, of the monotonic clock."""

    url: str
    token: str
    renewed_at: float


_access: Access | None = None


async def send(job: PhonePushJob) -> Refused | None:
    """None where Google took it. Raises OSError; KeyError, ValueError where the secret is wrong."""
    access = await _current()
    headers = {"authorization": f"Bearer {access.token}"}
    response = await connections.post(access.url, headers=headers, json={"message": _message(job)})
    return _refusal(response)


def reset() -> None:
    """Forgets the access token: the next one is asked for with what the secret is then."""
    global _access
    _access = None


async def _current() -> Access:
    global _access
    if _access is None or time.monotonic() >= _access.renewed_at:
        _access = await _new_access(json.loads(read_secret(settings().fcm_secret)))
    return _access


async def _new_access(account: dict[str, Any]) -> Access:
    """`account`: the file of a service account, and perhaps an `fcm_url`. Raises OSError."""
    key = load_pem_private_key(str(account["private_key"]).encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError("the key is not one of a service account")
    now = int(time.time())
    claims = {
        "iss": account["client_email"],
        "scope": SCOPE,
        "aud": account["token_uri"],
        "iat": now,
        "exp": now + ASSERTION_SECONDS,
    }
    assertion = rs256_token(key, claims, key_id=account["private_key_id"])
    response = await connections.post(
        account["token_uri"], form={"grant_type": GRANT, "assertion": assertion}
    )
    if response.status != HTTPStatus.OK:
        raise OSError(f"no access token: {response.status} {response.body.get('error', '')}")
    origin = account.get("fcm_url", ORIGIN)
    return Access(
        url=f"{origin}/v1/projects/{account['project_id']}/messages:send",
        token=response.body["access_token"],
        renewed_at=time.monotonic() + int(response.body["expires_in"]) - EARLY_SECONDS,
    )


def _message(job: PhonePushJob) -> dict[str, object]:
    shown = {"title": job.title, **({"body": job.text} if job.text else {})}
    android = {
        "priority": "HIGH" if job.is_urgent else "NORMAL",
        "ttl": f"{LIFE_SECONDS}s",
        "collapse_key": job.collapse_id,
        "notification": {"tag": job.collapse_id, "notification_count": job.badge},
    }
    data = {**job.data, "unread": str(job.badge)}
    return {"token": job.token, "notification": shown, "data": data, "android": android}


def _refusal(response: ServiceResponse) -> Refused | None:
    if response.status == HTTPStatus.OK:
        return None
    codes, fields = _details(response.body)
    text = f"{response.status} {' '.join(sorted(codes))}"
    if "UNREGISTERED" in codes or "message.token" in fields:
        return Refused("gone", text)
    if response.status == HTTPStatus.UNAUTHORIZED:
        reset()
        return Refused("later", text)
    if response.status in LATER or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused("later", text, pause_of(response.headers.get("retry-after", "")))
    return Refused("never", text)


def _details(body: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The codes of an error, and the fields of the request that it is about."""
    error = body.get("error")
    if not isinstance(error, dict):
        return set(), set()
    details = [each for each in error.get("details", ()) if isinstance(each, dict)]
    codes = {str(each["errorCode"]) for each in details if "errorCode" in each}
    violations = [each for detail in details for each in detail.get("fieldViolations", ())]
    return codes | {str(error.get("status", ""))}, {str(each.get("field")) for each in violations}
