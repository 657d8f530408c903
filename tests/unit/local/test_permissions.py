"""Tests of reading the roles of a template, and of the output of `cgraph permissions`."""

from typing import Any

from cgraph_local.commands.permissions import permission_lines
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
    (role_of_jobs,) = roles(TEMPLATE).values()
    assert isinstance(role_of_jobs, Role)
    assert (role_of_jobs.name, role_of_jobs.functions) == ("JobsRole", ("Work", "Add"))
    assert role_of_jobs.capabilities == {"UseJobs"}
    assert role_of_jobs.aws_policies == {"AWSLambdaBasicExecutionRole"}
    granted = {grant.policy: grant.permission for grant in role_of_jobs.grants}
    assert granted["UseJobs"] == Permission("sqs:SendMessage", "Jobs")
    assert granted["Inline"] == Permission("s3:GetObject", "*")


def test_permissions_are_shown_by_role() -> None:
    shown = list(permission_lines(roles(TEMPLATE).values()))
    assert shown[:2] == ["JobsRole", "  functions: Add, Work"]
    assert [line.split()[-1] for line in shown[2:4]] == ["UseJobs", "Inline"]
    assert shown[4] == "  for Lambda itself: AWSLambdaBasicExecutionRole"
