"""What stands before Postgres and Valkey on AWS: TLS, and a token of IAM in place of the password.

A door verifies the token that a function sends, signs in at the real service with its password, and
passes bytes on from then.
"""

from __future__ import annotations

import hashlib
import hmac
import select
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import BaseRequestHandler, BaseServer, ThreadingTCPServer
from typing import cast
from urllib.parse import parse_qs

from psycopg.pq import ConnStatus, PGconn

from cgraph_local.services import Endpoints
from tests.credentials_endpoint import CredentialsEndpoint

HOST = "localhost"
SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
CLEARTEXT, SIGNED_IN = 3, 0
STATUSES = (b"server_version", b"client_encoding", b"integer_datetimes", b"TimeZone", b"DateStyle")


def is_signed(token: str, *, service: str, host: str, issuer: CredentialsEndpoint) -> bool:
    """Whether it is a presigned request with the credentials that the endpoint gives now."""
    url, _, signature = token.partition("&X-Amz-Signature=")
    query = url.removeprefix(f"{host}/?")
    parts = {name: values[0] for name, values in parse_qs(query).items()}
    key, _, scope = parts["X-Amz-Credential"].partition("/")
    request = f"GET\n/\n{query}\nhost:{host}\n\nhost\n{hashlib.sha256(b'').hexdigest()}"
    digest = hashlib.sha256(request.encode()).hexdigest()
    to_sign = f"AWS4-HMAC-SHA256\n{parts['X-Amz-Date']}\n{scope}\n{digest}"
    signing = f"AWS4{issuer.document['SecretAccessKey']}".encode()
    for part in scope.split("/"):
        signing = hmac.digest(signing, part.encode(), "sha256")
    return (
        url.startswith(f"{host}/?")
        and scope.split("/")[2] == service
        and key == issuer.document["AccessKeyId"]
        and parts.get("X-Amz-Security-Token") == issuer.document["Token"]
        and hmac.digest(signing, to_sign.encode(), "sha256").hex() == signature
    )


@dataclass(frozen=True, slots=True)
class Certificate:
    file: Path
    key: Path

    @classmethod
    def create(cls, folder: Path) -> Certificate:
        certificate = cls(folder / "certificate.pem", folder / "key.pem")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
                *("-keyout", certificate.key, "-out", certificate.file),
                *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
            ],
            capture_output=True,
            check=True,
        )
        return certificate

    @property
    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file, self.key)
        return context


@dataclass(slots=True)
class Doors:
    """`admitted`, `refused`: the services to which a connection was opened, in order."""

    endpoints: Endpoints
    issuer: CredentialsEndpoint
    certificate: Certificate
    admitted: list[str]
    refused: list[str]

    def postgres(self, plain: socket.socket, port: int) -> None:
        client = plain
        while (code := _startup(client)) in (SSL_REQUEST, GSS_REQUEST):
            client.sendall(b"S" if code == SSL_REQUEST else b"N")
            if code == SSL_REQUEST:
                client = self.certificate.context.wrap_socket(client, server_side=True)
        assert isinstance(client, ssl.SSLSocket), "a client that does not ask for TLS"
        with client:
            self._sign_in_at_postgres(client, port)

    def _sign_in_at_postgres(self, client: ssl.SSLSocket, port: int) -> None:
        client.sendall(b"R" + struct.pack("!ii", 8, CLEARTEXT))
        kind, body = _message(client)
        token = body.rstrip(b"\0").decode()
        if kind != b"p" or not self._admits("rds-db", token, host=f"{HOST}:{port}"):
            client.sendall(_framed(b"E", b"SFATAL\0C28P01\0MPAM authentication failed\0\0"))
            return
        backend = PGconn.connect(self.endpoints.conninfo.encode())
        assert backend.status == ConnStatus.OK, backend.error_message
        statuses = ((name, backend.parameter_status(name) or b"") for name in STATUSES)
        client.sendall(
            b"R"
            + struct.pack("!ii", 8, SIGNED_IN)
            + b"".join(_framed(b"S", b"\0".join((*pair, b""))) for pair in statuses)
            + _framed(b"Z", b"I")
        )
        with socket.socket(fileno=socket.dup(backend.socket)) as server:
            _pass_on(client, server)
        backend.finish()

    def valkey(self, plain: socket.socket, _: int) -> None:
        with self.certificate.context.wrap_socket(plain, server_side=True) as client:
            self._sign_in_at_valkey(client)

    def _sign_in_at_valkey(self, client: ssl.SSLSocket) -> None:
        words = _command(client)
        at = words.index(b"AUTH")
        if not self._admits("elasticache", words[at + 2].decode(), host=words[at + 1].decode()):
            client.sendall(b"-WRONGPASS invalid username-password pair or user is disabled.\r\n")
            return
        password = self.endpoints.credentials.password.encode()
        signed_in = [*words[: at + 1], b"default", password, *words[at + 3 :]]
        with socket.create_connection(("127.0.0.1", self.endpoints.valkey_port)) as server:
            server.sendall(_resp(signed_in))
            _pass_on(client, server)

    def _admits(self, service: str, token: str, *, host: str) -> bool:
        is_valid = is_signed(token, service=service, host=host, issuer=self.issuer)
        (self.admitted if is_valid else self.refused).append(service)
        return is_valid


@contextmanager
def opened(door: Callable[[socket.socket, int], None]) -> Iterator[int]:
    """The port at which it takes connections."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            door(self.request, port_of(self.server))

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield port_of(server)
        finally:
            server.shutdown()
            thread.join()


def port_of(server: BaseServer) -> int:
    _, port = cast(tuple[str, int], server.server_address)
    return port


def _startup(client: socket.socket) -> int:
    (length,) = struct.unpack("!i", _exactly(client, 4))
    return int(struct.unpack_from("!i", _exactly(client, length - 4))[0])


def _message(client: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(client, 1)
    (length,) = struct.unpack("!i", _exactly(client, 4))
    return kind, _exactly(client, length - 4)


def _framed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _command(client: socket.socket) -> list[bytes]:
    def line() -> bytes:
        text = b""
        while not text.endswith(b"\r\n"):
            text += _exactly(client, 1)
        return text[1:-2]

    return [_exactly(client, int(line()) + 2)[:-2] for _ in range(int(line()))]


def _resp(words: list[bytes]) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(w), w) for w in words)


def _exactly(client: socket.socket, number: int) -> bytes:
    data = b""
    while len(data) < number:
        part = client.recv(number - len(data))
        if not part:
            raise ConnectionError("the client has gone")
        data += part
    return data


def _pass_on(client: ssl.SSLSocket, server: socket.socket) -> None:
    """Both ways, until one side has ended."""
    while True:
        ready = [client] if client.pending() else select.select([client, server], [], [])[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return
            (server if source is client else client).sendall(data)
