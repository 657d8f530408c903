"""Apple's and Google's push services as a server of this machine: HTTP/2 over TLS, which checks the
tokens of requests with another library than ours (PyJWT).
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded

from tests.feature.push_receiver import make_certificate
from tests.feature.world import Person, World

TOPIC, TEAM, KEY_ID = "org.example.cgraph", "TEAM123456", "KEY1234567"
PROJECT, ACCOUNT = "cgraph-demo", "push@cgraph-demo.iam.gserviceaccount.com"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Mapping[str, str], Any]


@dataclass(slots=True)
class PhoneServices:
    """`answers`: to the next messages; they are taken when there are no more."""

    port: int = 0
    apple_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    google_key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048)
    )
    messages: list[Request] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    access_tokens: set[str] = field(default_factory=set)
    connections: int = 0

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def apns_secret(self) -> str:
        return json.dumps(
            {
                "key": _pem(self.apple_key),
                "key_id": KEY_ID,
                "team_id": TEAM,
                "topic": TOPIC,
                "url": self.origin,
            }
        )

    def fcm_secret(self) -> str:
        """A service account's file, as Google's console gives it, and where messages go."""
        return json.dumps(
            {
                "type": "service_account",
                "project_id": PROJECT,
                "private_key_id": "abc",
                "private_key": _pem(self.google_key),
                "client_email": ACCOUNT,
                "token_uri": f"{self.origin}/token",
                "fcm_url": self.origin,
            }
        )

    async def register(self, person: Person, platform: str) -> str:
        """The token of a new device."""
        token = uuid4().hex * 2 if platform == "apns" else f"{uuid4().hex}:APA91b-x_{uuid4().hex}"
        answer = await person.call("add_device", {"platform": platform, "token": token})
        assert answer.status == 201, answer
        return token

    def answer(self, request: Request) -> Answer:
        if request.path == "/token":
            return self._grant(request)
        if request.path.startswith("/3/device/"):
            refusal = self._refusal_of_apple(request)
        else:
            refusal = self._refusal_of_google(request)
        if refusal is not None:
            return refusal
        self.messages.append(request)
        return self.answers.pop(0) if self.answers else (200, {}, {"name": "projects/x/messages/1"})

    def _refusal_of_apple(self, request: Request) -> Answer | None:
        scheme, _, token = request.headers["authorization"].partition(" ")
        try:
            claims = jwt.decode(token, self.apple_key.public_key(), algorithms=["ES256"])
        except jwt.InvalidTokenError:
            return 403, {}, {"reason": "InvalidProviderToken"}
        known = (scheme, claims["iss"], jwt.get_unverified_header(token)["kid"])
        if known != ("bearer", TEAM, KEY_ID) or request.headers["apns-topic"] != TOPIC:
            return 403, {}, {"reason": "InvalidProviderToken"}
        return None

    def _grant(self, request: Request) -> Answer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        try:
            claims = jwt.decode(
                form["assertion"],
                self.google_key.public_key(),
                algorithms=["RS256"],
                audience=f"{self.origin}/token",
            )
        except jwt.InvalidTokenError:
            return 400, {}, {"error": "invalid_grant"}
        assert (claims["iss"], form["grant_type"]) == (ACCOUNT, GRANT)
        assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
        token = uuid4().hex
        self.access_tokens.add(token)
        return 200, {}, {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}

    def _refusal_of_google(self, request: Request) -> Answer | None:
        assert request.path == f"/v1/projects/{PROJECT}/messages:send"
        if request.headers["authorization"].removeprefix("Bearer ") not in self.access_tokens:
            return 401, {}, fcm_error("UNAUTHENTICATED")
        return None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        open_requests: dict[int, Request] = {}
        try:
            while True:
                writer.write(connection.data_to_send())
                data = await reader.read(65_536)
                if not data:
                    return
                for event in connection.receive_data(data):
                    self._take(connection, open_requests, event)
        except ConnectionError:
            return
        finally:
            writer.close()

    def _take(self, connection: H2Connection, requests: dict[int, Request], event: object) -> None:
        if isinstance(event, RequestReceived) and event.stream_id is not None:
            fields = {str(name): str(value) for name, value in event.headers or ()}
            requests[event.stream_id] = Request(fields[":path"], fields, b"")
        elif isinstance(event, DataReceived) and event.stream_id is not None:
            known = requests[event.stream_id]
            body = known.body + (event.data or b"")
            requests[event.stream_id] = Request(known.path, known.headers, body)
            connection.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
        elif isinstance(event, StreamEnded) and event.stream_id is not None:
            status, headers, body = self.answer(requests.pop(event.stream_id))
            connection.send_headers(event.stream_id, [(":status", str(status)), *headers.items()])
            connection.send_data(event.stream_id, json.dumps(body).encode(), end_stream=True)


def fcm_error(status: str, *, code: str = "", field: str = "") -> dict[str, Any]:
    """As Google's APIs describe an error."""
    details: list[dict[str, Any]] = []
    if code:
        kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
        details.append({"@type": kind, "errorCode": code})
    if field:
        kind = "type.googleapis.com/google.rpc.BadRequest"
        violation = {"field": field, "description": "Invalid registration token"}
        details.append({"@type": kind, "fieldViolations": [violation]})
    return {"error": {"code": 400, "message": "no", "status": status, "details": details}}


@asynccontextmanager
async def phone_services(world: World, folder: Path) -> AsyncIterator[PhoneServices]:
    """This installation sends to phones meanwhile, through this machine."""
    certificate = folder / "phones.pem"
    certificate.write_bytes(make_certificate())
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    tls.set_alpn_protocols(["h2"])
    services = PhoneServices()
    server = await asyncio.start_server(services.serve, "127.0.0.1", 0, ssl=tls)
    services.port = server.sockets[0].getsockname()[1]
    (folder / "apns.json").write_text(services.apns_secret())
    (folder / "fcm.json").write_text(services.fcm_secret())
    await world.run(
        send_to_phones, str(folder / "apns.json"), str(folder / "fcm.json"), str(certificate)
    )
    try:
        async with server:
            yield services
            await world.run(send_to_phones, "", "", "")  # closes connections: the server waits
    finally:
        await world.run(send_to_phones, "", "", "")


def send_to_phones(apns_secret: str, fcm_secret: str, certificate: str) -> None:
    """In the process of the functions. Empty: no phones, and no open connection."""
    import os

    from cgraph.core.settings import settings
    from cgraph.notifications.delivery.phones import apns, connections, fcm

    os.environ |= {"APNS_SECRET": apns_secret, "FCM_SECRET": fcm_secret}
    settings.cache_clear()
    for module in (apns, fcm):
        module.reset()
    connections.reset()
    connections.TLS = lambda: ssl.create_default_context(cafile=certificate or None)


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
