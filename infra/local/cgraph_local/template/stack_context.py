"""Where a stack is: what the template's parameters and pseudo parameters are on this machine."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

ACCOUNT = "000000000000"
REGION = "us-east-1"
SUFFIX = "amazonaws.com"
STACK_NAME = "cgraph-local"

PSEUDO_PARAMETERS: Mapping[str, object] = {
    "AWS::AccountId": ACCOUNT,
    "AWS::NotificationARNs": [],
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK_NAME}/local",
    "AWS::StackName": STACK_NAME,
    "AWS::URLSuffix": SUFFIX,
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    gateway: str
    """`http://127.0.0.1:8000`: what answers for the APIs of the template."""
    emulator: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By nested stack: what it would have put out."""

    def here(self, text: str, *, http_api: str, socket_api: str) -> str:
        """Addresses of the template's own APIs become those of the gateway."""
        sockets = f"{socket_api}.execute-api.{REGION}.{SUFFIX}"
        for scheme, ours in (
            ("wss", self.gateway.replace("http", "ws", 1)),
            ("https", self.gateway),
        ):
            text = _replace_stage(text, f"{scheme}://{sockets}", f"{ours}/ws")
        return text.replace(f"https://{http_api}.execute-api.{REGION}.{SUFFIX}", self.gateway)


def _replace_stage(text: str, host: str, ours: str) -> str:
    before, found, after = text.partition(host)
    if not found:
        return text
    _, _, rest = after.removeprefix("/").partition("/")
    return f"{before}{ours}/{rest}" if rest else f"{before}{ours}"


def api_id(logical_id: str) -> str:
    """Ten characters, as AWS's are, and always the same ones."""
    return hashlib.sha256(logical_id.encode()).hexdigest()[:10]
