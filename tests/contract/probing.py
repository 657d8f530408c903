"""Imports each function in a process without heavy modules and returns what it loads and calls."""

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
        "comrak",
        "fastapi",
        "nh3",
        "opensearchpy",
        "precis_i18n",
        "psycopg",
        "pyotp",
        "redis",
        "regex",
    )
)
"""Modules that make a cold start too slow; only functions that are listed may import them."""


@dataclass(frozen=True, slots=True)
class Probe:
    """`heavy_modules`: those that the import loads. `routes`, `limit` and `dependencies`: only of
    HTTP functions. `policy`: of HTTP functions and socket actions. `leads_to`: every function that
    the code calls, directly or through others.
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
    """Both kinds run at once. HTTP functions start from a process that has FastAPI, which they may
    import.
    """
    groups = {"http": http, "others": others}
    commands = [
        [sys.executable, SCRIPT, kind, root, ",".join(HEAVY), *(modules[name] for name in names)]
        for kind, names in groups.items()
    ]
    probes: dict[str, Probe] = {}
    with ThreadPoolExecutor() as pool:
        outputs = pool.map(_output, commands)
    for output, names in zip(outputs, groups.values(), strict=True):
        lines = [json.loads(line) for line in output.splitlines()]
        imports, descriptions = lines[: len(names)], lines[len(names) :]
        for name, loaded, code in zip(names, imports, descriptions, strict=True):
            probes[name] = Probe(**loaded, **code)
    return probes


def _output(command: list[str | Path]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{SCRIPT} failed:\n{done.stderr}"
    return done.stdout
