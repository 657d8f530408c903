"""The parameters of a deployment: its zones, and that `make diff` sends what `sam deploy` does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from scripts.deployment import commands, zones
from scripts.deployment.account import Account
from scripts.deployment.build import SAM
from scripts.deployment.changes import change_set_parameters
from scripts.deployment.commands import Choice, sam_deploy
from scripts.deployment.stage import Stage, read_stage
from scripts.deployment.steps import CommandError

VIRGINIA = ["use1-az1", "use1-az2", "use1-az3", "use1-az4"]
UNSUPPORTED = {"use1-az3": "RDS Proxy"}


class Region(Account):
    def zones(self) -> list[str]:
        return VIRGINIA


REGION = Region("us-east-1")


def stage(**overrides: str) -> Stage:
    return read_stage("trial", overrides=overrides)


def deployed(**parameters: str) -> dict[str, Any]:
    pairs = ({"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items())
    return {"Parameters": list(pairs)}


def zones_of(overrides: dict[str, str], stack: dict[str, Any] | None) -> str | None:
    chosen = commands.with_zones(stage(**overrides), stack, REGION, dry=False)
    return chosen.parameters.get("Zones")


def test_a_new_stack_gets_three_zones_that_rds_proxy_supports() -> None:
    assert zones_of({"Size": "small"}, None) == "use1-az1,use1-az2,use1-az4"
    assert zones_of({"Size": "large"}, None) == "use1-az1,use1-az2,use1-az4"
    assert zones_of({"Zones": "use1-az4,use1-az1"}, None) == "use1-az4,use1-az1"


def test_a_stack_keeps_its_zones_and_may_get_more() -> None:
    stack = deployed(Zones="use1-az2,use1-az1")
    assert zones_of({"Size": "medium"}, stack) is None  # sam sends UsePreviousValue
    more = "use1-az2,use1-az1,use1-az4"
    assert zones_of({"Size": "large", "Zones": more}, stack) == more


@pytest.mark.parametrize(
    ("overrides", "stack", "message"),
    [
        ({"Zones": "use1-az1,use1-az3"}, None, "RDS Proxy does not run in use1-az3 .*Usable: use1"),
        (
            {"Zones": "us-east-1a,us-east-1b"},
            None,
            "Ids, not names, and usable: use1-az1, use1-az2",
        ),
        ({"Zones": "use1-az1,use1-az1"}, None, "each zone may be named once"),
        ({"Zones": "use1-az1"}, None, "SIZE=small needs 2 zones"),
        ({"Size": "large", "Zones": "use1-az1,use1-az2"}, None, "SIZE=large needs 3 zones"),
        ({"Size": "large"}, {"Zones": "use1-az1,use1-az2"}, "SIZE=large needs 3 zones"),
        ({"Zones": "use1-az1,use1-az4"}, {"Zones": "use1-az1,use1-az2"}, "would replace its data"),
        ({"Zones": "use1-az1,use1-az4"}, {}, "the first zones of its region.*would replace"),
        ({}, {"Zones": "use1-az1,use1-az3"}, "RDS Proxy does not run in use1-az3"),
    ],
)
def test_zones_in_which_a_stage_cannot_be_are_refused(
    overrides: dict[str, str], stack: dict[str, str] | None, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        zones_of(overrides, None if stack is None else deployed(**stack))


def test_a_region_with_too_few_zones_is_refused() -> None:
    california = ["usw1-az1", "usw1-az2", "usw1-az3"]
    unsupported = zones.read_unsupported()
    assert zones.choose(california, size="small", unsupported=unsupported) == "usw1-az1,usw1-az3"
    with pytest.raises(CommandError, match="SIZE=large needs 3 zones, and this region has 2"):
        zones.choose(california, size="large", unsupported=unsupported)


def test_only_zones_of_the_region_itself_that_take_resources_are_available() -> None:
    zone = {
        "State": "available",
        "ZoneType": "availability-zone",
        "OptInStatus": "opt-in-not-required",
    }
    described = [
        {**zone, "ZoneId": "use1-az6"},
        {**zone, "ZoneId": "use1-az1"},
        {**zone, "ZoneId": "use1-az2", "State": "impaired"},
        {
            **zone,
            "ZoneId": "use1-bos1-az1",
            "ZoneType": "local-zone",
            "OptInStatus": "not-opted-in",
        },
    ]
    assert zones.available_ids(described) == ["use1-az1", "use1-az6"]


def test_sam_takes_an_empty_value_and_one_with_spaces() -> None:
    command = sam_deploy(stage(AlarmEmail="", WebOrigins="a b"), Choice())
    assert {'AlarmEmail=""', 'WebOrigins="a b"', "Size=small"} <= set(map(str, command))


PROGRAM = """
import json, sys
from botocore.exceptions import ClientError
from samcli.cli.types import CfnParameterOverridesType
from samcli.commands.deploy.deploy_context import DeployContext
from samcli.lib.deploy.deployer import Deployer

class Client:
    def __init__(self, deployed):
        self.deployed = deployed
    def describe_stacks(self, **_):
        if self.deployed is None:
            reason = "Stack with id s does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": reason}}, "x")
        return {"Stacks": [{"StackStatus": "UPDATE_COMPLETE"}]}
    def get_template_summary(self, **_):
        return {"Parameters": [{"ParameterKey": name} for name in self.deployed]}
    def create_change_set(self, **request):
        self.sent = request["Parameters"]
        return {"Id": "1"}

for case in json.load(sys.stdin):
    overrides = CfnParameterOverridesType().convert(case["overrides"], None, None)
    client = Client(case["deployed"])
    template = {"Parameters": {name: {} for name in case["declared"]}}
    merged = DeployContext.merge_parameters(template, overrides)
    Deployer(client).create_changeset("s", "{}", merged, [], None, [], None, [])
    print(json.dumps(client.sent))
"""


def test_a_diff_sends_the_parameters_that_sam_deploy_sends() -> None:
    """Compared with SAM's own code, for a new stack, a stack, and one that lacks a parameter."""
    if not SAM.exists():
        pytest.skip("needs SAM, which `make deploy` and `make lint` install")
    chosen = stage(AlarmEmail="").parameters
    declared = [*chosen, "LogDays", "Zones"]
    cases: list[list[str] | None] = [None, [*chosen, "LogDays", "Zones"], ["Size", "LogDays"]]
    command = [str(part) for part in sam_deploy(stage(AlarmEmail=""), Choice())]
    start = command.index("--parameter-overrides") + 1
    overrides = command[start : start + len(chosen)]
    done = subprocess.run(
        [SAM.with_name("python"), "-c", PROGRAM],
        input=json.dumps(
            [{"declared": declared, "deployed": case, "overrides": overrides} for case in cases]
        ),
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    theirs = [json.loads(line) for line in done.stdout.splitlines()]
    ours = [change_set_parameters(chosen, declared=declared, deployed=case) for case in cases]
    assert theirs == ours, done.stderr
    assert {"ParameterKey": "Zones", "UsePreviousValue": True} in ours[1]
    assert {"ParameterKey": "AlarmEmail", "ParameterValue": ""} in ours[0]
