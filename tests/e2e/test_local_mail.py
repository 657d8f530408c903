"""Mails of the local cloud are read on its page, as JSON and in the terminal, by its user only."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pytest

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.placeholders import Placeholders
from tests.contract.checkout import CHECKOUT
from tests.system import LocalSystem

PATH = "/_local/mail"


@pytest.fixture
def address(local: LocalSystem) -> str:
    """To which a mail was sent."""
    cloud, address = RunningCloud(local.home), f"{uuid4().hex}@example.org"
    event = json.loads((CHECKOUT / "events" / "send_mail.json").read_text())
    job = json.loads(event["Records"][0]["body"])
    job |= {"to": address, "html": "<p>Hello <script>alert(1)</script></p>"}
    event["Records"][0]["body"] = json.dumps(job)
    invocation = cloud.request("POST", "/_local/invoke/SendMail", event)
    assert invocation["payload"] == {"batchItemFailures": []}, invocation
    return address


def test_a_mail_is_in_the_json_and_in_the_terminal(local: LocalSystem, address: str) -> None:
    mails = RunningCloud(local.home).request("GET", PATH)
    (mail,) = (mail for mail in mails if mail["to"] == [address])
    assert mail["subject"] == "Grace sent you a message"
    assert mail["sender"] == "CGraph <no-reply@cgraph.example>"
    printed = local.cgraph("mail", address)
    assert f"To: {address}\n" in printed
    assert "- Grace sent you a message\n" in printed


def test_the_page_runs_nothing_of_a_mail(local: LocalSystem, address: str) -> None:
    response = httpx.get(local.cgraph("mail", "--page").strip(), headers={"accept": "text/html"})
    assert response.status_code == 200
    assert address in response.text
    assert "<script" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer wrong"}, {"origin": "https://evil.example"}]
)
def test_nobody_else_reads_the_mails(local: LocalSystem, headers: dict[str, str]) -> None:
    if "origin" in headers:
        headers = headers | Credentials.of(local.home).admin_headers
    response = httpx.get(f"http://127.0.0.1:{local.port}{PATH}", headers=headers)
    assert response.status_code == 403


def test_the_placeholder_of_a_mail_token_is_accepted(local: LocalSystem) -> None:
    cloud = RunningCloud(local.home)
    placeholders = Placeholders(cloud)
    token = placeholders.fill("{{mail_token}}")
    placeholders.close()
    response = httpx.post(f"{cloud.address}/mail/unsubscribe?token={token}")
    assert (response.status_code, response.headers["content-type"]) == (
        200,
        "text/html; charset=utf-8",
    )
