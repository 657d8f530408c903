"""A browser that subscribed to push messages, with its push service: an HTTPS server of this
machine, and keys with which another implementation than ours (`http_ece`) decrypts.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import http_ece  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from tests.feature.world import Person, World

CURVE = ec.SECP256R1()
AUTH = b"0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Delivered:
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class PushReceiver:
    """`answers`: the statuses of the next requests; 201 when there are no more."""

    port: int
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(CURVE))
    received: list[Delivered] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def subscription(self) -> dict[str, Any]:
        """As a browser's `PushSubscription.toJSON()`, with the platform."""
        keys = {"p256dh": base64url(point(self.key)), "auth": base64url(AUTH)}
        endpoint = f"{self.origin}/send/{uuid4().hex}"
        return {"platform": "web", "endpoint": endpoint, "keys": keys}

    async def subscribe(self, person: Person) -> str:
        """The id of the device."""
        answer = await person.call("add_device", self.subscription())
        assert answer.status == 201, answer
        return str(answer.body["id"])

    def read(self, delivered: Delivered) -> Any:
        content = http_ece.decrypt(
            delivered.body, private_key=self.key, auth_secret=AUTH, version="aes128gcm"
        )
        return json.loads(content)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        first, *lines = head.strip().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        body = await reader.readexactly(int(headers["content-length"]))
        self.received.append(Delivered(first.split(" ")[1], headers, body))
        status = self.answers.pop(0) if self.answers else "201 Created"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


def point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@asynccontextmanager
async def receiving_pushes(world: World, folder: Path) -> AsyncIterator[PushReceiver]:
    """Functions may call this machine meanwhile, and nothing else."""
    certificate = folder / "certificate.pem"
    certificate.write_bytes(make_certificate())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    receiver = PushReceiver(0)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    await world.run(call_this_machine, str(certificate))
    try:
        async with server:
            yield receiver
    finally:
        await world.run(call_the_internet)


def call_this_machine(certificate: str) -> None:
    """In the process of the functions."""
    from cgraph.core.outbound import Egress
    from cgraph.notifications.delivery.web_push import endpoints

    endpoints.EGRESS = Egress(
        ports=None,
        is_allowed=lambda address: address.is_loopback,
        tls=lambda: ssl.create_default_context(cafile=certificate),
    )


def call_the_internet() -> None:
    from cgraph.core import outbound
    from cgraph.notifications.delivery.web_push import endpoints

    endpoints.EGRESS = outbound.HTTPS_ONLY


def make_certificate() -> bytes:
    """Of 127.0.0.1, with its key."""
    key, now = ec.generate_private_key(CURVE), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "push")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM) + private
