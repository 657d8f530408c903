"""SES as the function calls it: its requests are kept, with all headers of the mail, which the
emulator drops.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.feature.world import World


@dataclass(slots=True)
class MailService:
    """`answers`: the statuses of the next requests; 200 when there are no more. An empty one ends
    the connection without an answer.
    """

    requests: list[Any] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)

    def headers(self) -> dict[str, str]:
        """Of the last mail."""
        simple = self.requests[-1]["Content"]["Simple"]
        return {header["Name"]: header["Value"] for header in simple["Headers"]}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        assert head.startswith("post /v2/email/outbound-emails http/1.1")
        assert "/us-east-1/ses/aws4_request" in head
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        self.requests.append(json.loads(await reader.readexactly(length)))
        status = self.answers.pop(0) if self.answers else "200 OK"
        if status:
            body = '{"MessageId": "1"}'
            lines = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            writer.write(lines.encode())
            await writer.drain()
        writer.close()


@asynccontextmanager
async def recording_mails(world: World) -> AsyncIterator[MailService]:
    service = MailService()
    server = await asyncio.start_server(service.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    await world.run(call_ses_at, f"http://127.0.0.1:{port}")
    try:
        async with server:
            yield service
    finally:
        await world.run(call_ses_at, "")


def call_ses_at(url: str) -> None:
    """In the process of the functions; the emulator by default."""
    os.environ.pop("AWS_ENDPOINT_URL_SESV2", None)
    if url:
        os.environ["AWS_ENDPOINT_URL_SESV2"] = url
