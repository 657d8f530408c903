"""The link with which a reader ends a kind of mail, without a log-in: signed, so that nobody can
make one for somebody else, and valid for as long as the mail may lie in a mailbox.
"""

import base64
import hmac
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.server_keys import server_key
from cgraph.core.settings import settings
from cgraph.mail.errors import InvalidMailLink

BODY_BYTES = 17
NOTIFICATIONS = 1
"""The list of mails about notifications; another list has another number."""


@dataclass(frozen=True, slots=True)
class Signer:
    key: bytes

    def token(self, user_id: UUID, *, list_number: int = NOTIFICATIONS) -> str:
        body = bytes([list_number]) + user_id.bytes
        return base64.urlsafe_b64encode(body + self.signature(body)).decode().rstrip("=")

    def url(self, user_id: UUID) -> str:
        return f"{settings().api_url}/mail/unsubscribe?token={self.token(user_id)}"

    def signature(self, body: bytes) -> bytes:
        return hmac.digest(self.key, b"cgraph mail list " + body, sha256)


def read_token(token: str, *, signer: Signer, list_number: int = NOTIFICATIONS) -> UUID:
    """Whose it is. Raises InvalidMailLink."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise InvalidMailLink from None
    body, signature = raw[:BODY_BYTES], raw[BODY_BYTES:]
    if not hmac.compare_digest(signature, signer.signature(body)) or body[0] != list_number:
        raise InvalidMailLink
    return UUID(bytes=body[1:])


async def signer(tx: Transaction) -> Signer:
    """With the stage's key, which the first caller makes."""
    return Signer(await server_key(tx, name="mail"))
