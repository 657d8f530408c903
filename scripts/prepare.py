"""Creates the virtual environments of this checkout from the lock files, if they are stale.

Usage: python3 scripts/prepare.py run|test|deploy|lint|browser   (`make` runs it before each target)
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
RUN = (
    *(INSTALLER, "layers/dependencies/requirements.txt", "layers/media/requirements.txt"),
    "infra/local/requirements.txt",
)
TEST = (*RUN, "tests/requirements.txt")
EMULATOR = ("infra/local/emulator/requirements.txt",)
LINT = ("infra/lint/requirements.txt",)
SAM = ("infra/sam/requirements.txt",)
SEARCH_FAKE = ("tests/search_fake/requirements.txt",)
BROWSER = ("tests/browser/requirements.txt",)
LEVELS = {
    "run": ("run",),
    "test": ("run", "test"),
    "deploy": ("run", "test", "deploy"),
    "lint": ("run", "test", "deploy", "lint"),
    "browser": ("run", "test", "browser"),
}
"""The levels that each level includes."""

print_lock = threading.Lock()


class PreparationError(Exception):
    """The message names what failed and what the user can do."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment, and the lock files whose packages it must have, and no others."""

    path: Path
    requirements: tuple[str, ...]

    @property
    def python(self) -> Path:
        return self.path / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.path / ".prepared"

    def expected_stamp(self) -> dict[str, str]:
        content = b"".join((ROOT / name).read_bytes() for name in self.requirements)
        return {
            "python": f"{platform.python_version()} {platform.machine()}",
            "path": str(self.path),
            "packages": hashlib.sha256(content).hexdigest(),
        }

    def current_stamp(self) -> dict[str, str]:
        try:
            return dict(json.loads(self.stamp.read_text()))
        except (FileNotFoundError, ValueError):
            return {}

    @property
    def package_count(self) -> int:
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
        with exclusive_lock():
            prepare(arguments[0])
    except PreparationError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The next `make` continues from here.", file=sys.stderr)
        return 130
    return 0


@contextlib.contextmanager
def exclusive_lock() -> Iterator[None]:
    """Lets only one `make` in this checkout install; the others wait and then find it done."""
    with (ROOT / ".venv.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print_line("another make is preparing this checkout: waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def prepare(level: str) -> None:
    has_tests = (ROOT / ".venv" / ".ready-test").exists()
    requirements = TEST if level != "run" or has_tests else RUN
    project = Environment(path=ROOT / ".venv", requirements=requirements)
    environments = [project, Environment(path=ROOT / ".venv-emulator", requirements=EMULATOR)]
    if level != "run":
        environments.append(Environment(path=ROOT / ".venv-search-fake", requirements=SEARCH_FAKE))
    if level in ("deploy", "lint"):
        environments.append(Environment(path=ROOT / ".venv-sam", requirements=SAM))
    if level == "lint":
        environments.append(Environment(path=ROOT / ".venv-lint", requirements=LINT))
    if level == "browser":
        environments.append(Environment(path=ROOT / ".venv-browser", requirements=BROWSER))
    stale = [each for each in environments if each.current_stamp() != each.expected_stamp()]
    if stale:
        started = time.monotonic()
        install_uv(project)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda each: install(each, uv=project.path / "bin" / "uv"), stale))
        print_line(f"set-up done in {time.monotonic() - started:.1f} s")
    link_sources(project)
    for name in LEVELS[level]:
        (project.path / f".ready-{name}").touch()


def install_uv(project: Environment) -> None:
    """Creates .venv again, with uv in it, unless it is complete and for this Python and path."""
    current, expected = project.current_stamp(), project.expected_stamp()
    if current and all(current[key] == expected[key] for key in ("python", "path")):
        return
    with step(f"Python {platform.python_version()} in .venv, with the installer"):
        remove(project.path)
        run(sys.executable, "-m", "venv", project.path, advice=venv_advice())
        run(project.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--require-hashes", "-r", ROOT / INSTALLER)  # fmt: skip


def install(environment: Environment, *, uv: Path) -> None:
    with step(f"{environment.package_count} packages in {environment.path.name}"):
        current, expected = environment.current_stamp(), environment.expected_stamp()
        if environment.path.name != ".venv" and (
            not current or any(current[key] != expected[key] for key in ("python", "path"))
        ):
            remove(environment.path)
            run(sys.executable, "-m", "venv", "--without-pip", environment.path)
        environment.stamp.unlink(missing_ok=True)
        files = [ROOT / name for name in environment.requirements]
        run(uv, "pip", "sync", "--quiet", "--python", environment.python, "--require-hashes",
            "--allow-empty-requirements", "--compile-bytecode", *files,
            variables=index_settings())  # fmt: skip
        environment.stamp.write_text(json.dumps(expected))


def index_settings() -> dict[str, str]:
    """The index and certificate settings of pip as environment variables of uv."""
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
    """Puts our packages on the path of .venv and writes the commands that pyproject.toml declares.

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
def step(title: str) -> Iterator[None]:
    started = time.monotonic()
    print_line(f"{title} …")
    yield
    print_line(f"{title}: {time.monotonic() - started:.1f} s")


def print_line(line: str) -> None:
    with print_lock:
        print(f"  {line}", flush=True)


def run(*command: str | Path, advice: str = "", variables: dict[str, str] | None = None) -> None:
    """Runs a command without output. Raises PreparationError with its output if it fails."""
    environment = {**os.environ, **(variables or {})}
    for name in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "PIP_REQUIRE_VIRTUALENV"):
        environment.pop(name, None)
    done = subprocess.run(
        [str(part) for part in command], env=environment, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    if done.returncode:
        command_line = " ".join(str(part) for part in command)
        raise PreparationError(
            f"{done.stdout}\nThis failed: {command_line}\n{advice or NETWORK_ADVICE}"
        )


NETWORK_ADVICE = (
    "The first run needs the package index, later ones do not. Check the network and the proxy, "
    "then run the same make again: it continues from here. `make clean` starts over."
)


def venv_advice() -> str:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    return (
        f"Python {version} cannot create a virtual environment. On Debian and Ubuntu: "
        f"apt install python{version}-venv. Or choose another: make PYTHON=/path/to/python3 …"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
