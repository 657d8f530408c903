"""The commands deploy, diff, destroy and smoke. With `dry` each only prints its steps."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.deployment import zones
from scripts.deployment.account import Account, outputs, parameters
from scripts.deployment.build import BUILT, SAM, build
from scripts.deployment.changes import show_changes
from scripts.deployment.edge import refuse_edge_elsewhere
from scripts.deployment.refusals import (
    refuse_database_move,
    refuse_other_data,
    refuse_production,
    refuse_protected,
)
from scripts.deployment.stage import Stage
from scripts.deployment.steps import ROOT, CommandError, Steps, confirm, print_line

PACKAGED = BUILT.parent / "packaged.yaml"
SMOKE_ACCOUNTS = ROOT / "build" / "smoke-accounts.json"
"""The two users of the smoke test in each stage, with their passwords."""
DEPLOY_FAILED = (
    "The deployment failed; CloudFormation rolls its changes back. The first line with FAILED "
    "above names the reason; docs/operations.md, Rollback, says what else to do."
)
SMOKE_FAILED = (
    "The smoke test failed: the API does not work. The functions' log shows the reason "
    "(docs/operations.md, Signs of trouble); you can deploy the previous commit again (Rollback)."
)
REMAINING = (
    "These stay, and cost money, until you delete them: the database's last snapshot, the buckets "
    "of the media and their log, and the code under the stage's name in SAM's bucket."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """What the caller chose. `yes`: no confirmation. `bucket`, `role`: those of CI; if empty, SAM's
    bucket and the caller's own credentials. `tested`: `deploy` ends with the smoke test.
    """

    dry: bool = False
    yes: bool = False
    bucket: str = ""
    role: str = ""
    tested: bool = True


def deploy(stage: Stage, choice: Choice) -> None:
    steps = Steps(4 + choice.tested, dry=choice.dry)
    stage, account = stage.with_digest(), Account(stage.region)
    with steps.step(f"Inspect {stage.stack} in {stage.region}"):
        stack = _inspect_stack(stage, account, choice)
        stage = with_zones(stage, stack, account, dry=choice.dry)
    with steps.step("Build"):
        build(steps)
    with steps.step("Deploy: the schema, then the code; about 20 minutes the first time, else 5"):
        steps.run(*sam_deploy(stage, choice), advice=DEPLOY_FAILED)
    with steps.step("Protection from deletion, from the parameter Protected"):
        protected = stage.parameters.get("Protected", "true") == "true"
        print_line(f"      {'on' if protected else 'off'}")
        if not choice.dry:
            account.protect(stage, protected=protected)
    stack_outputs = {} if choice.dry else outputs(account.stack(stage.stack) or {})
    if choice.tested:
        with steps.step("Smoke test"):
            _smoke(steps, stack_outputs.get("ApiUrl", "<ApiUrl>"))
    for name, value in stack_outputs.items():
        print_line(f"{name:<14} {value}")


def diff(stage: Stage, choice: Choice) -> None:
    steps = Steps(4, dry=choice.dry)
    stage, account = stage.with_digest(), Account(stage.region)
    with steps.step(f"Inspect {stage.stack} in {stage.region}"):
        stack = _inspect_stack(stage, account, choice)
        stage = with_zones(stage, stack, account, dry=choice.dry)
    with steps.step("Build"):
        build(steps)
    with steps.step("Upload the code to S3"):
        steps.run(
            *(SAM, "package", "--template-file", BUILT / "template.yaml"),
            *("--output-template-file", PACKAGED, "--region", stage.region),
            *_bucket(stage, choice),
            advice="The code could not be uploaded to S3; the reason is above.",
        )
    with steps.step("A change set, shown and deleted"):
        if not choice.dry:
            show_changes(
                stage,
                packaged=PACKAGED,
                account=account,
                stack=stack,
                role=choice.role,
            )


def destroy(stage: Stage, choice: Choice) -> None:
    steps, account = Steps(2, dry=choice.dry), Account(stage.region)
    refuse_production(stage)
    with steps.step(f"Inspect {stage.stack} in {stage.region}"):
        if choice.dry:
            print_line(
                "      would ask CloudFormation whether the stack is protected, and stop if it is"
            )
        else:
            account.identity()
            refuse_protected(stage, account.stack(stage.stack))
            if not choice.yes:
                confirm(f"This deletes everything of {stage.stack}.", expected=stage.name)
    with steps.step("Delete, about 20 minutes"):
        if not choice.dry:
            account.delete(stage.stack)
    print_line(REMAINING)


def smoke(url: str, *, dry: bool) -> None:
    steps = Steps(1, dry=dry)
    with steps.step(f"Smoke test of {url}: two people, HTTP and sockets, under a minute"):
        _smoke(steps, url)


def with_zones(stage: Stage, stack: dict[str, Any] | None, account: Account, *, dry: bool) -> Stage:
    """The stage with the zones that a new stack gets. They stay: another zone would replace the
    subnets and what is in them. Raises CommandError where a stage cannot be in them.
    """
    size = stage.parameters.get("Size", "small")
    unsupported = zones.read_unsupported()
    deployed = parameters(stack or {}).get(zones.PARAMETER, "")
    chosen = stage.parameters.get(zones.PARAMETER, deployed)
    if dry:
        available = chosen.split(",")
        print_line("      would ask EC2 for the zones of the region, and choose or check them")
    else:
        available = account.zones()
    if stack is not None and not zones.extends(chosen, deployed):
        place = deployed or "the first zones of its region"
        raise CommandError(f"{stage.stack} is in {place}: Zones={chosen} would replace its data.")
    if chosen:
        zones.check(chosen, available, size=size, unsupported=unsupported)
    elif stack is None and not dry:
        chosen = zones.choose(available, size=size, unsupported=unsupported)
        print_line(f"      {zones.PARAMETER:<20} {chosen}")
        return stage.with_parameter(zones.PARAMETER, chosen)
    return stage


def _inspect_stack(stage: Stage, account: Account, choice: Choice) -> dict[str, Any] | None:
    """Prints the parameters and the stack's status, and returns the stack if there is one. Raises
    CommandError where the deployment would move the database.
    """
    for name, value in stage.parameters.items():
        print_line(f"      {name:<20} {value}")
    refuse_edge_elsewhere(stage)
    if choice.dry:
        print_line(
            "      would ask CloudFormation whether the stack exists, and refuse to move its data"
        )
        return None
    print_line(f"      account {account.identity()}")
    stack = account.stack(stage.stack)
    print_line(
        "      a new stack" if stack is None else f"      the stack exists: {stack['StackStatus']}"
    )
    if stack is not None:
        refuse_database_move(stage, stack)
        refuse_other_data(stage, stack)
    return stack


def sam_deploy(
    stage: Stage, choice: Choice, *, template: Path = BUILT / "template.yaml"
) -> list[str | Path]:
    """The command line of `sam deploy`."""
    return [
        *(SAM, "deploy", "--template-file", template),
        *("--config-file", ROOT / "samconfig.toml", "--config-env", stage.section),
        *("--stack-name", stage.stack, "--region", stage.region),
        *("--tags", *(f"{key}={value}" for key, value in stage.tags.items())),
        *("--parameter-overrides", *(_override(*each) for each in stage.parameters.items())),
        *_bucket(stage, choice),
        *(("--role-arn", choice.role) if choice.role else ()),
        *(("--no-confirm-changeset",) if choice.yes else ()),
    ]


def _override(name: str, value: str) -> str:
    """SAM refuses `Name=` and takes only the first word of a value without quotes."""
    return f"{name}={value}" if value and not re.search(r"\s", value) else f'{name}="{value}"'


def _bucket(stage: Stage, choice: Choice) -> tuple[str, ...]:
    """The S3 options. Each stage has a prefix of its own, so that deleting the code of one stage
    does not delete what another stage may have to roll back to.
    """
    bucket = ("--s3-bucket", choice.bucket) if choice.bucket else ("--resolve-s3",)
    return (*bucket, "--s3-prefix", stage.stack)


def _smoke(steps: Steps, url: str) -> None:
    steps.run(
        *(sys.executable, "-m", "pytest", ROOT / "tests" / "smoke", "-v", "--no-header"),
        variables={
            "CGRAPH_URL": url,
            "CGRAPH_SMOKE_ACCOUNTS": str(SMOKE_ACCOUNTS),
            "PATH": os.environ["PATH"],
        },
        advice=SMOKE_FAILED,
    )
