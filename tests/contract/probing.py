"""Imports each function in a process without heavy modules, and says what came with it."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("probe.py")

HEAVY = frozenset(
    (
        "aioboto3",
        "aiobotocore",
        "aiohttp",
        "argon2",
        "aws_xray_sdk",
        "boto3",
        "botocore.session",  # botocore itself is small, and Powertools looks for it
        "fastapi",
        "markdown_it",
        "nh3",
        "opensearchpy",
        "psycopg",
        "pyotp",
        "redis",
    )
)
"""Modules that cost a cold start too much, unless a function is allowed to have one."""


@dataclass(frozen=True, slots=True)
class Probe:
    """`heavy_modules`: those that the import brought. `routes`, `limit` and `dependencies` are of
    an HTTP function's app, `policy` of a socket's action too. `leads_to`: what its code calls, all
    the way down.
    """

    error: str
    heavy_modules: list[str]
    routes: list[dict[str, Any]]
    policy: dict[str, Any] | None
    limit: str | None
    dependencies: list[str]
    leads_to: list[str]


def probe(
    root: Path,
    *,
    http: Sequence[str],
    others: Sequence[str],
    modules: Mapping[str, str],
) -> dict[str, Probe]:
    """HTTP functions start from a process that has FastAPI, which they may; both kinds at once."""
    groups = {"http": http, "others": others}
    commands = [
        [sys.executable, SCRIPT, kind, root, ",".join(HEAVY), *(modules[name] for name in names)]
        for kind, names in groups.items()
    ]
    found: dict[str, Probe] = {}
    with ThreadPoolExecutor() as pool:
        outputs = pool.map(_output, commands)
    for output, names in zip(outputs, groups.values(), strict=True):
        lines = [json.loads(line) for line in output.splitlines()]
        imports, descriptions = lines[: len(names)], lines[len(names) :]
        for name, brought, code in zip(names, imports, descriptions, strict=True):
            found[name] = Probe(**brought, **code)
    return found


def _output(command: list[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{SCRIPT} failed:\n{done.stderr}"
    return done.stdout
