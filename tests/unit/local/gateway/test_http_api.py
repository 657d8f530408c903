"""The HTTP API against AWS's documented shapes."""

import json
import re
from dataclasses import replace

import httpx
import pytest

from cgraph_local.template import Cors, HttpRoute
from tests.unit.local.gateway.problem_documents import assert_problem
from tests.unit.local.gateway.running_gateway import HTTP_API, RunningGateway, StartGateway


async def test_the_event_has_payload_format_2(gateway: RunningGateway) -> None:
    response = await gateway.http.post(
        "/echo?parameter1=value1&parameter1=value2&parameter2=value%20x",
        content="Hello from Lambda",
        headers=[
            ("content-type", "text/plain"),
            ("Header1", "value1"),
            ("header2", "value1"),
            ("header2", "value2"),
            ("cookie", "cookie1=a; cookie2=b"),
            ("x-forwarded-for", "192.0.2.1"),
            ("user-agent", "agent"),
        ],
    )
    event = response.json()
    context = event["requestContext"]
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", event["headers"]["x-amzn-trace-id"])
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", context["time"])
    assert response.headers["apigw-requestid"] == context["requestId"]
    assert event == {
        "version": "2.0",
        "routeKey": "POST /echo",
        "rawPath": "/echo",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value%20x",
        "cookies": ["cookie1=a", "cookie2=b"],
        "headers": {
            "accept": "*/*",
            "accept-encoding": "gzip, deflate",
            "content-length": "17",
            "content-type": "text/plain",
            "header1": "value1",
            "header2": "value1,value2",
            "host": f"127.0.0.1:{gateway.port}",
            "user-agent": "agent",
            "x-amzn-trace-id": event["headers"]["x-amzn-trace-id"],
            "x-forwarded-for": "192.0.2.1, 127.0.0.1",
            "x-forwarded-port": str(gateway.port),
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"parameter1": "value1,value2", "parameter2": "value x"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api123",
            "domainName": "api123.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "api123",
            "http": {
                "method": "POST",
                "path": "/echo",
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "agent",
            },
            "requestId": context["requestId"],
            "routeKey": "POST /echo",
            "stage": "$default",
            "time": context["time"],
            "timeEpoch": context["timeEpoch"],
        },
        "body": "Hello from Lambda",
        "isBase64Encoded": False,
    }


async def test_empty_fields_are_left_out_and_paths_are_decoded(gateway: RunningGateway) -> None:
    event = (await gateway.http.get("/posts/caf%C3%A9")).json()
    assert event["pathParameters"] == {"id": "café"}
    assert event["rawPath"] == "/posts/café"
    assert event.keys() & {"body", "cookies", "queryStringParameters"} == set()


@pytest.mark.parametrize(
    ("kind", "body", "text", "encoded"),
    [
        ("application/json", b'{"a": 1}', '{"a": 1}', False),
        ("application/problem+json; charset=utf-8", b"{}", "{}", False),
        ("text/plain", b"\xff\xfe", "//4=", True),
        ("image/png", b"abc", "YWJj", True),
        (None, b"abc", "YWJj", True),
    ],
)
async def test_a_body_is_base64_unless_it_is_text(
    gateway: RunningGateway, kind: str | None, body: bytes, text: str, encoded: bool
) -> None:
    headers = {"content-type": kind} if kind else {}
    event = (await gateway.http.post("/echo", content=body, headers=headers)).json()
    assert (event["body"], event["isBase64Encoded"]) == (text, encoded)


async def call_with_result(gateway: RunningGateway, returned: object) -> httpx.Response:
    return await gateway.http.post(
        "/result", content=json.dumps(returned), headers={"content-type": "application/json"}
    )


async def test_a_result_with_a_status_code_becomes_the_response(gateway: RunningGateway) -> None:
    response = await call_with_result(
        gateway,
        {
            "statusCode": 201,
            "headers": {"X-One": "1", "content-type": "image/png", "x-number": 7},
            "cookies": ["a=1; Path=/", "b=2"],
            "body": "AAEC",
            "isBase64Encoded": True,
        },
    )
    assert (response.status_code, response.content) == (201, b"\x00\x01\x02")
    assert response.headers["x-one"] == "1"
    assert response.headers["x-number"] == "7"
    assert response.headers["content-type"] == "image/png"
    assert response.headers.get_list("set-cookie") == ["a=1; Path=/", "b=2"]


@pytest.mark.parametrize(
    ("returned", "body"),
    [({"a": [1]}, b'{"a":[1]}'), ("Hello", b"Hello"), (None, b"null"), ([1, 2], b"[1,2]")],
)
async def test_any_other_result_becomes_the_body_of_a_200(
    gateway: RunningGateway, returned: object, body: bytes
) -> None:
    response = await call_with_result(gateway, returned)
    assert (response.status_code, response.content) == (200, body)
    assert response.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "returned",
    [
        {"statusCode": "many"},
        {"statusCode": 99},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "body": "not base64", "isBase64Encoded": True},
        {"statusCode": 200, "body": "a\ud800"},
        {"statusCode": 200, "headers": {"x-one": "1\r\nx-two: 2"}},
        {"statusCode": 200, "headers": ["x-one"]},
        {"statusCode": 200, "cookies": "a=1"},
    ],
)
async def test_a_malformed_result_is_answered_with_502(
    gateway: RunningGateway, returned: object
) -> None:
    response = await call_with_result(gateway, returned)
    assert_problem(response, 502, "function_failed", "Internal Server Error")


@pytest.mark.parametrize(
    ("path", "status", "code", "message"),
    [
        ("/fail", 502, "function_failed", "Internal Server Error"),
        ("/crash", 502, "function_failed", "Internal Server Error"),
        ("/slow", 504, "function_timed_out", "Service Unavailable"),
        ("/late", 504, "function_timed_out", "Service Unavailable"),
        ("/nowhere", 404, "not_found", "Not Found"),
    ],
)
async def test_failures_are_answered_with_problem_documents(
    gateway: RunningGateway, path: str, status: int, code: str, message: str
) -> None:
    response = await gateway.http.get(path, timeout=10)
    assert_problem(response, status, code, message)
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert (await gateway.http.get("/echo")).status_code == 200


async def test_head_and_options_need_routes_of_their_own(gateway: RunningGateway) -> None:
    assert (await gateway.http.head("/echo")).status_code == 404
    assert (await gateway.http.options("/echo")).status_code == 404


async def test_a_defect_of_the_gateway_is_a_problem_and_logged(
    start_gateway: StartGateway, caplog: pytest.LogCaptureFixture
) -> None:
    routes = (HttpRoute("GET", "/echo", "Missing"),)
    gateway = await start_gateway(http_api=replace(HTTP_API, routes=routes))
    response = await gateway.http.get("/echo")
    assert_problem(response, 500, "gateway_failed", "Internal Server Error")
    assert "GET /echo failed in the gateway" in caplog.text


async def test_the_access_log_is_a_line_a_request(
    start_gateway: StartGateway, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = await start_gateway(access_log=True)
    await gateway.http.get("/nowhere")
    assert re.fullmatch(r"GET /nowhere → 404 in [\d.]+ ms\n", capsys.readouterr().out)


async def test_the_gateway_sets_the_cors_headers_itself(start_gateway: StartGateway) -> None:
    cors = Cors(
        allow_origins=("https://a.example",),
        allow_methods=("GET", "POST"),
        allow_headers=("authorization",),
        expose_headers=("x-one",),
        allow_credentials=True,
        max_age=60,
    )
    gateway = await start_gateway(http_api=replace(HTTP_API, cors=cors))
    asks = {"origin": "https://a.example", "access-control-request-method": "POST"}
    preflight = await gateway.http.options("/anything", headers=asks)
    assert preflight.status_code == 204
    assert cors_headers(preflight) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization",
        "access-control-max-age": "60",
    }
    other = {**asks, "origin": "http://localhost:3000"}
    preflight = await gateway.http.options("/anything", headers=other)
    assert (preflight.status_code, cors_headers(preflight)) == (204, {})
    response = await gateway.http.get("/nowhere", headers={"origin": "https://a.example"})
    assert cors_headers(response) == {
        "access-control-allow-origin": "https://a.example",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": "x-one",
    }


async def test_an_api_without_routes_and_a_default_route(start_gateway: StartGateway) -> None:
    assert (await (await start_gateway(http_api=None)).http.get("/echo")).status_code == 404
    routes = (*HTTP_API.routes, HttpRoute("ANY", "$default", "Echo"))
    gateway = await start_gateway(http_api=replace(HTTP_API, routes=routes))
    event = (await gateway.http.patch("/any/where")).json()
    assert (event["routeKey"], event["rawPath"]) == ("$default", "/any/where")


def cors_headers(response: httpx.Response) -> dict[str, str]:
    return {k: v for k, v in response.headers.items() if k.startswith("access-control-")}
