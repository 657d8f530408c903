"""The configuration of a stage: samconfig.toml with the caller's overrides."""

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scripts.deployment.steps import ROOT, CommandError

SQL = (ROOT / "infra" / "migrations", ROOT / "infra" / "schema")
NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Stage:
    """`section`: the stage's section in samconfig.toml, `default` if it has none of its own.

    `overrides`: the names of the parameters that come from the caller, not from samconfig.toml.
    """

    name: str
    section: str
    region: str
    parameters: Mapping[str, str]
    overrides: frozenset[str]

    @property
    def stack(self) -> str:
        return f"cgraph-{self.name}"

    @property
    def tags(self) -> dict[str, str]:
        return {"application": "cgraph", "stage": self.name}

    def with_parameter(self, name: str, value: str) -> "Stage":
        return replace(self, parameters={**self.parameters, name: value})

    def with_digest(self) -> "Stage":
        """A new digest makes CloudFormation run the migrator."""
        return self.with_parameter("SchemaDigest", digest(*SQL))


def read_stage(
    name: str, *, overrides: Mapping[str, str], file: Path = ROOT / "samconfig.toml"
) -> Stage:
    """Raises CommandError if the name is not valid."""
    if not NAME.fullmatch(name):
        raise CommandError(
            f"STAGE={name}: a name is at most 16 lower case letters and digits, a letter first"
        )
    document = tomllib.loads(file.read_text())
    section = name if name in document else "default"
    settings = document[section]
    region = (
        os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or str(settings["global"]["parameters"]["region"])
    )
    parameters = {**_configured_parameters(settings), "StageName": name, **overrides}
    return Stage(name, section, region, parameters, frozenset(overrides))


def digest(*folders: Path) -> str:
    """A digest of the names and contents of the SQL and text files."""
    sha256 = hashlib.sha256()
    for folder in folders:
        for path in sorted([*folder.rglob("*.sql"), *folder.rglob("*.txt")]):
            sha256.update(f"{path.relative_to(folder)}\0{path.read_text()}\0".encode())
    return sha256.hexdigest()[:32]


def parse_parameters(text: str) -> dict[str, str]:
    """Parses `A=1 B=2`. Raises CommandError if a part is not NAME=VALUE."""
    parameters = {}
    for part in text.split():
        name, equals, value = part.partition("=")
        if not equals or not name.isalnum():
            raise CommandError(f"PARAMETERS: {part!r} is not NAME=VALUE")
        parameters[name] = value
    return parameters


def _configured_parameters(settings: Mapping[str, Any]) -> dict[str, str]:
    assignments = settings["deploy"]["parameters"]["parameter_overrides"]
    return dict(item.split("=", 1) for item in assignments)
