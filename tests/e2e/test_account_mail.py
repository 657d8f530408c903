"""Mails of accounts reach their readers, whose links and codes work."""

from __future__ import annotations

import asyncio
import re

import pytest

from cgraph_local.core.running_cloud import RunningCloud
from tests.person import Person
from tests.system import LocalSystem

SECONDS = 30.0
TOKEN = re.compile(r"[?]token=([\w-]+)")


async def mail_to(local: LocalSystem, address: str, *, subject: str) -> str:
    """Its text, once it has come."""
    cloud = RunningCloud(local.home)
    async with asyncio.timeout(SECONDS):
        pause = 0.05
        while True:
            mails = await asyncio.to_thread(cloud.request, "GET", "/_local/mail")
            for mail in mails:
                if mail["to"] == [address] and mail["subject"] == subject:
                    return str(mail["text"])
            await asyncio.sleep(pause)
            pause *= 2


@pytest.fixture
async def person(local: LocalSystem) -> Person:
    return await local.new_person()


async def test_an_address_is_verified_with_the_code_of_the_mail(
    local: LocalSystem, person: Person
) -> None:
    await person.request_json("POST", "/me/email/verification")
    email = (await person.get("/me"))["email"]
    text = await mail_to(local, email, subject="Verify your e-mail address")
    (code,) = re.findall(r"^\d{6}$", text, re.MULTILINE)
    await person.request_json("POST", "/me/email/verify", body={"code": code})
    assert (await person.get("/me"))["email_verified"]


async def test_a_lost_password_is_reset_with_the_link_of_the_mail(
    local: LocalSystem, person: Person
) -> None:
    asked = await person.http.post("/auth/password/forgot", json={"login": person.username})
    assert asked.status_code == 204, asked.text
    email = (await person.get("/me"))["email"]
    text = await mail_to(local, email, subject="Choose a new password")
    (url,) = set(re.findall(r"http://\S+", text))
    page = await person.http.get(url)
    assert (page.status_code, person.username in page.text) == (200, True)
    (token,) = set(TOKEN.findall(url))
    body = {"token": token, "new_password": "my own new battery"}
    done = await person.http.post("/auth/password/reset", json=body)
    assert done.status_code == 204, done.text
    login = {"login": person.username, "password": "my own new battery"}
    assert (await person.http.post("/auth/login", json=login)).status_code == 200
    assert await mail_to(local, email, subject="Your password was changed")


async def test_an_operator_resets_a_password(local: LocalSystem, person: Person) -> None:
    arguments = ("reset-password", person.username, "--reason", "wrote to us")
    printed = await asyncio.to_thread(local.cgraph, "accounts", *arguments)
    assert "token, until" in printed
    assert (await person.request("GET", "/me")).status_code == 401
    assert "reset-password" in await asyncio.to_thread(local.cgraph, "accounts", "audit")
