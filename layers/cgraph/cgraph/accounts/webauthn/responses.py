"""What a browser answers for an authenticator: JSON of the Web Authentication API (level 3), all of
which an attacker may have written.
"""

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cgraph.accounts.errors import InvalidPasskey, PasskeysNotAvailable
from cgraph.accounts.webauthn.models import PasskeyRow
from cgraph.core import snapstart
from cgraph.core.encoding import decode_json
from cgraph.core.log import logger
from cgraph.core.settings import settings

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.registration.verify_registration_response import VerifiedRegistration

snapstart.imported_on_use("webauthn.registration.verify_registration_response")
snapstart.imported_on_use("webauthn.authentication.verify_authentication_response")

TRANSPORTS = frozenset(("usb", "nfc", "ble", "hybrid", "internal", "smart-card", "cable"))


@dataclass(frozen=True, slots=True)
class Response:
    """`document`: all of it. `challenge`: the one that was signed, if the signature is right."""

    document: dict[str, Any]
    credential_id: bytes
    challenge: bytes

    @property
    def user_id(self) -> UUID | None:
        """Whom the authenticator has the passkey for. Raises InvalidPasskey."""
        handle = self.document["response"].get("userHandle")
        if handle is None:
            return None
        raw = _decode(handle)
        if len(raw) != 16:
            raise InvalidPasskey
        return UUID(bytes=raw)

    @property
    def transports(self) -> list[str]:
        """How a browser reaches the authenticator, as far as known."""
        named = self.document["response"].get("transports")
        return sorted(TRANSPORTS.intersection(map(str, named if isinstance(named, list) else ())))


def parse_response(text: str) -> Response:
    """Raises InvalidPasskey."""
    try:
        document = decode_json(text)
        client_data = decode_json(_decode(document["response"]["clientDataJSON"]))
        if client_data.get("crossOrigin") not in (None, False):
            raise InvalidPasskey("The page was in a frame of another site")
        return Response(document, _decode(document["rawId"]), _decode(client_data["challenge"]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise InvalidPasskey from None


def require_domain() -> str:
    """Raises PasskeysNotAvailable."""
    if not settings().passkey_domain:
        raise PasskeysNotAvailable
    return settings().passkey_domain


def verify_registration(response: Response) -> "VerifiedRegistration":
    """Raises InvalidPasskey, PasskeysNotAvailable."""
    from webauthn.registration.verify_registration_response import verify_registration_response

    domain = require_domain()
    try:
        return verify_registration_response(
            credential=response.document,
            expected_challenge=response.challenge,
            expected_rp_id=domain,
            expected_origin=list(settings().passkey_origins),
            require_user_verification=True,
        )
    except Exception as error:
        raise _refusal(error) from error


def verify_authentication(
    response: Response, *, passkey: PasskeyRow, verifies_user: bool
) -> "VerifiedAuthentication":
    """`verifies_user`: by a PIN or biometrics. Raises InvalidPasskey, PasskeysNotAvailable."""
    from webauthn.authentication.verify_authentication_response import (
        verify_authentication_response,
    )

    domain = require_domain()
    try:
        return verify_authentication_response(
            credential=response.document,
            expected_challenge=response.challenge,
            expected_rp_id=domain,
            expected_origin=list(settings().passkey_origins),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=verifies_user,
        )
    except Exception as error:
        raise _refusal(error) from error


def _refusal(error: Exception) -> InvalidPasskey:
    """Whatever a parser of CBOR, COSE and ASN.1 raises for bytes that a client made up."""
    logger.warning("passkey_refused", extra={"reason": f"{type(error).__name__}: {error}"[:200]})
    return InvalidPasskey()


def encode(data: bytes) -> str:
    """In base64url without padding, as WebAuthn has it."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: object) -> bytes:
    """Raises InvalidPasskey. Each value has one spelling."""
    if not isinstance(text, str):
        raise InvalidPasskey
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise InvalidPasskey from None
    if encode(data) != text:
        raise InvalidPasskey
    return data
