"""How the root template stands on its stacks."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Report
from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.roles import role_yaml
from tests.contract.room import room

OUTSIDE = {"CheckHealth", "RefuseUnknownRoute", "PushEvents"}
"""What needs nothing of the VPC, or what the VPC has no way to."""

LEAST_ROOM = 20
NO_VALUE = {"Ref": "AWS::NoValue"}
BOUNDARY = {"Fn::If": ["Bounded", {"Ref": "PermissionsBoundary"}, NO_VALUE]}

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


@pytest.fixture(scope="module")
def root(checkout: Checkout) -> Resources:
    return dict(checkout.template["Resources"])


def test_who_uses_state_is_in_the_vpc_and_who_posts_to_sockets_is_not(
    checkout: Checkout, root: Resources
) -> None:
    for name in checkout.declared:
        outside = root[name]["Properties"].get("VpcConfig") == NO_VALUE
        may = checkout.role_of(name).capabilities
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


def test_ci_may_make_every_role(checkout: Checkout) -> None:
    """Those that SAM makes too: CloudFormation's role in infra/pipeline.yaml may make only roles
    within the boundary, with the path and the name that CloudFormation gives them by itself.
    """
    for name, resource in checkout.translated["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            assert resource["Properties"]["PermissionsBoundary"] == BOUNDARY, name
            assert not {"Path", "RoleName"} & resource["Properties"].keys(), name


def test_a_new_role_is_shown_as_the_template_has_it(checkout: Checkout) -> None:
    text = (CHECKOUT / "template.yaml").read_text()
    for role in checkout.roles.values():
        assert f"\n\n{role_yaml(role.policies)}\n" in text


def test_there_is_room_for_more_functions(
    checkout: Checkout, tmp_path: Path, report: Report
) -> None:
    found = room(checkout.template, checkout.translated, folder=tmp_path)
    least = min(each.functions for each in found.values())
    report(
        "Room in the root stack",
        **{"HTTP functions": least, **{f"by {name}": each for name, each in found.items()}},
    )
    assert found["resources"].each == 2, "a route is a function and the permission to invoke it"
    assert least >= LEAST_ROOM, "divide the root stack before the next feature"
