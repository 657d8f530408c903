"""Each deployment that the parameters allow, against AWS's schemas of its resources: cfn-lint has
them, and checks a template only as far as it guesses what its conditions may be.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from scripts.lint_infrastructure import environment
from tests.conftest import Report
from tests.contract.checkout import CHECKOUT
from tests.contract.deployments import Template, deployment, write_distinct

CFN_LINT = CHECKOUT / ".venv-sam" / "bin" / "cfn-lint"
SIZES, EGRESS, EDGES = ("small", "medium", "large"), ("endpoints", "ipv6"), ("none", "cloudfront")
NAMED = {"DomainName": "example.org", "HostedZone": "Z0123456789ABC"}
KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA,mwIDAQAB"
ARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/cgraph/a1b2"
FURTHER = (
    {"Size": "medium", **NAMED, "FirstMediaKey": KEY, "AlarmEmail": "a@example.org"},
    {"Size": "small", **NAMED, "Edge": "none", "PermissionsBoundary": ARN, "LogDays": "30"},
    {"Size": "small", "Search": "opensearch"},
    {"Size": "medium", "Search": "none"},
    {"Size": "large", "EdgeFirewall": ARN, "EdgeKey": "second", "WebOrigins": "https://a.example"},
)
"""Beside each size, egress and edge: what the other parameters bring into being."""

IGNORED = (
    "W",  # advice; `make lint` reads it on the templates as they are written
    "I",
)


@pytest.fixture(scope="module")
def linter(request: pytest.FixtureRequest) -> Path:
    if not request.config.getoption("--full"):
        pytest.skip("a minute of cfn-lint: `make proofs` runs it")
    assert CFN_LINT.exists(), "make .venv/.ready-deploy installs it"
    return CFN_LINT


def combinations() -> Iterator[dict[str, str]]:
    for size, egress, edge in product(SIZES, EGRESS, EDGES):
        yield {"Size": size, "Egress": egress, "Edge": edge}
    yield from FURTHER


def test_every_deployment_agrees_with_the_schemas_of_aws(
    linter: Path, tmp_path: Path, report: Report
) -> None:
    templates = (each for chosen in combinations() for each in deployment(**chosen))
    files = write_distinct(tmp_path, templates)
    assert problems(linter, *files.values()) == []
    resources = sum(len(json.loads(text)["Resources"]) for text in files)
    report(
        "Templates against AWS's schemas",
        deployments=len(list(combinations())),
        different_templates=len(files),
        resources=resources,
    )


@pytest.mark.parametrize(
    ("stack", "resource", "path", "value"),
    [
        ("edge", "Distribution", ("DistributionConfig", "HttpVersion"), "http9"),
        ("firewall", "Firewall", ("Scope",), "EDGE"),
        ("database", "Instance", ("BackupRetentionPeriod",), "seven"),
    ],
)
def test_a_wrong_value_behind_a_condition_is_found(
    linter: Path, tmp_path: Path, stack: str, resource: str, path: tuple[str, ...], value: Any
) -> None:
    size = "small" if stack == "database" else "medium"
    (template,) = (each for name, each in deployment(Size=size) if name.endswith(stack))
    change(template, resource, path, value)
    files = write_distinct(tmp_path, iter([(stack, template)]))
    assert any(value in problem for problem in problems(linter, *files.values()))


def change(template: Template, resource: str, path: tuple[str, ...], value: Any) -> None:
    properties = template["Resources"][resource]["Properties"]
    for name in path[:-1]:
        properties = properties[name]
    assert path[-1] in properties
    properties[path[-1]] = value


def problems(linter: Path, *files: Path) -> list[str]:
    (files[0].parent / "infra").symlink_to(CHECKOUT / "infra")  # where nested stacks are
    done = subprocess.run(
        [linter, "--format", "json", "--regions", "us-east-1", "--", *files],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode < 32, done.stderr
    return [
        f"{Path(match['Filename']).name}: {match['Rule']['Id']} {match['Message']} "
        f"at {'/'.join(map(str, match['Location']['Path'] or ()))}"
        for match in json.loads(done.stdout or "[]")
        if not match["Rule"]["Id"].startswith(IGNORED)
    ]
