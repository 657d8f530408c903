"""What `make build`, `deploy`, `diff`, `destroy` and `smoke` run."""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from scripts.deployment import commands
from scripts.deployment.build import build
from scripts.deployment.stage import pairs, read_stage
from scripts.deployment.steps import Refused, Steps

NO_ANSWER = """
AWS did not do as it was asked: {error}
If nobody is signed in: `aws login`, or AWS_PROFILE=…. DRY=1 shows the plan without an account."""


def main() -> int:
    given = _parser().parse_args()
    try:
        _run(given)
    except Refused as refused:
        print(f"\n{refused}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(NO_ANSWER.format(error=error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. What CloudFormation has begun, it goes on with.", file=sys.stderr)
        return 130
    return 0


def _run(given: argparse.Namespace) -> None:
    if given.command == "smoke":
        if not given.url:
            raise Refused("Which one? make smoke URL=https://… (or http://127.0.0.1:8000)")
        commands.smoke(given.url, dry=bool(given.dry))
        return
    if given.command == "build":
        steps = Steps(1, dry=bool(given.dry))
        with steps.step("Build"):
            build(steps)
        return
    named = {"Size": given.size, "Egress": given.egress}
    asked = {key: value for key, value in named.items() if value} | pairs(given.parameters)
    choice = commands.Choice(
        dry=bool(given.dry), yes=bool(given.yes), bucket=given.bucket, role=given.role
    )
    work = {"deploy": commands.deploy, "diff": commands.diff, "destroy": commands.destroy}
    work[given.command](read_stage(given.stage or "trial", asked=asked), choice)


def _parser() -> argparse.ArgumentParser:
    """Empty is as good as absent: make passes every variable on."""
    parser = argparse.ArgumentParser(prog="make")
    parser.add_argument("command", choices=["build", "deploy", "diff", "destroy", "smoke"])
    parser.add_argument("--size", choices=["", "small", "medium", "large"], default="")
    parser.add_argument("--egress", choices=["", "endpoints", "ipv6"], default="")
    for name in ("stage", "parameters", "url", "bucket", "role", "dry", "yes"):
        parser.add_argument(f"--{name}", default="")
    return parser


if __name__ == "__main__":
    sys.exit(main())
