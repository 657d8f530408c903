"""Web pages of other sites can reach 127.0.0.1, and the gateway refuses what they send."""

import asyncio

import pytest
from websockets.exceptions import InvalidStatus

from tests.unit.local.gateway.running_gateway import RunningGateway

HERE = ("127.0.0.1", "localhost", "[::1]", "LOCALHOST")
ELSEWHERE = (
    *("evil.example", "127.0.0.1.evil.example", "evil.example#127.0.0.1", "192.168.1.2"),
    *("127.0.0.1@evil.example", "localhost.evil.example", "[::2]", "0.0.0.0", "[", ""),
)


@pytest.mark.parametrize("name", HERE)
async def test_a_host_of_this_machine_is_answered(gateway: RunningGateway, name: str) -> None:
    headers = {"host": f"{name}:{gateway.port}"}
    assert (await gateway.http.get("/echo", headers=headers)).status_code == 200


@pytest.mark.parametrize("name", ELSEWHERE)
async def test_any_other_host_is_refused(gateway: RunningGateway, name: str) -> None:
    """As a page sends it whose name leads to 127.0.0.1."""
    request = f"GET /echo HTTP/1.1\r\nHost: {name}:{gateway.port}\r\nConnection: close\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(request.encode())
    status = (await reader.readline()).split()[1]
    writer.close()
    await writer.wait_closed()
    assert status == b"403"


@pytest.mark.parametrize("name", HERE)
async def test_a_page_of_this_machine_may_call(gateway: RunningGateway, name: str) -> None:
    headers = {"origin": f"http://{name}:3000", "sec-fetch-site": "cross-site"}
    assert (await gateway.http.post("/echo", headers=headers)).status_code == 200


@pytest.mark.parametrize("origin", ["null", "file://", *(f"https://{name}" for name in ELSEWHERE)])
async def test_a_page_of_another_site_may_not_call(gateway: RunningGateway, origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        response = await gateway.http.request(method, "/echo", headers={"origin": origin})
        assert response.status_code == 403, method


async def test_a_page_of_another_site_may_link_to_the_documents_only(
    gateway: RunningGateway,
) -> None:
    """A link, an image and a frame come without an Origin, but with Sec-Fetch-Site."""
    (gateway.documents / "openapi.json").write_text("{}")
    for mode in ("navigate", "no-cors"):
        headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": mode}
        assert (await gateway.http.get("/docs", headers=headers)).status_code == 200
        assert (await gateway.http.get("/echo", headers=headers)).status_code == 403
        assert (await gateway.http.post("/echo", headers=headers)).status_code == 403


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
async def test_a_page_of_another_site_opens_no_socket(gateway: RunningGateway, origin: str) -> None:
    before = set(gateway.recorded_events.glob("CONNECT*.json"))
    with pytest.raises(InvalidStatus) as refused:
        await gateway.connect(origin=origin)
    assert refused.value.response.status_code == 403
    with pytest.raises(InvalidStatus):
        await gateway.connect(additional_headers={"Host": "evil.example"})
    assert set(gateway.recorded_events.glob("CONNECT*.json")) == before
