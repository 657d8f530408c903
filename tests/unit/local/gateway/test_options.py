from pathlib import Path

import pytest

from cgraph_local.gateway import GatewayOptions


def test_the_defaults_are_those_of_aws() -> None:
    options = GatewayOptions.from_environment({}, documents=Path("docs"))
    assert (options.socket_idle_seconds, options.socket_life_seconds) == (600.0, 7200.0)
    assert options.connections_per_second == 500.0
    assert options.access_log is False


def test_time_limits_are_read_from_the_environment() -> None:
    environment = {
        "CGRAPH_SOCKET_IDLE_SECONDS": "2",
        "CGRAPH_SOCKET_LIFE_SECONDS": "20.5",
        "CGRAPH_ACCESS_LOG": "1",
    }
    options = GatewayOptions.from_environment(environment, documents=Path("docs"))
    assert (options.socket_idle_seconds, options.socket_life_seconds) == (2.0, 20.5)
    assert options.access_log is True


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf"])
def test_an_invalid_time_limit_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="CGRAPH_SOCKET_LIFE_SECONDS"):
        GatewayOptions.from_environment(
            {"CGRAPH_SOCKET_LIFE_SECONDS": text}, documents=Path("docs")
        )
