"""An authenticator in software (WebAuthn level 3, ES256), for sample events and tests. What an
attacker would change, a caller may change: origin, domain, challenge, flags, counter.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass(slots=True)
class Authenticator:
    """One passkey. `user_id`: that it was made for. `count`: of its last use."""

    origin: str
    domain: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_id: bytes = b""
    count: int = 0
    flags: int = PRESENT | VERIFIED
    cross_origin: bool = False

    def create(self, options: Mapping[str, Any]) -> str:
        """What `navigator.credentials.create()` returns, as JSON."""
        self.user_id = _decode(options["user"]["id"])
        data = self._data(ATTESTED) + bytes(16) + len(self.credential_id).to_bytes(2, "big")
        data += self.credential_id + self._public_key()
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._response(
            clientDataJSON=self._client_data("webauthn.create", options),
            attestationObject=attestation,
            transports=["internal"],
        )

    def get(self, options: Mapping[str, Any]) -> str:
        """What `navigator.credentials.get()` returns, as JSON; each use is counted."""
        self.count += 1
        data, client_data = self._data(0), self._client_data("webauthn.get", options)
        signed = data + hashlib.sha256(client_data).digest()
        return self._response(
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=self.key.sign(signed, ec.ECDSA(SHA256())),
            userHandle=self.user_id,
        )

    def _data(self, more_flags: int) -> bytes:
        domain = hashlib.sha256(self.domain.encode()).digest()
        return domain + bytes([self.flags | more_flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, options: Mapping[str, Any]) -> bytes:
        client_data = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.cross_origin,
        }
        return json.dumps(client_data).encode()

    def _public_key(self) -> bytes:
        """In COSE."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return bytes(cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y}))

    def _response(self, **fields: Any) -> str:
        id = _encode(self.credential_id)
        response = {
            name: _encode(value) if isinstance(value, bytes) else value
            for name, value in fields.items()
        }
        document = {"id": id, "rawId": id, "type": "public-key", "response": response}
        return json.dumps({**document, "clientExtensionResults": {}})


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
