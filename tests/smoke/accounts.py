"""The two users of the smoke test: the same ones each time, as nothing deletes an account."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

import httpx

from tests.person import Person

FILE = "CGRAPH_SMOKE_ACCOUNTS"
"""The variable with the path of a file that keeps them by the address of the API. Without it they
are new ones."""
USERS = 2


@dataclass(frozen=True, slots=True)
class Account:
    username: str
    password: str

    @classmethod
    def new(cls) -> Account:
        """The password is random, since the stage may be a public one."""
        return cls(f"smoke-{uuid4().hex[:12]}", secrets.token_urlsafe(24))


async def people(url: str, http: httpx.AsyncClient) -> list[Person]:
    """Logs in the users that the file has for this API, and registers those that are missing
    there or here."""
    known = (_read().get(url) or [])[:USERS]
    accounts = [Account(**each) for each in known]
    found, used = [], []
    for number in range(USERS):
        account = accounts[number] if number < len(accounts) else None
        person = await _log_in(http, account) if account else None
        if account is None or person is None:
            account = Account.new()
            person = await _register(http, account)
        found.append(person)
        used.append(account)
    if used != accounts:
        _write({**_read(), url: [asdict(account) for account in used]})
    return found


async def _log_in(http: httpx.AsyncClient, account: Account) -> Person | None:
    """None if the account is not there (any more), as in a database that was restored."""
    body = {"login": account.username, "password": account.password}
    response = await http.post("/auth/login", json=body)
    if response.status_code == 401 and response.json()["code"] == "invalid_credentials":
        return None
    return _person(http, account, response)


async def _register(http: httpx.AsyncClient, account: Account) -> Person:
    email = f"success+{account.username}@simulator.amazonses.com"  # SES counts no bounce
    response = await http.post("/auth/register", json={**asdict(account), "email": email})
    return _person(http, account, response)


def _person(http: httpx.AsyncClient, account: Account, response: httpx.Response) -> Person:
    assert response.is_success, response.text
    document = response.json()
    tokens = document["access_token"], document["refresh_token"]
    return Person(http, account.username, document["user"]["id"], *tokens)


def _read() -> dict[str, list[dict[str, str]]]:
    file = os.environ.get(FILE)
    if not file or not Path(file).exists():
        return {}
    return dict(json.loads(Path(file).read_text()))


def _write(accounts: Mapping[str, list[dict[str, str]]]) -> None:
    if not (name := os.environ.get(FILE)):
        return
    file = Path(name)
    file.parent.mkdir(exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(json.dumps(accounts, indent=2) + "\n")
