"""deploy, diff, destroy, smoke: each says what it does, or with `dry` what it would do."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.deployment.account import Account, outputs, parameters
from scripts.deployment.build import BUILT, SAM, build
from scripts.deployment.changes import show_changes
from scripts.deployment.stage import PRODUCTION, Stage
from scripts.deployment.steps import ROOT, Refused, Steps, ask, say

PACKAGED = BUILT.parent / "packaged.yaml"
DEPLOY_FAILED = (
    "The deployment failed; CloudFormation puts back what it changed. The first line with FAILED "
    "above says why; docs/operations.md, Rollback, says what else to do."
)
SMOKE_FAILED = (
    "The smoke test failed: what answers there does not do its work. The functions' log says why "
    "(docs/operations.md, Signs of trouble); the commit before can be deployed again (Rollback)."
)
LEFT = (
    "Left, with their cost, until you delete them: the database's last snapshot, the buckets that "
    "hold media and their log, and the code under the stage's name in SAM's bucket."
)


@dataclass(frozen=True, slots=True)
class Choice:
    """`yes`: nobody is asked. `bucket`, `role`: CI's own; otherwise SAM's bucket, and who calls."""

    dry: bool = False
    yes: bool = False
    bucket: str = ""
    role: str = ""


def deploy(stage: Stage, choice: Choice) -> None:
    steps = Steps(5, dry=choice.dry)
    stage, account = stage.with_digest(), Account(stage.region)
    with steps.step(f"What is there: {stage.stack} in {stage.region}"):
        _introduce(stage, account, choice)
    with steps.step("Build"):
        build(steps)
    with steps.step("Deploy: the schema first, then code; about 20 minutes the first time, else 5"):
        steps.run(*sam_deploy(stage, choice), advice=DEPLOY_FAILED)
    with steps.step("Protection from deletion: as the parameter Protected says"):
        protected = stage.parameters.get("Protected", "true") == "true"
        say(f"      {'on' if protected else 'off'}")
        if not choice.dry:
            account.protect(stage, protected=protected)
    told = {} if choice.dry else outputs(account.stack(stage.stack) or {})
    with steps.step("Smoke test"):
        _smoke(steps, told.get("ApiUrl", "<ApiUrl>"))
    for name, value in told.items():
        say(f"{name:<14} {value}")


def diff(stage: Stage, choice: Choice) -> None:
    steps = Steps(4, dry=choice.dry)
    stage, account = stage.with_digest(), Account(stage.region)
    with steps.step(f"What is there: {stage.stack} in {stage.region}"):
        known = _introduce(stage, account, choice)
    with steps.step("Build"):
        build(steps)
    with steps.step("The code to S3"):
        steps.run(
            *(SAM, "package", "--template-file", BUILT / "template.yaml"),
            *("--output-template-file", PACKAGED, "--region", stage.region),
            *_bucket(stage, choice),
            advice="The code could not be brought to S3; why is above.",
        )
    with steps.step("A change set, looked at and thrown away"):
        if not choice.dry:
            show_changes(
                stage,
                packaged=PACKAGED,
                account=account,
                known=known is not None,
                role=choice.role,
            )


def destroy(stage: Stage, choice: Choice) -> None:
    steps, account = Steps(2, dry=choice.dry), Account(stage.region)
    refuse_production(stage)
    with steps.step(f"What is there: {stage.stack} in {stage.region}"):
        if choice.dry:
            say("      asks CloudFormation whether it is protected, and refuses if so")
        else:
            account.identity()
            refuse_protected(stage, account.stack(stage.stack))
            if not choice.yes:
                ask(f"Everything of {stage.stack} goes.", expected=stage.name)
    with steps.step("Delete, about 20 minutes"):
        if not choice.dry:
            account.delete(stage.stack)
    say(LEFT)


def smoke(url: str, *, dry: bool) -> None:
    steps = Steps(1, dry=dry)
    with steps.step(f"Smoke test of {url}: two people, HTTP and sockets, under a minute"):
        _smoke(steps, url)


def refuse_production(stage: Stage) -> None:
    if stage.name == PRODUCTION:
        raise Refused(f"STAGE={PRODUCTION} is never destroyed from here. Nothing was done.")


def refuse_protected(stage: Stage, stack: dict[str, Any] | None) -> None:
    if stack is None:
        raise Refused(f"There is no {stage.stack} in {stage.region}.")
    kept = parameters(stack).get("Protected") == "true"
    if kept or stack.get("EnableTerminationProtection"):
        raise Refused(
            f"{stage.stack} is protected; nothing was done. If it is to go, first: "
            f"make deploy STAGE={stage.name} PARAMETERS=Protected=false"
        )


def refuse_a_move(stage: Stage, stack: dict[str, Any]) -> None:
    """A database that would be replaced, or shrink because nobody said its size."""
    there, wanted = parameters(stack).get("Size"), stage.parameters.get("Size")
    if there is None or there == wanted:
        return
    if "Size" not in stage.asked:
        raise Refused(
            f"{stage.stack} is {there}, samconfig.toml says {wanted}. Say SIZE={there} to leave "
            f"it, SIZE={wanted} to change it, or put it right in samconfig.toml."
        )
    if "small" in (there, wanted):
        raise Refused(
            f"From {there} to {wanted} the database is another one and the data moves: "
            "docs/operations.md, Upgrade. Nothing was done."
        )


def _introduce(stage: Stage, account: Account, choice: Choice) -> dict[str, Any] | None:
    for name, value in stage.parameters.items():
        say(f"      {name:<20} {value}")
    if choice.dry:
        say("      asks CloudFormation whether it exists, and refuses where its data would move")
        return None
    say(f"      account {account.identity()}")
    stack = account.stack(stage.stack)
    say("      a new stack" if stack is None else f"      it is there: {stack['StackStatus']}")
    if stack is not None:
        refuse_a_move(stage, stack)
    return stack


def sam_deploy(
    stage: Stage, choice: Choice, *, template: Path = BUILT / "template.yaml"
) -> list[str | Path]:
    """The command."""
    return [
        *(SAM, "deploy", "--template-file", template),
        *("--config-file", ROOT / "samconfig.toml", "--config-env", stage.section),
        *("--stack-name", stage.stack, "--region", stage.region),
        *("--tags", "application=cgraph", f"stage={stage.name}"),
        *("--parameter-overrides", *(f"{key}={value}" for key, value in stage.parameters.items())),
        *_bucket(stage, choice),
        *(("--role-arn", choice.role) if choice.role else ()),
        *(("--no-confirm-changeset",) if choice.yes else ()),
    ]


def _bucket(stage: Stage, choice: Choice) -> tuple[str, ...]:
    """A place of its own for each stage: what one throws away, another may have to roll back to."""
    bucket = ("--s3-bucket", choice.bucket) if choice.bucket else ("--resolve-s3",)
    return (*bucket, "--s3-prefix", stage.stack)


def _smoke(steps: Steps, url: str) -> None:
    steps.run(
        *(sys.executable, "-m", "pytest", ROOT / "tests" / "smoke", "-v", "--no-header"),
        variables={"CGRAPH_URL": url, "PATH": os.environ["PATH"]},
        advice=SMOKE_FAILED,
    )
