"""Checks template.yaml and infra/*.yaml with sam, cfn-lint and checkov, and the policies in them
against AWS's tables (scripts/iam), without an AWS account.

Usage: .venv/bin/python -m scripts.lint_infrastructure   (`make lint` runs it on changed templates)
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from cgraph_local.template.translate import translate
from scripts.iam import policies

ROOT = Path(__file__).resolve().parent.parent
NESTED = sorted((ROOT / "infra").glob("*.yaml"))
SETTINGS = ROOT / "infra" / "checkov.yaml"
POLICIES = "policies.json"
SCHEMAS = "lib/python*/site-packages/cfnlint/data/schemas/resources"
"""Of the newest cfn-lint, in the folder of its virtual environment."""

STACKS = [path for path in NESTED if path != SETTINGS]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    command: Sequence[str | Path]


def main() -> int:
    template = translate(ROOT / "template.yaml", cache=None)
    with tempfile.TemporaryDirectory() as folder:
        translated = Path(folder) / "template.json"
        translated.write_text(json.dumps(template, indent=1))
        document = policies.document(ROOT, translated=template)
        translated.with_name(POLICIES).write_text(json.dumps(document))
        with ThreadPoolExecutor(max_workers=2) as pool:
            results = list(pool.map(run, checks(translated)))
    return 0 if all(results) else 1


def checks(translated: Path) -> list[Check]:
    sam, newest = ROOT / ".venv-sam/bin/sam", ROOT / ".venv-sam/bin/cfn-lint"
    lint = ROOT / ".venv-lint/bin"
    root = ROOT / "template.yaml"
    files = [part for path in (translated, *STACKS) for part in ("--file", path)]
    (schemas,) = (ROOT / ".venv-sam").glob(SCHEMAS)
    policies_file = translated.with_name(POLICIES)
    iam: Sequence[str | Path] = [lint / "python", "-m", "scripts.iam", policies_file, schemas]
    return [
        Check("AWS's tables of actions and resources", iam),
        Check("sam validate", [sam, "validate", "--template", root]),
        Check("sam validate --lint", [sam, "validate", "--lint", "--template", root]),
        Check("cfn-lint, the newest", [newest, root, *STACKS]),
        Check(
            "cfn-lint 1.51, after SAM's transform",
            [lint / "cfn-lint", "--", root, *STACKS],
        ),
        Check("checkov", [lint / "checkov", "--config-file", SETTINGS, *files]),
    ]


def run(check: Check) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        [str(part) for part in check.command], env=environment(), cwd=ROOT, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    output = f"\n{done.stdout}" if done.returncode else ""
    result = "found problems" if done.returncode else "clean"
    print(f"  {check.name}: {result} ({time.monotonic() - started:.1f} s){output}", flush=True)
    return done.returncode == 0


def environment() -> dict[str, str]:
    """Variables without an AWS account, so that the tools report the same on every machine."""
    without_account = {
        name: value for name, value in os.environ.items() if not name.startswith("AWS_")
    }
    return without_account | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nobody",
        "AWS_EC2_METADATA_DISABLED": "true",
        "SAM_CLI_TELEMETRY": "0",
    }


if __name__ == "__main__":
    sys.exit(main())
