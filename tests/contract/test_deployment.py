"""What is sent to AWS, looked at without an account."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.deployment import artifacts, commands
from scripts.deployment.artifacts import Artifacts
from scripts.deployment.build import SAM, build
from scripts.deployment.python import MISSING, find_python
from scripts.deployment.stage import Stage, digest, pairs, read_stage
from scripts.deployment.steps import Refused, Steps
from tests.conftest import Report
from tests.contract.checkout import CHECKOUT, Checkout

PROTECTED = {"Parameters": [{"ParameterKey": "Protected", "ParameterValue": "true"}]}
UNIQUE = {
    "AWS::Scheduler::Schedule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::Lambda::Function": "FunctionName",
}
"""What an account has only once under a name."""


def planned(*arguments: str) -> subprocess.CompletedProcess[str]:
    """As make has it run, by somebody without an account."""
    nobody = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "scripts.deployment", *arguments],
        cwd=CHECKOUT,
        env=nobody,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["deploy", "--stage", "trial", "--size", "medium", "--egress", "ipv6"],
            ["[5/5] Smoke test", "Size=medium Egress=ipv6", "--stack-name cgraph-trial"],
        ),
        (["deploy", "--stage", "production"], ["--config-env production", "Protected=true"]),
        (["diff", "--stage", "trial"], ["[4/4] A change set", "sam package"]),
        (["destroy", "--stage", "trial"], ["[2/2] Delete", "last snapshot"]),
        (["build"], ["sam build", "compileall"]),
        (["smoke", "--url", "https://api.example"], ["CGRAPH_URL=https://api.example"]),
    ],
)
def test_each_command_has_a_plan(arguments: list[str], words: list[str]) -> None:
    done = planned(*arguments, "--dry", "1")
    assert done.returncode == 0, done.stderr
    for each in words:
        assert each in done.stdout


def test_what_cannot_be_is_said() -> None:
    for arguments, words in (
        (["destroy", "--stage", "production"], "never destroyed from here"),
        (["deploy", "--stage", "My Stage"], "lower case"),
        (["deploy", "--dry", "1", "--parameters", "LogDays"], "is not NAME=VALUE"),
        (["smoke"], "make smoke URL="),
    ):
        done = planned(*arguments)
        assert done.returncode == 1
        assert words in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("stack", [PROTECTED, {"EnableTerminationProtection": True}])
def test_a_protected_stage_is_not_destroyed(stack: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="is protected; nothing was done"):
        commands.refuse_protected(stage(), stack)
    commands.refuse_protected(stage(), {"EnableTerminationProtection": False})


@pytest.mark.parametrize(
    ("there", "asked", "words"),
    [
        ("medium", {}, "Say SIZE=medium"),
        ("small", {"Size": "medium"}, "the data moves"),
        ("large", {"Size": "small"}, "the data moves"),
        ("medium", {"Size": "large"}, ""),
        ("small", {}, ""),
    ],
)
def test_no_database_moves_by_a_slip(there: str, asked: dict[str, str], words: str) -> None:
    stack = {"Parameters": [{"ParameterKey": "Size", "ParameterValue": there}]}
    if not words:
        commands.refuse_a_move(stage(**asked), stack)
        return
    with pytest.raises(Refused, match=words):
        commands.refuse_a_move(stage(**asked), stack)


def test_what_a_stage_is_made_with_is_what_the_template_asks_for() -> None:
    parameters = Checkout(CHECKOUT).template["Parameters"]
    for name in ("trial", "production"):
        found = read_stage(name, asked={}).with_digest().parameters
        assert found.keys() <= parameters.keys()
        for key, value in found.items():
            assert value in parameters[key].get("AllowedValues", [value]), key


def test_a_changed_migration_or_schema_file_is_another_digest(tmp_path: Path) -> None:
    migrations, schema = tmp_path / "migrations", tmp_path / "schema"
    (schema / "forums").mkdir(parents=True)
    migrations.mkdir()
    seen = {digest(migrations, schema)}
    for path, text in (
        (migrations / "0001_a.sql", "SELECT 1"),
        (migrations / "0001_a.sql", "SELECT 2"),
        (migrations / "0002_b.sql", ""),
        (schema / "forums" / "votes.sql", ""),
        (schema / "order.txt", "forums/votes.sql"),
    ):
        path.write_text(text)
        seen.add(digest(migrations, schema))
    assert len(seen) == 6
    assert pairs("LogDays=30 Protected=false") == {"LogDays": "30", "Protected": "false"}


def test_two_stages_fit_one_account() -> None:
    for name, resource in Checkout(CHECKOUT).translated["Resources"].items():
        given = resource.get("Properties", {}).get(UNIQUE.get(resource["Type"], ""))
        assert given is None or "AWS::StackName" in json.dumps(given), f"{name} is {given}"


@pytest.mark.parametrize(
    ("tag", "suits"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", True),
        ("cp313-cp313-manylinux_2_28_aarch64", True),
        ("cp313-cp313-manylinux_2_17_aarch64.manylinux2014_aarch64", True),
        ("cp39-abi3-manylinux_2_28_aarch64", True),
        ("cp313-cp313-manylinux2014_x86_64", False),
        ("cp313-cp313-macosx_11_0_arm64", False),
        ("cp313-cp313-musllinux_1_2_aarch64", False),
        ("cp313-cp313-manylinux_2_39_aarch64", False),
        ("cp311-cp311-manylinux_2_28_aarch64", False),
    ],
)
def test_wheels_for_elsewhere_are_told(tag: str, suits: bool) -> None:
    assert artifacts.suits(tag) is suits


def test_libraries_for_elsewhere_are_told(tmp_path: Path) -> None:
    for name, machine in (("right", artifacts.ARM64), ("wrong", 62)):
        head = b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little")
        (tmp_path / f"{name}.cpython-313-linux-gnu.so").write_bytes(head)
    (tmp_path / "text.so").write_text("no library at all")
    told = list(artifacts.foreign_libraries(tmp_path))
    assert [each.split(".")[0] for each in told] == ["text", "wrong"]


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """By `sam build`, which needs the package index: half a minute."""
    if not request.config.getoption("--full"):
        pytest.skip("sam build needs the package index: `make proofs`")
    if not SAM.exists() or find_python() is None:
        pytest.skip(f"SAM, which `make proofs` installs, and: {MISSING}")
    folder = tmp_path_factory.mktemp("built")
    build(Steps(1), into=folder)
    return folder


def test_what_is_built_is_for_lambda_and_small_enough(built: Path, report: Report) -> None:
    found = Artifacts.of(built)
    assert list(artifacts.problems(found)) == []
    assert found.functions.keys() == Checkout(CHECKOUT).declared.keys()
    dependencies = found.layers["Dependencies"] / "python"
    largest = max(found.megabytes().values())
    assert largest < artifacts.LIMIT_MB
    psycopg = next(dependencies.glob("psycopg_binary-*.dist-info/WHEEL")).read_text()
    assert "cp313-cp313-manylinux_2_28_aarch64" in psycopg
    report(
        "What is deployed",
        functions=len(found.functions),
        packages=len(list(dependencies.glob("*.dist-info"))),
        libraries=len(artifacts.libraries(dependencies)),
        largest_with_layers_MB=round(largest, 1),
    )


def test_layers_are_compiled(built: Path) -> None:
    for name in ("Dependencies", "Cgraph"):
        layer = Artifacts.of(built).layers[name]
        sources = set(layer.rglob("*.py"))
        compiled = {
            path.parent.parent / f"{path.name.split('.')[0]}.py" for path in layer.rglob("*.pyc")
        }
        assert sources == compiled


def test_every_function_imports_under_its_python(
    built: Path, tmp_path: Path, report: Report
) -> None:
    """From the layers as they are where this machine is arm64; elsewhere our layer and functions
    are those that were built, and third parties those of the same lock for this machine."""
    python, found = find_python(), Artifacts.of(built)
    assert python is not None
    native = (platform.system(), platform.machine()) == ("Linux", "aarch64")
    dependencies = found.layers["Dependencies"] / "python"
    if not native:
        dependencies = tmp_path / "dependencies"
        install(python, into=dependencies)
    handlers = [each.handler for each in Checkout(CHECKOUT).declared.values()]
    path = [found.functions["ShowMe"], found.layers["Cgraph"] / "python", dependencies]
    run(python, "-c", IMPORTS, *handlers, PYTHONPATH=os.pathsep.join(map(str, path)))
    report("Imported", functions=len(handlers), layers="as built" if native else "for this machine")


IMPORTS = """
import importlib, sys
for handler in sys.argv[1:]:
    module, _, name = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name)), handler
import cgraph
assert cgraph.__file__.startswith(sys.path[2]), cgraph.__file__
"""


def install(python: Path, *, into: Path) -> None:
    lock = CHECKOUT / "layers" / "dependencies" / "requirements.txt"
    run(
        *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"),
        *("--no-deps", "--require-hashes", "--root-user-action", "ignore"),
        *("--target", into, "--requirement", lock),
    )


def run(*command: str | Path, **variables: str) -> None:
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "Built", **variables}
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def stage(**asked: str) -> Stage:
    return read_stage("trial", asked=asked)
