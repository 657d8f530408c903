"""What the roles of a template allow, and how `cgraph permissions` shows it."""

from typing import Any

from cgraph_local.commands.permissions import lines
from cgraph_local.permissions import Permission, Role, roles

PREFIX = "arn:${AWS::Partition}:iam::aws:policy/service-role/"


def role(service: str, *policies: object, **properties: object) -> dict[str, Any]:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": service}}]}
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": trust,
            "ManagedPolicyArns": list(policies),
            **properties,
        },
    }


def function(name: str) -> dict[str, Any]:
    return {"Type": "AWS::Lambda::Function", "Properties": {"Role": {"Fn::GetAtt": [name, "Arn"]}}}


def allow(action: str, resource: object) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}


QUEUE = {"Fn::GetAtt": ["Jobs", "Arn"]}
TEMPLATE = {
    "Resources": {
        "UseJobs": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": allow("sqs:SendMessage", QUEUE)},
        },
        "JobsRole": role(
            "lambda.amazonaws.com",
            {"Ref": "UseJobs"},
            {"Fn::Sub": f"{PREFIX}AWSLambdaBasicExecutionRole"},
            Policies=[{"PolicyName": "Inline", "PolicyDocument": allow("s3:GetObject", "*")}],
        ),
        "SchedulerRole": role("scheduler.amazonaws.com"),
        "Work": function("JobsRole"),
        "Add": function("JobsRole"),
    }
}


def test_a_role_has_the_policies_of_the_template_apart_from_those_of_aws() -> None:
    (found,) = roles(TEMPLATE).values()
    assert isinstance(found, Role)
    assert (found.name, found.functions) == ("JobsRole", ("Work", "Add"))
    assert found.capabilities == {"UseJobs"}
    assert found.aws == {"AWSLambdaBasicExecutionRole"}
    granted = {grant.policy: grant.permission for grant in found.grants}
    assert granted["UseJobs"] == Permission("sqs:SendMessage", "Jobs")
    assert granted["Inline"] == Permission("s3:GetObject", "*")


def test_permissions_are_shown_by_role() -> None:
    shown = list(lines(roles(TEMPLATE).values()))
    assert shown[:2] == ["JobsRole", "  functions: Add, Work"]
    assert [line.split()[-1] for line in shown[2:4]] == ["UseJobs", "Inline"]
    assert shown[4] == "  for Lambda itself: AWSLambdaBasicExecutionRole"
