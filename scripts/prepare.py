"""Makes this checkout's virtual environments from the locked requirements; quick when they stand.

Usage: python3 scripts/prepare.py run|test|deploy|lint   (what `make` does before its own work)
Runs on the standard library alone, because nothing is installed yet when it starts.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("layers/cgraph", "infra/local", "clients/python")
INSTALLER = "scripts/requirements.txt"
RUN = (INSTALLER, "layers/dependencies/requirements.txt", "infra/local/requirements.txt")
TEST = (*RUN, "tests/requirements.txt")
EMULATOR = ("infra/local/emulator/requirements.txt",)
LINT = ("infra/lint/requirements.txt",)
SAM = ("infra/sam/requirements.txt",)
LEVELS = ("run", "test", "deploy", "lint")
"""Each has all that those before it have."""

print_lock = threading.Lock()


class CannotPrepare(Exception):
    """Says to the person what failed and what they can do."""


@dataclass(frozen=True)
class Environment:
    """One virtual environment and the lock files it is to hold exactly."""

    path: Path
    requirements: tuple[str, ...]

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.path / ".prepared"

    def wanted(self) -> dict[str, str]:
        content = b"".join((ROOT / name).read_bytes() for name in self.requirements)
        return {
            "python": f"{platform.python_version()} {platform.machine()}",
            "path": str(self.path),
            "packages": hashlib.sha256(content).hexdigest(),
        }

    def found(self) -> dict[str, str]:
        try:
            return dict(json.loads(self.stamp.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    @property
    def count(self) -> int:
        names = set()
        for name in self.requirements:
            lines = (ROOT / name).read_text().splitlines()
            names |= {line.split("==")[0] for line in lines if "==" in line}
        return len(names)


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in LEVELS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with one_at_a_time():
            prepare(arguments[0])
    except CannotPrepare as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next `make` goes on from here.", file=sys.stderr)
        return 130
    return 0


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Lets only one `make` in this checkout install; the others wait and then find it done."""
    with (ROOT / ".venv.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another make is preparing this checkout: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(level: str) -> None:
    has_tests = (ROOT / ".venv" / ".ready-test").exists()
    requirements = TEST if level != "run" or has_tests else RUN
    project = Environment(path=ROOT / ".venv", requirements=requirements)
    wanted = [project, Environment(path=ROOT / ".venv-emulator", requirements=EMULATOR)]
    if level in ("deploy", "lint"):
        wanted.append(Environment(path=ROOT / ".venv-sam", requirements=SAM))
    if level == "lint":
        wanted.append(Environment(path=ROOT / ".venv-lint", requirements=LINT))
    stale = [each for each in wanted if each.found() != each.wanted()]
    if stale:
        started = time.monotonic()
        bring_uv(project)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda each: install(each, uv=project.path / "bin" / "uv"), stale))
        say(f"set-up done in {time.monotonic() - started:.1f} s")
    link_sources(project)
    for name in LEVELS[: LEVELS.index(level) + 1]:
        (project.path / f".ready-{name}").touch()


def bring_uv(project: Environment) -> None:
    """Makes the project's venv anew unless it is one of ours for this Python and whole."""
    found, wanted = project.found(), project.wanted()
    if found and all(found[key] == wanted[key] for key in ("python", "path")):
        return
    with step(f"Python {platform.python_version()} in .venv, with the installer"):
        remove(project.path)
        run(sys.executable, "-m", "venv", project.path, advice=venv_advice())
        run(project.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--require-hashes", "-r", ROOT / INSTALLER)  # fmt: skip


def install(environment: Environment, *, uv: Path) -> None:
    with step(f"{environment.count} packages in {environment.path.name}"):
        found, wanted = environment.found(), environment.wanted()
        if environment.path.name != ".venv" and (
            not found or any(found[key] != wanted[key] for key in ("python", "path"))
        ):
            remove(environment.path)
            run(sys.executable, "-m", "venv", "--without-pip", environment.path)
        environment.stamp.unlink(missing_ok=True)
        files = [ROOT / name for name in environment.requirements]
        run(uv, "pip", "sync", "--quiet", "--python", environment.python, "--require-hashes",
            "--compile-bytecode", *files, variables=index_settings())  # fmt: skip
        environment.stamp.write_text(json.dumps(wanted))


def index_settings() -> dict[str, str]:
    """What the person told pip about their mirror and certificates, in the installer's words."""
    pip = ROOT / ".venv" / "bin" / "pip"
    if not pip.exists():
        return {}
    listing = subprocess.run([pip, "config", "list"], capture_output=True, text=True, check=False)
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX",
             "cert": "SSL_CERT_FILE"}  # fmt: skip
    settings = {}
    for line in listing.stdout.splitlines():
        key, _, value = line.partition("=")
        name = names.get(key.rpartition(".")[2])
        if name and name not in os.environ:
            settings[name] = value.strip("'")
    return settings


def link_sources(project: Environment) -> None:
    """Puts our packages on the venv's path and writes the commands pyproject.toml names.

    A path file instead of an editable install: nothing to build, no import hook at each start.
    """
    listing = "".join(f"{ROOT / source}\n" for source in SOURCES)
    site = next(project.path.glob("lib/python3*/site-packages"))
    write_if_changed(site / "cgraph_checkout.pth", text=listing)
    commands = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    for name, target in commands.items():
        module, _, function = target.partition(":")
        script = project.path / "bin" / name
        write_if_changed(
            script,
            text=f"#!/bin/sh\n'''exec' '{project.python}' \"$0\" \"$@\"\n' '''\n"
            f"import sys\n\nfrom {module} import {function}\n\nsys.exit({function}())\n",
        )
        script.chmod(0o755)


def write_if_changed(path: Path, *, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def remove(path: Path) -> None:
    if path.exists():
        shutil.rmtree(path)


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    started = time.monotonic()
    say(f"{what} …")
    yield
    say(f"{what}: {time.monotonic() - started:.1f} s")


def say(line: str) -> None:
    with print_lock:
        print(f"  {line}", flush=True)


def run(*command: str | Path, advice: str = "", variables: dict[str, str] | None = None) -> None:
    """Runs quietly; shows everything the command said when it fails."""
    environment = {**os.environ, **(variables or {})}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_REQUIRE_VIRTUALENV"):
        environment.pop(name, None)
    done = subprocess.run(
        [str(part) for part in command], env=environment, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        shown = " ".join(str(part) for part in command)
        raise CannotPrepare(f"{done.stdout}\nThis failed: {shown}\n{advice or NETWORK_ADVICE}")


NETWORK_ADVICE = (
    "It needs the package index once, later starts do not. Check the network and the proxy, then "
    "run the same make again: it goes on from here. `make clean` starts over."
)


def venv_advice() -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"Python {version} cannot make a virtual environment. On Debian and Ubuntu: "
        f"apt install python{version}-venv. Or name another: make PYTHON=/path/to/python3 …"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
