"""How the root template uses its nested stacks, roles and quotas."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Report
from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.headroom import headroom
from tests.contract.roles import role_yaml

OUTSIDE = {
    "CheckHealth",
    "RefuseUnknownRoute",
    "PushEvents",
    "SendPhonePush",
    "SendWebPush",
    "SendMail",
    "FetchPreviews",
}
"""Functions that need nothing in the VPC, or something that cannot be reached from it."""

MIN_HEADROOM = 20
NO_VALUE = {"Ref": "AWS::NoValue"}
BOUNDARY = {"Fn::If": ["Bounded", {"Ref": "PermissionsBoundary"}, NO_VALUE]}

Resources = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


@pytest.fixture(scope="module")
def root(checkout: Checkout) -> Resources:
    return dict(checkout.template["Resources"])


def test_functions_with_state_are_in_the_vpc_and_those_that_post_to_sockets_are_not(
    checkout: Checkout, root: Resources
) -> None:
    for name in checkout.declared:
        outside = root[name]["Properties"].get("VpcConfig") == NO_VALUE
        capabilities = checkout.role_of(name).capabilities
        assert outside == (name in OUTSIDE), name
        assert not (outside and capabilities & {"UseDatabase", "UseCache"}), name
        assert outside or "ManageSockets" not in capabilities, name


def test_every_queue_limits_the_concurrency_of_its_worker(root: Resources) -> None:
    for name, resource in root.items():
        for event in resource.get("Properties", {}).get("Events", {}).values():
            if event["Type"] == "SQS":
                assert event["Properties"]["ScalingConfig"]["MaximumConcurrency"], name


def test_the_http_api_writes_an_access_log_without_queries_or_headers(root: Resources) -> None:
    log_format = root["Api"]["Properties"]["AccessLogSettings"]["Format"]
    assert "$context.requestId" in log_format
    assert "query" not in log_format
    assert "header" not in log_format.lower()


def test_capabilities_name_the_resources_of_their_stage(root: Resources) -> None:
    for name in ("UseDatabase", "OwnDatabase", "UseCache"):
        for statement in root[name]["Properties"]["PolicyDocument"]["Statement"]:
            assert "Outputs" in str(statement["Resource"]), name
            assert "*" not in str(statement["Resource"]), name


def test_ci_may_create_every_role(checkout: Checkout) -> None:
    """Including those that SAM creates: CloudFormation's role in infra/pipeline.yaml may create
    only roles with the boundary, and with the default path and a generated name.
    """
    for name, resource in checkout.translated["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            assert resource["Properties"]["PermissionsBoundary"] == BOUNDARY, name
            assert not {"Path", "RoleName"} & resource["Properties"].keys(), name


def test_the_yaml_of_a_role_is_what_the_template_has(checkout: Checkout) -> None:
    text = (CHECKOUT / "template.yaml").read_text()
    for role in checkout.roles.values():
        assert f"\n\n{role_yaml(role.policies)}\n" in text


def test_the_root_stack_has_headroom_for_more_functions(
    checkout: Checkout, tmp_path: Path, report: Report
) -> None:
    by_limit = headroom(checkout.template, checkout.translated, folder=tmp_path)
    least = min(each.functions for each in by_limit.values())
    report(
        "Headroom in the root stack",
        **{"HTTP functions": least, **{f"by {name}": each for name, each in by_limit.items()}},
    )
    assert by_limit["resources"].each == 1, "a route is a function"
    assert least >= MIN_HEADROOM, "divide the root stack before the next feature"
