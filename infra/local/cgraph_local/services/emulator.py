"""The emulator of SQS, S3 and SES, which has a virtual environment of its own."""

from __future__ import annotations

import asyncio
import http.client
import json
import signal
from collections.abc import Sequence
from pathlib import Path

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.core.sent_mails import ses_authorization
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.ports import free_port
from cgraph_local.services.process import Command, StopSignals

PYTHON = CHECKOUT / ".venv-emulator" / "bin" / "python"
GUARD = Path(__file__).with_name("emulator_guard.py")
USED = ("s3", "sqs", "ses")
"""The services that the template uses."""

MAIL_DOMAIN = "cgraph.example"
"""Of the sender of mails; the emulator takes them of no other."""


class Emulator:
    name = "emulator"
    start_seconds = 30.0
    # It saves its state on SIGTERM only.
    stop_signals: StopSignals = ((signal.SIGTERM, 10.0),)

    def __init__(self, home: Home, *, services: Sequence[str] = USED) -> None:
        """`services`: that it emulates; none names all."""
        self._services = services
        self._credentials = Credentials.of(home)
        self._folder = home.folder("emulator")
        self._log = home.logs / "emulator.log"
        self.port = 0

    def choose_ports(self) -> None:
        self.port = free_port()

    async def command(self) -> Command:
        if not PYTHON.exists():
            raise ServiceFailed(
                self.name, reason=f"is not installed ({PYTHON}); `make run` does it"
            )
        temporary = self._folder / "tmp"
        temporary.mkdir(exist_ok=True)
        return Command(
            program=PYTHON,
            arguments=[str(GUARD)],
            log=self._log,
            environment={
                "HOME": str(self._folder),
                "TMPDIR": str(temporary),
                "GATEWAY_PORT": str(self.port),
                "BIND_HOST": "127.0.0.1",
                "LOG_LEVEL": "WARNING",
                "IOT_MTLS_ENABLED": "0",
                "SFTP_ENABLED": "0",
                "PERSIST_STATE": "1",
                "STATE_DIR": str(self._folder / "state"),
                "S3_PERSIST": "1",
                "S3_DATA_DIR": str(self._folder / "s3"),
                "SERVICES": ",".join(self._services),
                "AWS_ACCESS_KEY_ID": self._credentials.access_key_id,
                "AWS_SECRET_ACCESS_KEY": self._credentials.secret_access_key,
                "AWS_DEFAULT_REGION": "us-east-1",
            },
        )

    async def is_ready(self) -> bool:
        try:
            return await asyncio.to_thread(self._is_healthy)
        except (OSError, http.client.HTTPException):
            return False

    async def after_start(self) -> Sequence[str]:
        await asyncio.to_thread(self._prove_mail_domain)
        return []

    def _prove_mail_domain(self) -> None:
        """SES takes mail only of a sender whose domain it knows."""
        if "ses" not in self._services:
            return
        body = json.dumps({"EmailIdentity": MAIL_DOMAIN})
        key = self._credentials.access_key_id
        headers = {"Authorization": ses_authorization(key), "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("POST", "/v2/email/identities", body=body, headers=headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        if response.status != 200 and b"AlreadyExists" not in answer:
            raise ServiceFailed(self.name, reason=f"takes no sender of mail: {answer!r}")

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/_ministack/health")
            return connection.getresponse().status == 200
        finally:
            connection.close()
