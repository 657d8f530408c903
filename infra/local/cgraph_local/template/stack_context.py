"""What a stack is resolved with: local addresses, parameter values, outputs of nested stacks."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from cgraph_local.template.pseudo_parameters import REGION, URL_SUFFIX


@dataclass(frozen=True, slots=True)
class StackContext:
    gateway_url: str
    """For example `http://127.0.0.1:8000`: it serves the APIs of the template."""
    emulator_url: str
    """It serves SQS and S3."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The outputs of each nested stack, by its logical id."""

    def localize(self, text: str, *, http_api: str, socket_api: str) -> str:
        """Replaces the addresses of the template's own APIs by those of the local gateway, in each
        line.

        `http_api`, `socket_api`: their API ids.
        """
        lines = text.split("\n")
        return "\n".join(self._local(line, http=http_api, sockets=socket_api) for line in lines)

    def _local(self, text: str, *, http: str, sockets: str) -> str:
        sockets = f"{sockets}.execute-api.{REGION}.{URL_SUFFIX}"
        for scheme, local_url in (
            ("wss", self.gateway_url.replace("http", "ws", 1)),
            ("https", self.gateway_url),
        ):
            text = _replace_stage_url(text, f"{scheme}://{sockets}", f"{local_url}/ws")
        http_url = f"https://{http}.execute-api.{REGION}.{URL_SUFFIX}"
        return text.replace(http_url, self.gateway_url)


def _replace_stage_url(text: str, url: str, local_url: str) -> str:
    """Replaces `url` and the stage that follows it in the path."""
    before, separator, after = text.partition(url)
    if not separator:
        return text
    _, _, path = after.removeprefix("/").partition("/")
    return f"{before}{local_url}/{path}" if path else f"{before}{local_url}"


def api_id(logical_id: str) -> str:
    """Ten characters, like API ids on AWS. The same logical id always gives the same one."""
    return hashlib.sha256(logical_id.encode()).hexdigest()[:10]
