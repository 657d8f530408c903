"""What a deployment is refused for. Each function raises CommandError."""

from typing import Any

from scripts.deployment.account import parameters
from scripts.deployment.stage import PRODUCTION, Stage
from scripts.deployment.steps import CommandError

DATA_PARAMETERS = {"Snapshot": "", "RestoreFrom": "", "RestoreTime": "latest"}
"""What the database began with, and their defaults."""


def refuse_production(stage: Stage) -> None:
    if stage.name == PRODUCTION:
        raise CommandError(f"STAGE={PRODUCTION} is never destroyed from here. Nothing was changed.")


def refuse_protected(stage: Stage, stack: dict[str, Any] | None) -> None:
    if stack is None:
        raise CommandError(f"There is no {stage.stack} in {stage.region}.")
    kept = parameters(stack).get("Protected") == "true"
    if kept or stack.get("EnableTerminationProtection"):
        raise CommandError(
            f"{stage.stack} is protected; nothing was done. To delete it, first run: "
            f"make deploy STAGE={stage.name} PARAMETERS=Protected=false"
        )


def refuse_database_move(stage: Stage, stack: dict[str, Any]) -> None:
    """Raises CommandError where the deployment would replace the database, or would change its size
    although the caller did not name a size.
    """
    deployed, requested = parameters(stack).get("Size"), stage.parameters.get("Size")
    if deployed is None or deployed == requested:
        return
    if "Size" not in stage.overrides:
        raise CommandError(
            f"{stage.stack} is {deployed}, samconfig.toml says {requested}. Set SIZE={deployed} to "
            f"keep it, SIZE={requested} to change it, or correct samconfig.toml."
        )
    if "small" in (deployed, requested):
        raise CommandError(
            f"From {deployed} to {requested} the database is replaced and the data moves: "
            "docs/operations.md, Upgrade. Nothing was done."
        )


def refuse_other_data(stage: Stage, stack: dict[str, Any]) -> None:
    """Raises CommandError where the deployment would replace the database by one that begins with
    other data. A parameter that nobody sets keeps its value.
    """
    deployed = parameters(stack)
    for name, default in DATA_PARAMETERS.items():
        before = deployed.get(name, default)
        if stage.parameters.get(name, before) != before:
            raise CommandError(
                f"{name} of {stage.stack} is {before!r} for its whole life: another value would "
                "replace the database. Nothing was done. To begin with other data, restore it to "
                "a new stage: make restore STAGE=<new> FROM=…"
            )
