"""The private key that signs URLs: a secret on AWS, a file of the local cloud. Read once by each
execution environment.
"""

import time
from typing import TYPE_CHECKING

from cgraph.core import metrics
from cgraph.core.log import logger
from cgraph.core.secrets import read_secret
from cgraph.core.settings import settings
from cgraph.media.signatures import load_private_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

PAUSE_SECONDS = 10
"""After a failure nobody asks again for this long."""

_key: "RSAPrivateKey | None" = None
_pause_until = 0.0


class SigningKeyUnavailable(Exception):
    """The key cannot be read now, or there is none in the secret yet."""


def is_configured() -> bool:
    """Whether this stage serves media: it has a key, and so a distribution."""
    return bool(settings().media_url and settings().media_key_id)


def signing_key() -> "RSAPrivateKey":
    """Raises SigningKeyUnavailable."""
    global _key, _pause_until
    if _key is not None:
        return _key
    if time.monotonic() < _pause_until:
        raise SigningKeyUnavailable("it could not be read a moment ago")
    try:
        _key = load_private_key(read_secret(settings().media_signing_key))
    except (OSError, ValueError, KeyError) as error:
        _pause_until = time.monotonic() + PAUSE_SECONDS
        metrics.count("media.key_unavailable")
        reason = type(error).__name__  # never the text, which could have the key
        logger.error("media_key_unavailable", extra={"reason": reason})
        raise SigningKeyUnavailable(reason) from None
    return _key


def reset() -> None:
    """Forgets the key, for tests."""
    global _key, _pause_until
    _key, _pause_until = None, 0.0
