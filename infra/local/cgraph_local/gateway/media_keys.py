"""The key pair that signs the URLs of media on this machine, made by the first start."""

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cgraph.media.signatures import load_private_key
from cgraph_local.core.home import Home

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


@dataclass(frozen=True, slots=True)
class MediaKeys:
    """`key_id`: what the public key is called, as CloudFront names it; `file`: the private key."""

    key_id: str
    file: Path
    public: "RSAPublicKey"

    @classmethod
    def of(cls, home: Home) -> Self:
        """Makes the private key where it is missing."""
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        file = home.folder("media") / "signing.pem"
        if not file.exists():
            _write(file)
        public = load_private_key(file.read_bytes()).public_key()
        encoded = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return cls(f"K{sha256(encoded).hexdigest()[:13].upper()}", file, public)


def _write(file: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    new = file.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as text:
        text.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    new.replace(file)
