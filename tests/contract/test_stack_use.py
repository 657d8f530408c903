"""How the root template stands on its stacks."""

from typing import Any

import pytest

from cgraph_local.template.translate import translate
from tests.contract.checkout import CHECKOUT, Checkout

OUTSIDE = {"CheckHealth", "RefuseUnknownRoute", "PushEvents"}
"""What needs nothing of the VPC, or what the VPC has no way to."""

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def root() -> Resources:
    return dict(Checkout(CHECKOUT).template["Resources"])


def test_who_uses_state_is_in_the_vpc_and_who_posts_to_sockets_is_not(root: Resources) -> None:
    for name, resource in root.items():
        if resource["Type"] != "AWS::Serverless::Function":
            continue
        properties = resource["Properties"]
        outside = properties.get("VpcConfig") == {"Ref": "AWS::NoValue"}
        may = {policy["Ref"] for policy in properties.get("Policies", [])}
        assert outside == (name in OUTSIDE), name
        assert not (outside and may & {"UseDatabase", "UseCache"}), name
        assert outside or "ManageSockets" not in may, name


def test_every_queue_bounds_its_worker(root: Resources) -> None:
    for name, resource in root.items():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            if event["Type"] == "SQS":
                assert event["Properties"]["ScalingConfig"]["MaximumConcurrency"], name


def test_the_http_api_writes_an_access_log_without_queries_or_headers(root: Resources) -> None:
    written = root["Api"]["Properties"]["AccessLogSettings"]["Format"]
    assert "$context.requestId" in written
    assert "query" not in written
    assert "header" not in written.lower()


def test_capabilities_name_the_stage_s_own(root: Resources) -> None:
    for name in ("UseDatabase", "OwnDatabase", "UseCache"):
        for statement in root[name]["Properties"]["PolicyDocument"]["Statement"]:
            assert "Outputs" in str(statement["Resource"]), name
            assert "*" not in str(statement["Resource"]), name


def test_every_role_stays_within_the_boundary_that_ci_asks_for() -> None:
    """Those that SAM makes too: CloudFormation could not make another one there."""
    template = translate(CHECKOUT / "template.yaml", cache=None)
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            assert "PermissionsBoundary" in resource["Properties"], name
