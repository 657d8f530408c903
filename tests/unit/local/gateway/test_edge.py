"""The gateway in the role of the edge."""

from tests.unit.local.gateway.running_gateway import CREDENTIALS, StartGateway

FORGED = {"x-cgraph-viewer": "203.0.113.9", "x-cgraph-edge": "1.guess"}


async def test_the_edge_replaces_what_the_client_sends_by_its_headers(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(edge=True)
    event = (await gateway.http.get("/echo", headers=FORGED)).json()
    assert event["headers"]["x-cgraph-viewer"] == "127.0.0.1"
    assert event["headers"]["x-cgraph-edge"] == CREDENTIALS.edge_key
    assert event["requestContext"]["http"]["sourceIp"] == "198.51.100.1"
    assert event["headers"]["x-forwarded-for"] == "198.51.100.1"


async def test_the_edge_takes_the_version_from_the_path(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(edge=True)
    for path in ("/v1/echo", "/echo"):
        assert (await gateway.http.get(path)).json()["rawPath"] == "/echo"
    assert (await gateway.http.get("/v1echo")).status_code == 404


async def test_the_origin_has_a_host_of_its_own_that_passes_the_edge_by(
    start_gateway: StartGateway,
) -> None:
    gateway = await start_gateway(edge=True)
    headers = {**FORGED, "host": f"origin.localhost:{gateway.port}"}
    event = (await gateway.http.get("/echo", headers=headers)).json()
    assert event["headers"]["x-cgraph-edge"] == "1.guess"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"


async def test_without_the_option_there_is_no_edge(start_gateway: StartGateway) -> None:
    gateway = await start_gateway()
    event = (await gateway.http.get("/echo", headers=FORGED)).json()
    assert event["headers"]["x-cgraph-edge"] == "1.guess"
    assert (await gateway.http.get("/v1/echo")).status_code == 404
