"""Coming back from loss: what `make restore` and `make drill` call."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from botocore.response import StreamingBody

from scripts.deployment import restoring
from scripts.deployment.commands import Choice
from scripts.deployment.origin import Origin
from scripts.deployment.restoring import drill, restore
from scripts.deployment.stage import Stage, read_stage
from scripts.deployment.steps import CommandError
from tests.contract.stubbed_aws import ACCOUNT, NOW, StubbedAws, expect_leftovers, stack

SOUND = {
    "newest_event": "2026-11-28T06:29:00Z",
    **{"torn_streams": "0", "audit_faults": "0"},
    **{"users": "12", "conversations": "5", "forums": "2", "streams": "19"},
}
MISSING = "Stack with id cgraph does not exist"


def expect_report(aws: StubbedAws, stack_name: str, **values: str) -> None:
    caller = {"Arn": f"arn:aws:iam::{ACCOUNT}:user/ada"}
    aws.expect("sts", "get_caller_identity", caller)
    aws.expect(
        *("cloudformation", "describe_stack_resource"),
        {
            "StackResourceDetail": {
                **{"LogicalResourceId": "InspectDatabase", "ResourceType": "AWS::Lambda::Function"},
                **{"LastUpdatedTimestamp": NOW, "ResourceStatus": "CREATE_COMPLETE"},
                "PhysicalResourceId": f"{stack_name}-InspectDatabase-X",
            }
        },
        StackName=stack_name,
        LogicalResourceId="InspectDatabase",
    )
    event = {
        "statement": "SELECT name, value FROM database_report()",
        **{"operator": caller["Arn"], "rows": 100},
    }
    rows = [list(each) for each in {**SOUND, **values}.items()]
    body = json.dumps({"columns": ["name", "value"], "rows": rows}).encode()
    aws.expect(
        *("lambda", "invoke", {"Payload": StreamingBody(BytesIO(body), len(body))}),
        FunctionName=f"{stack_name}-InspectDatabase-X",
        Payload=json.dumps(event).encode(),
    )


def expect_stack(aws: StubbedAws, name: str, described: dict[str, Any] | None) -> None:
    if described is None:
        aws.expect_error("cloudformation", "describe_stacks", "ValidationError", MISSING)
    else:
        aws.expect("cloudformation", "describe_stacks", described, StackName=name)


def expect_source(aws: StubbedAws) -> None:
    found = {"DbiResourceId": "db-ABC", "LatestRestorableTime": NOW}
    aws.expect(
        *("rds", "describe_db_instances", {"DBInstances": [found]}),
        DBInstanceIdentifier="cgraph-production",
    )


PRODUCTION = {
    **{"StageName": "production", "Size": "small", "Egress": "endpoints", "LogDays": "30"},
    **{"AlarmEmail": "ops@example.org", "DomainName": "example.org", "HostedZone": "Z1"},
    **{"Protected": "true", "SchemaDigest": "abc", "PermissionsBoundary": ""},
}


def test_restore_deploys_a_new_stage_with_the_data_and_without_the_name(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed: list[Stage] = []
    tested: list[str] = []
    monkeypatch.setattr(restoring, "deploy", lambda stage, choice: deployed.append(stage))
    monkeypatch.setattr(restoring, "smoke", lambda url, dry: tested.append(url))
    expect_stack(aws, "cgraph-second", None)
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_source(aws)
    expect_report(aws, "cgraph-second")
    expect_stack(aws, "cgraph-second", stack())
    aws.expect("sts", "get_caller_identity", {"Account": ACCOUNT})
    restore("second", Origin.parse("production", at=""), Choice(yes=True), overrides={})
    (stage,) = deployed
    assert tested == ["<ApiUrl>"]
    assert stage.parameters == {
        **{"StageName": "second", "Size": "small", "Egress": "endpoints", "LogDays": "30"},
        **{"AlarmEmail": "ops@example.org", "Protected": "true"},
        **{"RestoreFrom": "db-ABC", "RestoreTime": "latest"},
    }
    assert "DomainName=example.org HostedZone=Z1" in capsys.readouterr().out


def test_restore_refuses_a_time_after_the_newest_backup_and_a_stage_that_exists(
    aws: StubbedAws,
) -> None:
    expect_stack(aws, "cgraph-second", None)
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_source(aws)
    origin = Origin.parse("production", at="2026-11-28T06:31:00Z")
    with pytest.raises(CommandError, match="can be restored until 2026-11-28T06:30:00Z"):
        restore("second", origin, Choice(), overrides={})
    expect_stack(aws, "cgraph-second", stack(**PRODUCTION))
    with pytest.raises(CommandError, match="to a new stage only"):
        restore("second", Origin.parse("production", at=""), Choice(), overrides={})


def test_restored_data_that_is_not_whole_is_reported(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "deploy", lambda stage, choice: None)
    expect_stack(aws, "cgraph-second", None)
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_source(aws)
    expect_report(aws, "cgraph-second", torn_streams="3")
    with pytest.raises(CommandError, match=r"not whole: \{'torn_streams': '3'\}"):
        restore("second", Origin.parse("production", at=""), Choice(), overrides={})


@pytest.mark.parametrize("failure", [None, CommandError("it failed"), KeyboardInterrupt()])
def test_a_drill_deletes_its_copy_whatever_happens(
    aws: StubbedAws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException | None,
) -> None:
    def deploy(stage: Stage, choice: Choice) -> None:
        assert "AlarmEmail" not in stage.parameters
        assert stage.parameters["Protected"] == "false"
        if failure is not None:
            raise failure

    monkeypatch.setattr(restoring, "deploy", deploy)
    monkeypatch.setattr(restoring, "smoke", lambda url, dry: None)
    expect_report(aws, "cgraph-production", newest_event="2026-11-28T06:31:00Z")
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_stack(aws, "cgraph-drill", None)
    expect_source(aws)
    if failure is None:
        expect_report(aws, "cgraph-drill")
        expect_stack(aws, "cgraph-drill", stack())
    expect_stack(aws, "cgraph-drill", stack())
    expect_stack(aws, "cgraph-drill", stack())
    aws.expect("cloudformation", "delete_stack", {}, StackName="cgraph-drill")
    expect_stack(aws, "arn:stack", stack("DELETE_COMPLETE"))
    expect_leftovers(aws, buckets=[])
    production = read_stage("production", overrides={})
    if failure is not None:
        with pytest.raises(type(failure)):
            drill(production, Choice(yes=True))
        return
    drill(production, Choice(yes=True))
    printed = capsys.readouterr().out
    assert "data loss window 120 s" in printed
    assert "users            12 of 12" in printed
