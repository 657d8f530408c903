"""The command line behind `make build`, `deploy`, `diff`, `destroy`, `smoke`, `media-key`,
`restore`, `drill`, `sql`, `repair`, `consumers`, `accounts` and `reindex`.
"""

import argparse
import sys

from botocore.exceptions import BotoCoreError, ClientError

from scripts.deployment import commands, operating
from scripts.deployment.build import build
from scripts.deployment.media_keys import make_media_key
from scripts.deployment.stage import parse_parameters, read_stage
from scripts.deployment.steps import CommandError, Steps

AWS_ERROR = """
AWS returned an error: {error}
If you are not signed in: `aws login`, or AWS_PROFILE=…. DRY=1 shows the plan without an account."""


def main() -> int:
    arguments = _parser().parse_args()
    try:
        _run(arguments)
    except CommandError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(AWS_ERROR.format(error=error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. A deployment that CloudFormation has started continues.", file=sys.stderr)
        return 130
    return 0


def _run(arguments: argparse.Namespace) -> None:
    if arguments.command == "smoke":
        if not arguments.url:
            raise CommandError(
                "Name the API to test: make smoke URL=https://… (or http://127.0.0.1:8000)"
            )
        commands.smoke(arguments.url, dry=bool(arguments.dry))
        return
    if arguments.command == "build":
        steps = Steps(1, dry=bool(arguments.dry))
        with steps.step("Build"):
            build(steps)
        return
    options = {"Size": arguments.size, "Egress": arguments.egress}
    overrides = {key: value for key, value in options.items() if value}
    overrides |= parse_parameters(arguments.parameters)
    choice = commands.Choice(
        dry=bool(arguments.dry),
        yes=bool(arguments.yes),
        bucket=arguments.bucket,
        role=arguments.role,
    )
    if arguments.command in operating.COMMANDS:
        operating.run(arguments, choice, overrides=overrides)
        return
    if arguments.command == "media-key":
        if not arguments.stage:
            raise CommandError("Name the stage: make media-key STAGE=…")
        stage = read_stage(arguments.stage, overrides=overrides)
        make_media_key(stage, choice, name=arguments.key or "first")
        return
    command_functions = {
        "deploy": commands.deploy,
        "diff": commands.diff,
        "destroy": commands.destroy,
    }
    command_functions[arguments.command](
        read_stage(arguments.stage or "trial", overrides=overrides), choice
    )


def _parser() -> argparse.ArgumentParser:
    """An empty option means the same as no option, because make passes every variable on."""
    parser = argparse.ArgumentParser(prog="make")
    choices = ["build", "deploy", "diff", "destroy", "smoke", "media-key", *operating.COMMANDS]
    parser.add_argument("command", choices=choices)
    parser.add_argument("--size", choices=["", "small", "medium", "large"], default="")
    parser.add_argument("--egress", choices=["", "endpoints", "ipv6"], default="")
    for name in ("stage", "parameters", "url", "bucket", "role", "dry", "yes"):
        parser.add_argument(f"--{name}", default="")
    for name in ("from", "at", "file", "rows", "do", "key"):
        parser.add_argument(f"--{name}", default="")
    return parser


if __name__ == "__main__":
    sys.exit(main())
