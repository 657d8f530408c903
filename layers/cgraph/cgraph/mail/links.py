"""The link with which a reader ends a kind of mail, without a log-in: signed, so that nobody can
make one for somebody else, and valid for as long as the mail may lie in a mailbox.
"""

import base64
import binascii
import hmac
import os
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from cgraph.core import clock
from cgraph.core.database import Transaction
from cgraph.core.settings import settings
from cgraph.mail import queries
from cgraph.mail.errors import InvalidMailLink

KEY_BYTES = 32
SIGNATURE_BYTES = 32
NOTIFICATIONS = 1
"""The list of mails about notifications; another list has another number."""


@dataclass(frozen=True, slots=True)
class Signer:
    key: bytes

    def token(self, user_id: UUID, *, list_number: int = NOTIFICATIONS) -> str:
        body = bytes([list_number]) + user_id.bytes
        return base64.urlsafe_b64encode(body + self._signature(body)).decode().rstrip("=")

    def read(self, token: str, *, list_number: int = NOTIFICATIONS) -> UUID:
        """Whose it is. Raises InvalidMailLink."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise InvalidMailLink from None
        body, signature = raw[:17], raw[17:]
        if not hmac.compare_digest(signature, self._signature(body)) or body[0] != list_number:
            raise InvalidMailLink
        return UUID(bytes=body[1:])

    def url(self, user_id: UUID) -> str:
        return f"{settings().api_url}/mail/unsubscribe?token={self.token(user_id)}"

    def _signature(self, body: bytes) -> bytes:
        return hmac.digest(self.key, b"cgraph mail list " + body, sha256)[:SIGNATURE_BYTES]


async def signer(tx: Transaction) -> Signer:
    """With the stage's key, which the first caller makes."""
    key = await queries.server_key(
        tx, name="mail", candidate=os.urandom(KEY_BYTES), now=clock.now()
    )
    return Signer(key)
