"""Our signature is botocore's, for the same request at the same moment."""

from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, quote

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from cgraph.core import iam

MOMENT = datetime(2026, 11, 23, 7, 0, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a/session+token==")


@pytest.mark.parametrize(
    ("service", "host", "query"),
    [
        ("rds-db", "proxy.example:5432", {"Action": "connect", "DBUser": "cgraph"}),
        (
            "elasticache",
            "cgraph-cache",
            {"Action": "connect", "User": "cgraph", "ResourceType": "ServerlessCache"},
        ),
    ],
)
def test_the_signature_is_botocores(service: str, host: str, query: dict[str, str]) -> None:
    request = AWSRequest("GET", f"https://{host}/", params=query)
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    signer = SigV4QueryAuth(
        Credentials("AKIDEXAMPLE", secret, "a/session+token=="), service, "eu-west-1", expires=900
    )
    with patch("botocore.auth.get_current_datetime", return_value=MOMENT.replace(tzinfo=None)):
        signer.add_auth(request)
    theirs = parse_qs(request.prepare().url.partition("?")[2])
    ours = iam.presign(service, host=host, query=query, at=MOMENT)
    assert ours.startswith(f"{host}/?")
    assert parse_qs(ours.partition("?")[2]) == theirs


def test_signed_headers_are_botocores() -> None:
    body = b'{"QueueUrl": "https://queue.example/1/push"}'
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.Send"}
    request = AWSRequest("POST", "https://queue.example/", headers=headers, data=body)
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    signer = SigV4Auth(Credentials("AKIDEXAMPLE", secret, "a/session+token=="), "sqs", "eu-west-1")
    with patch("botocore.auth.get_current_datetime", return_value=MOMENT.replace(tzinfo=None)):
        signer.add_auth(request)
    ours = iam.signed_headers("sqs", host="queue.example", headers=headers, body=body, at=MOMENT)
    assert ours["authorization"] == request.headers["Authorization"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_path_is_signed_as_botocore_does(method: str) -> None:
    body = "grüße".encode()
    path = "/production/@connections/" + quote("L0SM9cOF~i-A+MC/UA==", safe="")
    request = AWSRequest(method, f"https://api.example{path}", data=body)
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    credentials = Credentials("AKIDEXAMPLE", secret, "a/session+token==")
    signer = SigV4Auth(credentials, "execute-api", "eu-west-1")
    with patch("botocore.auth.get_current_datetime", return_value=MOMENT.replace(tzinfo=None)):
        signer.add_auth(request)
    ours = iam.signed_headers(
        "execute-api",
        method=method,
        host="api.example",
        path=path,
        headers={},
        body=body,
        at=MOMENT,
    )
    assert ours["authorization"] == request.headers["Authorization"]


@pytest.mark.parametrize(
    "query", ["", "refresh=wait_for&a=1", "b=x+y%2Fz~&a=&a=%C3%BC", "filter_path=a.b%2C-c%2A"]
)
def test_a_query_is_signed_as_botocore_does(query: str) -> None:
    request = AWSRequest("POST", f"https://search.example/messages/_search?{query}", data=b"{}")
    secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    credentials = Credentials("AKIDEXAMPLE", secret, "a/session+token==")
    signer = SigV4Auth(credentials, "es", "eu-west-1")
    # the HTTP library encodes a space as +, which AWS takes as a space and signs as %20
    request.url = request.url.replace("+", "%20")
    with patch("botocore.auth.get_current_datetime", return_value=MOMENT.replace(tzinfo=None)):
        signer.add_auth(request)
    ours = iam.signed_headers(
        "es",
        host="search.example",
        path="/messages/_search",
        query=query,
        headers={},
        body=b"{}",
        at=MOMENT,
    )
    assert ours["authorization"] == request.headers["Authorization"]


def test_what_many_requests_have_in_common_is_signed_as_each_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    signer = iam.Signer("execute-api", host="api.example")
    for second, method, name, body in [
        (0, "POST", "L0SM9cOF~i-A+MC/UA==", b"1"),
        (0, "POST", "another", b"1"),
        (0, "DELETE", "another", b""),
        (1, "POST", "another", b"1"),
        (86_400, "POST", "another", b"2"),
    ]:
        path, at = f"/stage/@connections/{quote(name, safe='')}", MOMENT + timedelta(seconds=second)
        alone = iam.signed_headers(
            "execute-api",
            method=method,
            host="api.example",
            path=path,
            headers={},
            body=body,
            at=at,
        )
        lines = signer.header_lines(method, path, body, at=at).split("\r\n")
        assert dict(line.split(": ", 1) for line in lines if line) == alone

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    at = MOMENT + timedelta(seconds=86_401)
    changed = signer.header_lines("POST", path, body, at=at)
    assert changed == iam.Signer("execute-api", host="api.example").header_lines(
        "POST", path, body, at=at
    )


def test_tokens_name_the_user_and_have_no_scheme() -> None:
    token = iam.database_token(host="proxy.example", port=5432, user="cgraph")
    assert token.startswith("proxy.example:5432/?Action=connect&DBUser=cgraph&")
    assert "User=cgraph" in iam.cache_token(cache="cgraph", user="cgraph")
