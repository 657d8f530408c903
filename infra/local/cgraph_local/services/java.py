"""Finds the Java that OpenSearch runs on, and the Maven that fetches it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cgraph_local.services.errors import ServiceFailed

OLDEST, NEWEST = 17, 23
"""OpenSearch 2 needs a Java that still has the security manager."""
SYSTEM_FOLDER = Path("/usr/lib/jvm")
ADVICE = (
    "Install Java 17 and Maven (on Debian and Ubuntu: apt install openjdk-17-jre-headless maven; "
    "JAVA_HOME names another Java), or name an OpenSearch that runs: "
    "CGRAPH_OPENSEARCH_URL=http://127.0.0.1:9200"
)


def find_java() -> Path:
    """JAVA_HOME's, else that of the system. Raises ServiceFailed."""
    found = []
    for path in _candidates():
        version = _major(path)
        if OLDEST <= version <= NEWEST:
            return path
        found.append(f"{path} is Java {version}" if version else f"{path} does not run")
    where = f": {', '.join(found)}" if found else ""
    raise ServiceFailed(
        "opensearch", reason=f"needs Java {OLDEST} to {NEWEST}, which is not here{where}. {ADVICE}"
    )


def find_maven() -> Path:
    """Raises ServiceFailed."""
    path = shutil.which("mvn")
    if path is None:
        raise ServiceFailed(
            "opensearch", reason=f"is assembled by Maven, which is not here. {ADVICE}"
        )
    return Path(path)


def java_and_maven_are_here() -> bool:
    try:
        find_java()
        find_maven()
    except ServiceFailed:
        return False
    return True


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home).expanduser() / "bin" / "java"
    if on_path := shutil.which("java"):
        yield Path(on_path).resolve()
    yield from sorted(SYSTEM_FOLDER.glob("*-17-*/bin/java"))


def _major(java: Path) -> int:
    """0 where it does not run."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    version = re.search(r'version "(\d+)', done.stderr)
    return int(version[1]) if version else 0
