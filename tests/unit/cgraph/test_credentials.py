"""Where signatures get their credentials from: variables, or an endpoint that really answers."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.session import get_session

from cgraph.core import credentials, iam, queues
from cgraph.core.credentials import CredentialsUnavailable
from tests.credentials_endpoint import CredentialsEndpoint, credentials_endpoint

VARIABLES = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
)
FULL_URI = "AWS_CONTAINER_CREDENTIALS_FULL_URI"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[CredentialsEndpoint]:
    """The only source there is."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    credentials.reset()
    with credentials_endpoint() as endpoint:
        for name, value in endpoint.variables.items():
            monkeypatch.setenv(name, value)
        yield endpoint
    credentials.reset()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that are added to the time."""
    ahead = [0.0]
    now = time.time
    monkeypatch.setattr("cgraph.core.credentials.time.time", lambda: now() + ahead[0])
    return ahead


def test_variables_come_first_and_need_no_endpoint(
    endpoint: CredentialsEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDVARIABLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    current = credentials.current()
    assert (current.access_key_id, current.session_token) == ("AKIDVARIABLE", None)
    assert endpoint.requests == 0
    assert "hidden" not in repr(current)


def test_the_endpoint_gives_the_same_as_it_gives_botocore(endpoint: CredentialsEndpoint) -> None:
    theirs = get_session().get_credentials().get_frozen_credentials()
    ours = credentials.current()
    assert (theirs.access_key, theirs.secret_key, theirs.token) == (
        ours.access_key_id,
        ours.secret_access_key,
        ours.session_token,
    )


def test_every_signature_has_the_session_of_the_endpoint(endpoint: CredentialsEndpoint) -> None:
    headers = iam.signed_headers("sqs", host="queue.example", headers={}, body=b"")
    assert "Credential=AKIDFIRST/" in headers["authorization"]
    assert headers["x-amz-security-token"] == "session+of/AKIDFIRST=="
    for token in (
        iam.database_token(host="proxy.example", port=5432, user="cgraph"),
        iam.cache_token(cache="cgraph", user="cgraph"),
    ):
        assert "X-Amz-Credential=AKIDFIRST%2F" in token
        assert "X-Amz-Security-Token=session%2Bof%2FAKIDFIRST%3D%3D" in token
    assert endpoint.requests == 1


def test_credentials_are_fetched_again_shortly_before_they_expire(
    endpoint: CredentialsEndpoint, clock: list[float]
) -> None:
    endpoint.issue("AKIDFIRST", life=timedelta(minutes=30))
    assert credentials.current().access_key_id == "AKIDFIRST"
    endpoint.issue("AKIDSECOND")
    clock[0] = 24 * 60
    assert credentials.current().access_key_id == "AKIDFIRST"
    clock[0] = 26 * 60
    assert credentials.current().access_key_id == "AKIDSECOND"
    assert endpoint.requests == 2


def test_several_threads_that_need_credentials_fetch_them_once(
    endpoint: CredentialsEndpoint,
) -> None:
    endpoint.delay = 0.2
    barrier = threading.Barrier(8)

    def sign(_: int) -> str:
        barrier.wait()
        return credentials.current().access_key_id

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(sign, range(8))) == {"AKIDFIRST"}
    assert endpoint.requests == 1


def test_credentials_that_live_shorter_than_the_margin_are_not_fetched_for_each_signature(
    endpoint: CredentialsEndpoint, clock: list[float]
) -> None:
    endpoint.issue("AKIDFIRST", life=timedelta(minutes=3))
    for seconds in (0, 20, 40, 59):
        clock[0] = seconds
        credentials.current()
    assert endpoint.requests == 1


def test_while_the_endpoint_fails_the_old_credentials_serve_until_they_expire(
    endpoint: CredentialsEndpoint, clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.issue("AKIDFIRST", life=timedelta(minutes=30))
    credentials.current()
    endpoint.answers.extend([(500, b"")] * 100)
    for minute in (26, 27, 29):
        clock[0] = minute * 60
        assert credentials.current().access_key_id == "AKIDFIRST"
    clock[0] = 31 * 60
    with pytest.raises(CredentialsUnavailable, match="gives no credentials: 500"):
        credentials.current()
    endpoint.answers.clear()
    endpoint.issue("AKIDSECOND")
    clock[0] += credentials.PAUSE_SECONDS + 1
    assert credentials.current().access_key_id == "AKIDSECOND"


def test_after_a_failure_the_endpoint_is_left_alone_for_a_moment(
    endpoint: CredentialsEndpoint,
) -> None:
    endpoint.answers.extend([(500, b"")] * 100)
    for _ in range(20):
        with pytest.raises(CredentialsUnavailable, match="500"):
            credentials.current()
    assert endpoint.requests == credentials.ATTEMPTS


SECRET = {"AccessKeyId": "AKID", "SecretAccessKey": "do-not-show", "Token": "do-not-show"}


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (404, b'{"errorType": "InvalidToken"}', "404.*InvalidToken"),
        (200, b"do-not-show, and no JSON", "no credentials document"),
        (200, b'["do-not-show"]', "no credentials document"),
        (200, b"null", "no credentials document"),
        (200, b'{"AccessKeyId": "AKID"}', "no credentials document"),
        (200, json.dumps({**SECRET, "SecretAccessKey": ""}).encode(), "has no key"),
        (200, json.dumps({**SECRET, "Expiration": "tomorrow"}).encode(), "no credentials doc"),
        (200, json.dumps({**SECRET, "Expiration": 7}).encode(), "no credentials document"),
        (200, json.dumps({**SECRET, "Expiration": "2020-01-01T00:00:00Z"}).encode(), "expired at"),
    ],
)
def test_a_bad_answer_is_an_error_that_shows_no_secret(
    endpoint: CredentialsEndpoint, status: int, body: bytes, message: str
) -> None:
    endpoint.answers.extend([(status, body)] * credentials.ATTEMPTS)
    with pytest.raises(CredentialsUnavailable, match=message) as raised:
        credentials.current()
    assert "do-not-show" not in str(raised.value)


def test_a_failure_is_logged_and_counted(
    endpoint: CredentialsEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    logged: list[dict[str, str]] = []
    monkeypatch.setattr("cgraph.core.credentials.metrics.count", counted.append)
    monkeypatch.setattr(
        "cgraph.core.credentials.logger.error",
        lambda event, extra: logged.append({event: extra["reason"]}),
    )
    endpoint.answers.append((404, b"gone"))
    with pytest.raises(CredentialsUnavailable):
        credentials.current()
    assert counted == ["credentials.failed"]
    assert "404 gone" in logged[0]["credentials_fetch_failed"]


def test_an_endpoint_that_is_silent_takes_no_longer_than_the_timeouts(
    endpoint: CredentialsEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        monkeypatch.setenv(FULL_URI, f"http://127.0.0.1:{port}/")
        monkeypatch.setattr(credentials, "TIMEOUT_SECONDS", 0.1)
        started = time.monotonic()
        with pytest.raises(CredentialsUnavailable, match=r"(?i)timeout|timed out"):
            credentials.current()
        assert time.monotonic() - started < 2


@pytest.mark.parametrize("url", ["http://example.com/", "ftp://localhost/", "http://10.0.0.1/"])
def test_the_token_is_not_sent_in_the_clear_to_another_host(
    endpoint: CredentialsEndpoint, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv(FULL_URI, url)
    with pytest.raises(CredentialsUnavailable, match="neither HTTPS nor an address of this host"):
        credentials.current()


def test_a_relative_uri_is_one_of_the_container_host(
    endpoint: CredentialsEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, _, path = endpoint.variables[FULL_URI].rpartition("/2021")
    monkeypatch.setattr(credentials, "CONTAINER_HOST", host)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", f"/2021{path}")
    monkeypatch.delenv(FULL_URI)
    assert credentials.current().access_key_id == "AKIDFIRST"


def test_the_token_in_a_file_is_read_each_time(
    endpoint: CredentialsEndpoint, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(file))
    for text, message in (("", "404"), ("token\nof: two", "line break")):
        file.write_text(text)
        with pytest.raises(CredentialsUnavailable, match=message):
            credentials.current()
        credentials.reset()
    file.write_text(endpoint.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"])
    assert credentials.current().access_key_id == "AKIDFIRST"
    file.unlink()
    credentials.reset()
    with pytest.raises(CredentialsUnavailable, match="cannot be read"):
        credentials.current()


def test_without_any_source_the_error_names_both(
    endpoint: CredentialsEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FULL_URI)
    with pytest.raises(CredentialsUnavailable, match="AWS_ACCESS_KEY_ID nor AWS_CONTAINER_CRED"):
        credentials.current()


def test_a_queue_is_unavailable_while_there_are_no_credentials(
    endpoint: CredentialsEndpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    endpoint.answers.extend([(500, b"")] * 100)
    with pytest.raises(queues.QueueUnavailable, match="gives no credentials"):
        queues.send("http://127.0.0.1:9/000000000000/push", ["{}"])
