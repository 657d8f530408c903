"""Calls of AWS, each printed as a command line of the AWS CLI before it is made; a dry run only
prints them, after checking their parameters against the model of the service.
"""

import json
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters

from scripts.deployment.steps import CommandError, print_line

POLL_SECONDS = 15.0
PROGRESS_SECONDS = 60.0
WAIT_SECONDS = 3 * 3600


@dataclass
class Calls:
    region: str
    dry: bool = False
    poll_seconds: float = POLL_SECONDS
    clients: dict[str, Any] = field(default_factory=dict)

    def run(
        self, service: str, operation: str, *, shown: bool = True, **parameters: Any
    ) -> dict[str, Any]:
        """Returns the response; nothing in a dry run. Raises ClientError, ParamValidationError."""
        self._check(service, operation, parameters)
        if shown:
            print_line(f"      $ {cli_line(service, operation, parameters)}")
        if self.dry:
            return {}
        return dict(getattr(self._client(service), operation)(**parameters))

    def find(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """As `run`, but empty if AWS does not find the resource."""
        try:
            return self.run(service, operation, **parameters)
        except ClientError as error:
            if "NotFound" in error.response["Error"]["Code"]:
                return {}
            raise

    def wait(self, status: Callable[[], str], *, until: str, what: str) -> None:
        """Asks until the status is `until`. Raises CommandError on a failure, or after hours."""
        if self.dry:
            print_line(f"      would wait until {what} is {until}")
            return
        started = printed = time.monotonic()
        while (found := status()) != until:
            now = time.monotonic()
            if "fail" in found or "incompatible" in found or now - started > WAIT_SECONDS:
                raise CommandError(f"{what} is {found}, not {until}, after {now - started:.0f} s")
            if now - printed >= PROGRESS_SECONDS:
                print_line(f"      {what} is {found}, {(now - started) / 60:.0f} min")
                printed = now
            time.sleep(self.poll_seconds)

    def _client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = boto3.client(service, region_name=self.region)
        return self.clients[service]

    def _check(self, service: str, operation: str, parameters: dict[str, Any]) -> None:
        model = self._loader.get_service_model(service)
        names = {xform_name(name): name for name in model.operation_names}
        validate_parameters(parameters, model.operation_model(names[operation]).input_shape)

    @cached_property
    def _loader(self) -> Any:
        return boto3.session.Session()._session


def cli_line(service: str, operation: str, parameters: dict[str, Any]) -> str:
    """The call as a user would type it."""
    words = ["aws", service, operation.replace("_", "-")]
    for name, value in parameters.items():
        option = f"--{xform_name(name, '-')}"
        if isinstance(value, bool):
            words.append(option if value else option.replace("--", "--no-", 1))
            continue
        words += [option, *(map(_word, value) if isinstance(value, list) else [_word(value)])]
        if isinstance(value, bytes):
            words += ["--cli-binary-format", "raw-in-base64-out"]
    if operation == "invoke":
        words.append("/dev/stdout")
    return " ".join(words)


def _word(value: object) -> str:
    if isinstance(value, bytes):
        return shlex.quote(value.decode())
    return shlex.quote(json.dumps(value) if isinstance(value, dict) else str(value))
