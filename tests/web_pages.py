"""Local HTTP servers, for the fetcher of link previews: what they answer is a test's own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[socket.socket, str], None]
"""What a server does with a connection whose request asks for a path."""


@dataclass(slots=True)
class WebServer:
    """`connections`: how many there were. `paths`: what was asked for, in order."""

    address: str
    port: int
    connections: int = 0
    paths: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"http://{host}:{self.port}"


def reply(
    body: bytes | str = b"", *, status: str = "200 OK", type: str = "text/html", **headers: str
) -> bytes:
    """A whole HTTP answer."""
    content = body.encode() if isinstance(body, str) else body
    names = {"content-type": type, "content-length": str(len(content)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in names.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content


def redirect(to: str) -> bytes:
    return reply(status="302 Found", location=to)


@contextmanager
def web_server(
    answers: Mapping[str, bytes | Answer], address: str = "127.0.0.1", port: int = 0
) -> Iterator[WebServer]:
    """`answers`: by path; all else is 404."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.bind((address, port))
        listener.listen(50)
        server = WebServer(address, listener.getsockname()[1])
        thread = threading.Thread(target=_serve, args=(listener, server, answers), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(30)


def _serve(
    listener: socket.socket, server: WebServer, answers: Mapping[str, bytes | Answer]
) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return  # it was shut down
        server.connections += 1
        threading.Thread(target=_answer, args=(connection, server, answers), daemon=True).start()


def _answer(
    connection: socket.socket, server: WebServer, answers: Mapping[str, bytes | Answer]
) -> None:
    with connection, suppress(OSError):
        request = b""
        while b"\r\n\r\n" not in request:
            if not (more := connection.recv(65536)):
                return
            request += more
        path = request.split(b" ")[1].decode()
        server.paths.append(path)
        server.requests.append(request.decode())
        answer = answers.get(path, reply(status="404 Not Found"))
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(connection, path)
