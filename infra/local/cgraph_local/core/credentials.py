"""The passwords and keys of a local cloud, which nobody but the user of its home can read.

They are derived from one secret, which the first start makes: a web page in the user's browser and
another user of the machine can reach the ports, but know none of them.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cgraph_local.core.home import Home


@dataclass(frozen=True, slots=True)
class Credentials:
    """`password`: of Postgres and Valkey; `admin_token`: of the gateway's administration API;
    `passfile`: the password as libpq reads it; `edge_key`: by which functions know the edge.
    """

    password: str
    admin_token: str
    access_key_id: str
    secret_access_key: str
    passfile: Path
    edge_key: str

    @classmethod
    def of(cls, home: Home) -> Self:
        """Makes the files where they are missing."""
        home.path.mkdir(parents=True, exist_ok=True, mode=0o711)
        secret = _read_or_write(home.path / "secret", secrets.token_hex(32))
        password = _derive(secret, "password")
        passfile = home.path / "pgpass"
        _read_or_write(passfile, f"*:*:*:*:{password}\n")
        return cls(
            password=password,
            admin_token=_derive(secret, "administration"),
            access_key_id=f"LOCAL{_derive(secret, 'access key')[:15].upper()}",
            secret_access_key=_derive(secret, "secret access key"),
            passfile=passfile,
            edge_key=f"1.{_derive(secret, 'edge')}",
        )

    @property
    def environment(self) -> dict[str, str]:
        """What a function signs its requests with, and connects to Postgres and Valkey with."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "CGRAPH_CACHE_PASSWORD": self.password,
            "PGPASSFILE": str(self.passfile),
        }

    def emulator_headers(self, service: str) -> dict[str, str]:
        """What the emulator's guard asks for; neither verifies the signature."""
        scope = f"{self.access_key_id}/20260101/us-east-1/{service}/aws4_request"
        signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none"
        return {"Authorization": signature}

    @property
    def admin_headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.admin_token}"}


NO_CREDENTIALS = Credentials("", "", "", "", Path(os.devnull), "")
"""Where only the template is read, and nothing runs."""


def _read_or_write(file: Path, text: str) -> str:
    """The content of a file that only its owner may read; `text` where it did not exist."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(descriptor, "w") as created:
        created.write(text)
    return text


def _derive(secret: str, purpose: str) -> str:
    return hashlib.sha256(f"{purpose} {secret}".encode()).hexdigest()
