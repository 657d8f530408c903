"""What an assembled OpenSearch consists of, in `.opensearch`: `make opensearch` makes it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree

from cgraph_local.core.home import CHECKOUT
from cgraph_local.services.errors import ServiceFailed

SOURCES = CHECKOUT / "infra" / "local" / "opensearch"
PROGRAM = CHECKOUT / ".opensearch"
FOLDERS = ("lib", "modules", "plugins", "extensions", "bin", "config")
"""Those of its home; it does not start where one is missing."""


@dataclass(frozen=True, slots=True)
class Module:
    """`jars`: patterns of the names of those that are its own, in a class loader of its own."""

    name: str
    class_name: str
    jars: Sequence[str]
    policy: str | None = None

    def descriptor(self, version: str) -> str:
        entries = {
            "name": self.name,
            "description": self.name,
            "version": version,
            "opensearch.version": version,
            "java.version": "11",
            "classname": self.class_name,
            "has.native.controller": "false",
        }
        return "".join(f"{name}={value}\n" for name, value in entries.items())


MODULES = (
    Module(
        "analysis-common",
        "org.opensearch.analysis.common.CommonAnalysisPlugin",
        ("analysis-common-*",),
    ),
    Module(
        "transport-netty4",
        "org.opensearch.transport.Netty4Plugin",
        ("transport-netty4-client-*", "netty-*"),
        policy="netty.policy",
    ),
    Module(
        "reindex",
        "org.opensearch.index.reindex.ReindexPlugin",
        (
            *("reindex-client-*", "opensearch-rest-client-*", "opensearch-ssl-config-*"),
            *("http*", "commons-codec-*", "commons-logging-*"),
        ),
    ),
)


def folder_of(jar: str) -> str:
    """Below the program's."""
    for module in MODULES:
        if any(fnmatch(jar, pattern) for pattern in module.jars):
            return f"modules/{module.name}"
    return "lib"


def version() -> str:
    """Of OpenSearch, as pom.xml pins it."""
    root = ElementTree.parse(SOURCES / "pom.xml").getroot()  # noqa: S314 - a file of this checkout
    found = root.findtext(".//{*}properties/{*}opensearch.version")
    assert found is not None
    return found


def check_jars(folder: Path) -> None:
    """Raises ServiceFailed where the jars anywhere in the folder are not those of jars.sha256."""
    wrong = sorted(_differences(folder))
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise ServiceFailed(
            "opensearch",
            reason=f"is not what infra/local/opensearch/jars.sha256 lists: {', '.join(wrong[:3])}"
            f"{more}. `make opensearch` assembles it; a jar that then still differs is another one "
            "than the one that was tested",
        )


def _differences(folder: Path) -> Iterator[str]:
    listed = _listed()
    found = {path.name: path for path in folder.rglob("*.jar")}
    yield from (f"{name} is missing" for name in listed.keys() - found.keys())
    yield from (f"{name} is not listed" for name in found.keys() - listed.keys())
    for name in listed.keys() & found.keys():
        with found[name].open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != listed[name]:
                yield f"{name} is changed"


def _listed() -> dict[str, str]:
    """By name of the jar, its digest."""
    lines = (SOURCES / "jars.sha256").read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}
