"""infra/search.yaml: the engine that queries are proved on, where only our functions reach it."""

from __future__ import annotations

from typing import Any

import pytest

from cgraph_local.services.opensearch_files import version
from tests.contract.infrastructure import SIZES, resolved, stack


def domain(size: str) -> dict[str, Any]:
    return dict(resolved("search", size=size, Subnets="a,b,c")["Domain"])


def test_the_engine_is_the_one_of_the_tests() -> None:
    major, minor, _ = version().split(".")
    assert domain("medium")["EngineVersion"] == f"OpenSearch_{major}.{minor}"


@pytest.mark.parametrize("size", SIZES)
def test_it_is_encrypted_and_only_in_the_vpc(size: str) -> None:
    found = domain(size)
    assert found["EncryptionAtRestOptions"] == {"Enabled": True}
    assert found["NodeToNodeEncryptionOptions"] == {"Enabled": True}
    assert found["DomainEndpointOptions"]["EnforceHTTPS"] is True
    assert found["DomainEndpointOptions"]["TLSSecurityPolicy"].startswith("Policy-Min-TLS-1-2")
    assert found["VPCOptions"]["SubnetIds"]
    assert found["VPCOptions"]["SecurityGroupIds"] == ["SearchGroup.None"]


def test_nobody_has_access_without_a_policy_of_iam() -> None:
    """The account as the principal of a policy leaves it to IAM."""
    (statement,) = domain("medium")["AccessPolicies"]["Statement"]
    assert statement["Principal"] == {"AWS": "arn:aws:iam::000000000000:root"}
    assert statement["Resource"].endswith(":domain/a-Name/*")


@pytest.mark.parametrize("size", SIZES)
def test_each_node_has_a_zone_of_its_own(size: str) -> None:
    cluster = domain(size)["ClusterConfig"]
    nodes = cluster["InstanceCount"]
    assert cluster["ZoneAwarenessEnabled"] is (nodes > 1)
    if nodes > 1:
        assert cluster["ZoneAwarenessConfig"] == {"AvailabilityZoneCount": nodes}


@pytest.mark.parametrize("size", SIZES)
def test_the_alarm_on_the_disk_is_at_a_quarter_of_it(size: str) -> None:
    thresholds = stack("search_alarms")["Mappings"]["Thresholds"][size]
    gigabytes = stack("search")["Mappings"]["Sizes"][size]["Gigabytes"]
    assert thresholds["FreeDisk"] == gigabytes * 1024 / 4
