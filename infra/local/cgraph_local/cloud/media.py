"""The media of the local cloud: their edge, its port, and what functions must know to sign URLs."""

import socket
from collections.abc import Mapping
from contextlib import suppress

from cgraph_local.cloud.template_parameters import MEDIA_BUCKET
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.gateway import (
    MediaEdge,
    MediaKeys,
    MediaOrigin,
    MediaServer,
    response_headers,
)
from cgraph_local.services import Endpoints
from cgraph_local.services.ports import free_port, hold_port

TEMPLATE = CHECKOUT / "infra" / "media.yaml"


class LocalMedia:
    def __init__(self, home: Home) -> None:
        self._home = home
        self.keys = MediaKeys.of(home)
        self._held = _hold(home)
        self._port = self._held.getsockname()[1]
        self._origin: MediaOrigin | None = None
        self._server: MediaServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def outputs(self) -> Mapping[str, str]:
        """Of the nested stack, which makes a distribution on AWS."""
        return _outputs(self.keys, url=self.url)

    async def start(self, endpoints: Endpoints) -> None:
        self._origin = MediaOrigin(
            endpoints.emulator_url, bucket=MEDIA_BUCKET, credentials=endpoints.credentials
        )
        edge = MediaEdge(
            self._origin,
            base=self.url,
            keys={self.keys.key_id: self.keys.public},
            headers=response_headers(TEMPLATE),
        )
        self._server = MediaServer(edge, port=self._port)
        self._held.close()
        await self._server.start()
        self._home.write_run({"media_url": self.url})

    async def stop(self) -> None:
        self._held.close()
        if self._server is not None:
            await self._server.stop()
        if self._origin is not None:
            await self._origin.close()


def outputs_of_running(home: Home) -> Mapping[str, str]:
    return _outputs(MediaKeys.of(home), url=str((home.read_run() or {})["media_url"]))


def _outputs(keys: MediaKeys, *, url: str) -> Mapping[str, str]:
    return {
        "Url": url,
        "KeyId": keys.key_id,
        "SigningKey": str(keys.file),
        "DistributionId": "",
    }


def _hold(home: Home) -> socket.socket:
    """The port of the last start, unless another process has it now: URLs of public media stay."""
    file = home.folder("media") / "port"
    if file.exists():
        with suppress(OSError):
            return hold_port(int(file.read_text()))
    port = free_port()
    file.write_text(str(port))
    return hold_port(port)
