import pytest

from cgraph.core.addresses import Network, network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", Network("203.0.113.7")),
        ("::ffff:203.0.113.7", Network("203.0.113.7")),
        ("::FFFF:CB00:7107", Network("203.0.113.7")),
        ("2001:db8:1:2::1", Network("2001:0db8:0001", "0002")),
        ("2001:DB8:1:2:ffff:ffff:ffff:ffff", Network("2001:0db8:0001", "0002")),
        ("2001:db8:1::1", Network("2001:0db8:0001", "0000")),
        ("fe80::1%eth0", Network("fe80:0000:0000", "0000")),
        ("::1", Network("0000:0000:0000", "0000")),
        ("test-invoke-source-ip", Network("test-invoke-source-ip")),
        ("", Network("")),
    ],
)
def test_a_sender_is_an_ipv4_address_or_the_64_of_an_ipv6_address(
    address: str, network: Network
) -> None:
    assert network_of(address) == network


def test_the_text_of_a_network_tells_the_64s_of_a_48_apart() -> None:
    assert str(network_of("2001:db8:1:2::1")) != str(network_of("2001:db8:1:3::1"))
    assert str(network_of("203.0.113.7")) == "203.0.113.7"
