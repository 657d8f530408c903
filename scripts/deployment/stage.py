"""A stage as samconfig.toml has it, with what the person asked for on top."""

import hashlib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from scripts.deployment.steps import ROOT, Refused

SQL = (ROOT / "infra" / "migrations", ROOT / "infra" / "schema")
NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Stage:
    """`section`: where samconfig.toml has it; a stage without one of its own is as `default`.

    `asked`: the parameters that the person named, not the file.
    """

    name: str
    section: str
    region: str
    parameters: Mapping[str, str]
    asked: frozenset[str]

    @property
    def stack(self) -> str:
        return f"cgraph-{self.name}"

    def with_digest(self) -> "Stage":
        """A new digest makes CloudFormation run the migrator."""
        return replace(self, parameters={**self.parameters, "SchemaDigest": digest(*SQL)})


def read_stage(
    name: str, *, asked: Mapping[str, str], file: Path = ROOT / "samconfig.toml"
) -> Stage:
    """Raises Refused."""
    if not NAME.fullmatch(name):
        raise Refused(f"STAGE={name}: lower case, a letter first, at most 16 letters and digits")
    document = tomllib.loads(file.read_text())
    section = name if name in document else "default"
    settings = document[section]
    region = (
        os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
        or str(settings["global"]["parameters"]["region"])
    )
    parameters = {**_overrides(settings), "StageName": name, **asked}
    return Stage(name, section, region, parameters, frozenset(asked))


def digest(*folders: Path) -> str:
    """Of the names and contents of the files."""
    whole = hashlib.sha256()
    for folder in folders:
        for path in sorted([*folder.rglob("*.sql"), *folder.rglob("*.txt")]):
            whole.update(f"{path.relative_to(folder)}\0{path.read_text()}\0".encode())
    return whole.hexdigest()[:32]


def pairs(text: str) -> dict[str, str]:
    """`A=1 B=2` as a person types it. Raises Refused."""
    found = {}
    for part in text.split():
        name, equals, value = part.partition("=")
        if not equals or not name.isalnum():
            raise Refused(f"PARAMETERS: {part!r} is not NAME=VALUE")
        found[name] = value
    return found


def _overrides(settings: Mapping[str, Any]) -> dict[str, str]:
    listed = settings["deploy"]["parameters"]["parameter_overrides"]
    return dict(item.split("=", 1) for item in listed)
