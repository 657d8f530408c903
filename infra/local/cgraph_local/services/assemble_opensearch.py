"""`make opensearch`: assembles an OpenSearch from what pom.xml pins, into `.opensearch`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from cgraph_local.core.home import CHECKOUT
from cgraph_local.services.errors import ServiceFailed
from cgraph_local.services.java import find_java, find_maven
from cgraph_local.services.opensearch_files import (
    FOLDERS,
    MODULES,
    PROGRAM,
    SOURCES,
    check_jars,
    folder_of,
    version,
)

ADVICE = (
    "The first run needs the Maven repository that your settings.xml names, later ones do not. "
    "Check the network and the proxy, then run the same make again"
)


def main() -> int:
    started = time.monotonic()
    try:
        find_java()
        # beside its place, for which it is exchanged once it is whole
        with TemporaryDirectory(dir=CHECKOUT, prefix=".opensearch-") as name:
            folder = Path(name) / "opensearch"
            assemble(folder)
            shutil.rmtree(PROGRAM, ignore_errors=True)
            folder.rename(PROGRAM)
    except ServiceFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - started
    print(f"  OpenSearch {version()} in {PROGRAM.name}: {seconds:.1f} s", flush=True)
    return 0


def assemble(folder: Path) -> None:
    """`folder` must not exist yet. Raises ServiceFailed."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    _fetch_jars(folder / "lib")
    check_jars(folder)
    for module in MODULES:
        place = folder / "modules" / module.name
        place.mkdir()
        (place / "plugin-descriptor.properties").write_text(module.descriptor(version()))
        if module.policy:
            shutil.copyfile(SOURCES / module.policy, place / "plugin-security.policy")
    for jar in (folder / "lib").iterdir():
        jar.rename(folder / folder_of(jar.name) / jar.name)


def _fetch_jars(folder: Path) -> None:
    # Maven leaves a `target` beside the pom in some versions: it works on a copy
    work = folder.parents[1]
    shutil.copyfile(SOURCES / "pom.xml", work / "pom.xml")
    command = [
        *(str(find_maven()), "--quiet", "--batch-mode", "--file", str(work / "pom.xml")),
        *("dependency:copy-dependencies", f"-DoutputDirectory={folder}"),
    ]
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise ServiceFailed(
            "opensearch", reason=f"could not be fetched. {ADVICE}", tail=done.stdout[-3000:]
        )


if __name__ == "__main__":
    sys.exit(main())
