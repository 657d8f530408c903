"""The application part, really deployed by `sam deploy`, held against the template.

To the emulator, which takes it as AWS would but for what tests/e2e/emulated.py leaves out.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cgraph_local.core.credentials import Credentials
from cgraph_local.core.home import CHECKOUT, Home
from cgraph_local.services.emulator import Emulator
from scripts.deployment.account import Account
from scripts.deployment.build import SAM
from scripts.deployment.changes import show_changes
from scripts.deployment.commands import Choice, sam_deploy
from scripts.deployment.stage import read_stage
from tests.aws import aws_client
from tests.conftest import Report
from tests.contract.checkout import Checkout, Kind
from tests.contract.checks.settings import declared_settings
from tests.e2e.emulated import derive

STAGE = read_stage("emulated", overrides={"Protected": "true"})
STACK = STAGE.stack
NOT_MET = ("Named", "Edged", "OwnFirewall", "Virginia")
"""Conditions that this stage does not meet, or whose resources are not for the emulator."""
START_SECONDS, DEPLOY_SECONDS = 20, 110


class Deployed:
    """`ids`: physical by logical."""

    def __init__(self, url: str, template: Path, credentials: Credentials) -> None:
        self.credentials = credentials
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **credentials.environment,
            "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": STAGE.region,
            "SAM_CLI_TELEMETRY": "0",
        }
        self.template = template
        self.ids: dict[str, str] = {}

    def client(self, service: str) -> Any:
        url = self.environment["AWS_ENDPOINT_URL"]
        return aws_client(service, url=url, credentials=self.credentials)

    def deploy(self) -> None:
        self.run(*sam_deploy(STAGE, Choice(yes=True), template=self.template))
        pages = self.client("cloudformation").get_paginator("list_stack_resources")
        for page in pages.paginate(StackName=STACK):
            for each in page["StackResourceSummaries"]:
                self.ids[each["LogicalResourceId"]] = each["PhysicalResourceId"]

    def run(self, *command: str | Path, status: int = 0) -> str:
        done = subprocess.run(
            [str(part) for part in command],
            env=self.environment,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=DEPLOY_SECONDS,
            check=False,
        )
        assert done.returncode == status, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
async def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Deployed]:
    if not request.config.getoption("--full"):
        pytest.skip("`make proofs` runs it, which installs SAM")
    folder = tmp_path_factory.mktemp("emulated")
    home = Home(tmp_path_factory.mktemp("emulator"))
    async with emulator(home) as url:
        here = Deployed(url, derive(folder), Credentials.of(home))
        await asyncio.to_thread(here.deploy)
        yield here


@asynccontextmanager
async def emulator(home: Home) -> AsyncIterator[str]:
    service = Emulator(home, services=())
    service.choose_ports()
    command = await service.command()
    with (home.logs / "emulator.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            command.program,
            *command.arguments,
            env={**os.environ, **command.environment},
            stdout=log,
            stderr=log,
        )
    try:
        async with asyncio.timeout(START_SECONDS):
            while not await service.is_ready():
                await asyncio.sleep(0.1)
        yield f"http://127.0.0.1:{service.port}"
    finally:
        process.terminate()
        await process.wait()


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


def of_type(template: dict[str, Any], kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in template["Resources"].items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]


def test_every_resource_is_there(deployed: Deployed, checkout: Checkout, report: Report) -> None:
    gone = ("AWS::ApiGatewayV2::RouteResponse", "Custom::Schema", "AWS::CodeDeploy::")
    hashed = ("AWS::Lambda::LayerVersion", "AWS::Lambda::Version")
    expected = {
        name
        for name, resource in checkout.translated["Resources"].items()
        if not resource["Type"].startswith((*gone, *hashed))
        and resource.get("Condition") not in NOT_MET
    }
    assert expected <= deployed.ids.keys()
    report("Deployed to the emulator", resources=len(deployed.ids))


def test_functions_are_as_the_template_has_them(deployed: Deployed, checkout: Checkout) -> None:
    client, declared = deployed.client("lambda"), checkout.template["Resources"]
    for name, properties in of_type(checkout.translated, "AWS::Lambda::Function"):
        found = client.get_function_configuration(FunctionName=deployed.ids[name])
        for key in ("Handler", "Runtime", "Timeout", "MemorySize", "Architectures"):
            assert found[key] == properties[key], (name, key)
        assert found["Environment"]["Variables"].keys() == (
            properties["Environment"]["Variables"].keys()
        )
        assert found["Role"].rpartition("/")[2] == deployed.ids[checkout.role_of(name).name]
        assert found["LoggingConfig"]["LogGroup"] == deployed.ids["FunctionLogs"]
        layers = [each["Arn"].split(":")[-2] for each in found["Layers"]]
        extra = [each["Ref"] for each in declared[name]["Properties"].get("Layers", [])]
        assert layers == ["Dependencies", "Cgraph", *extra]
    lines = found["Environment"]["Variables"]["SETTINGS"].splitlines()
    settings = dict(line.split("=", 1) for line in lines)
    assert settings.keys() == set(declared_settings(checkout.template))
    assert settings["PUSH_QUEUE_URL"] == deployed.ids["PushQueue"]
    assert deployed.ids["SocketApi"] in settings["SOCKET_URL"]


def test_queues_hold_and_hand_on_as_the_template_says(
    deployed: Deployed, checkout: Checkout
) -> None:
    client = deployed.client("sqs")
    for name, properties in of_type(checkout.translated, "AWS::SQS::Queue"):
        found = client.get_queue_attributes(QueueUrl=deployed.ids[name], AttributeNames=["All"])
        attributes = found["Attributes"]
        for key in ("VisibilityTimeout", "MessageRetentionPeriod"):
            if key in properties:
                assert attributes[key] == str(properties[key]), (name, key)
        assert attributes["SqsManagedSseEnabled"] == "true"
        assert ("RedrivePolicy" in attributes) == ("RedrivePolicy" in properties), name
        if "RedrivePolicy" in properties:
            redrive = json.loads(attributes["RedrivePolicy"])
            target = properties["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            assert redrive["deadLetterTargetArn"].endswith(name_of(deployed.ids[target]))
            assert redrive["maxReceiveCount"] == properties["RedrivePolicy"]["maxReceiveCount"]


def test_workers_get_their_queues(deployed: Deployed, checkout: Checkout) -> None:
    listed = deployed.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    found = {each["FunctionArn"].rpartition(":")[2]: each for each in listed}
    sizes = checkout.template["Mappings"]["Sizes"]["small"]
    workers = [each.name for each in checkout.of_kind(Kind.QUEUE)]
    assert found.keys() == {deployed.ids[name] for name in workers}
    for name in workers:
        mapping = found[deployed.ids[name]]
        event = checkout.declared[name].events["Queue"]["Properties"]
        queue = event["Queue"]["Fn::GetAtt"][0]
        assert mapping["EventSourceArn"].endswith(name_of(deployed.ids[queue]))
        assert mapping["BatchSize"] == event["BatchSize"]
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        at_once = event["ScalingConfig"]["MaximumConcurrency"]["Fn::FindInMap"][-1]
        assert mapping["ScalingConfig"] == {"MaximumConcurrency": sizes[at_once]}


def test_roles_may_what_the_template_grants(deployed: Deployed, checkout: Checkout) -> None:
    iam = deployed.client("iam")
    for name, role in checkout.roles.items():
        made = deployed.ids[name]
        attached = iam.list_attached_role_policies(RoleName=made)["AttachedPolicies"]
        expected = {deployed.ids.get(policy, policy) for policy in role.policies}
        assert {
            arn if (arn := each["PolicyArn"]) in expected else each["PolicyName"]
            for each in attached
        } == expected, name
        assert not iam.list_role_policies(RoleName=made)["PolicyNames"], name


def test_a_capability_names_the_very_resource(deployed: Deployed) -> None:
    iam = deployed.client("iam")
    for policy, action, *resources in (
        ("PushToSockets", "sqs:SendMessage", "PushQueue", "FlushQueue", "SocketQueue"),
        ("RetryJobs", "sqs:ChangeMessageVisibility", "PushQueue", "FlushQueue", "SocketQueue"),
        ("WatchPushQueue", "sqs:GetQueueAttributes", "PushQueue"),
    ):
        arn = deployed.ids[policy]
        version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
        (statement,) = version["Document"]["Statement"]
        assert statement["Action"] == action
        given = statement["Resource"]
        names = [arn.rpartition(":")[2] for arn in (given if isinstance(given, list) else [given])]
        assert names == [name_of(deployed.ids[each]) for each in resources]


def test_socket_routes_lead_to_their_functions(deployed: Deployed, checkout: Checkout) -> None:
    client, api = deployed.client("apigatewayv2"), deployed.ids["SocketApi"]
    integrations = {
        f"integrations/{each['IntegrationId']}": each["IntegrationUri"]
        for each in client.get_integrations(ApiId=api)["Items"]
    }
    routes = {each["RouteKey"]: each for each in client.get_routes(ApiId=api)["Items"]}
    assert checkout.stack.socket_api is not None
    expected = {route.key: route for route in checkout.stack.socket_api.routes}
    assert routes.keys() == expected.keys()
    for key, route in routes.items():
        function = deployed.ids[expected[key].function]
        assert re.search(rf":{re.escape(function)}(:live)?/", integrations[route["Target"]]), key
        answers = route.get("RouteResponseSelectionExpression") == "$default"
        assert answers == expected[key].responds, key
    (stage,) = client.get_stages(ApiId=api)["Items"]
    assert (stage["StageName"], stage["AutoDeploy"]) == (STAGE.name, True)


def test_timers_are_the_stage_s(deployed: Deployed, checkout: Checkout) -> None:
    client = deployed.client("scheduler")
    for schedule in checkout.stack.schedules:
        found = client.get_schedule(Name=f"{STACK}-{schedule.function}")
        assert found["ScheduleExpression"] == schedule.expression
        assert found["Target"]["Arn"].endswith(f":{deployed.ids[schedule.function]}")


def test_what_would_change_is_shown_and_not_done(
    deployed: Deployed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in deployed.environment.items():
        monkeypatch.setenv(name, value)
    packaged = tmp_path / "packaged.json"
    template = json.loads(deployed.template.read_text())
    template["Resources"]["PushQueue"]["Properties"]["VisibilityTimeout"] = 61
    deployed.template.with_name("changed.json").write_text(json.dumps(template))
    deployed.run(
        *(SAM, "package", "--template-file", deployed.template.with_name("changed.json")),
        *("--resolve-s3", "--output-template-file", packaged, "--no-progressbar"),
    )
    account = Account(STAGE.region)
    show_changes(STAGE, packaged=packaged, account=account, stack=account.stack(STACK))
    assert "PushQueue" in capsys.readouterr().out
    url = deployed.ids["PushQueue"]
    attributes = deployed.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "60"
    summaries = deployed.client("cloudformation").list_change_sets(StackName=STACK)["Summaries"]
    assert not [each for each in summaries if each["ChangeSetName"].startswith("diff-")]


def test_all_of_it_goes_once_it_is_not_protected(deployed: Deployed) -> None:
    """The last: what the others look at is gone afterwards."""
    destroy = (sys.executable, "-m", "scripts.deployment", "destroy", "--stage", "emulated")
    assert "is protected; nothing was done" in deployed.run(*destroy, "--yes", "1", status=1)
    client = deployed.client("cloudformation")
    client.update_stack(
        StackName=STACK,
        UsePreviousTemplate=True,
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in {**STAGE.parameters, "Protected": "false"}.items()
        ],
    )
    client.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    assert "There is no terminal to ask in" in deployed.run(*destroy, status=1)
    deployed.run(*destroy, "--yes", "1")
    assert not deployed.client("lambda").list_functions()["Functions"]
    assert "There is no cgraph-emulated" in deployed.run(*destroy, "--yes", "1", status=1)


def name_of(queue_url: str) -> str:
    return queue_url.rpartition("/")[2]
