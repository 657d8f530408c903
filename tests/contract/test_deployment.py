"""The deployment commands and the built artifacts, checked without an AWS account."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts.deployment import artifacts, refusals
from scripts.deployment.artifacts import Artifacts
from scripts.deployment.build import SAM, build
from scripts.deployment.python import MISSING, find_python
from scripts.deployment.stage import Stage, digest, parse_parameters, read_stage
from scripts.deployment.steps import CommandError, Steps
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
"""Types whose names are unique in an account."""


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs a deployment command as make does, without AWS credentials."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "scripts.deployment", *arguments],
        cwd=CHECKOUT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
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
def test_a_dry_run_prints_the_plan_of_each_command(
    arguments: list[str], expected: list[str]
) -> None:
    done = run_command(*arguments, "--dry", "1")
    assert done.returncode == 0, done.stderr
    for each in expected:
        assert each in done.stdout


def test_a_command_that_cannot_run_prints_the_reason() -> None:
    for arguments, message in (
        (["destroy", "--stage", "production"], "never destroyed from here"),
        (["deploy", "--stage", "My Stage"], "lower case"),
        (["deploy", "--dry", "1", "--parameters", "LogDays"], "is not NAME=VALUE"),
        (["smoke"], "make smoke URL="),
    ):
        done = run_command(*arguments)
        assert done.returncode == 1
        assert message in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("stack", [PROTECTED, {"EnableTerminationProtection": True}])
def test_a_protected_stage_is_not_destroyed(stack: dict[str, Any]) -> None:
    with pytest.raises(CommandError, match="is protected; nothing was done"):
        refusals.refuse_protected(stage(), stack)
    refusals.refuse_protected(stage(), {"EnableTerminationProtection": False})


@pytest.mark.parametrize(
    ("deployed", "overrides", "message"),
    [
        ("medium", {}, "Set SIZE=medium"),
        ("small", {"Size": "medium"}, "the data moves"),
        ("large", {"Size": "small"}, "the data moves"),
        ("medium", {"Size": "large"}, ""),
        ("small", {}, ""),
    ],
)
def test_a_deployment_that_would_move_or_resize_the_database_is_refused(
    deployed: str, overrides: dict[str, str], message: str
) -> None:
    stack = {"Parameters": [{"ParameterKey": "Size", "ParameterValue": deployed}]}
    if not message:
        refusals.refuse_database_move(stage(**overrides), stack)
        return
    with pytest.raises(CommandError, match=message):
        refusals.refuse_database_move(stage(**overrides), stack)


def test_a_stage_sets_only_parameters_and_values_that_the_template_allows() -> None:
    parameters = Checkout(CHECKOUT).template["Parameters"]
    for name in ("trial", "production"):
        configured = read_stage(name, overrides={}).with_digest().parameters
        assert configured.keys() <= parameters.keys()
        for key, value in configured.items():
            assert value in parameters[key].get("AllowedValues", [value]), key


def test_a_changed_migration_or_schema_file_changes_the_digest(tmp_path: Path) -> None:
    migrations, schema = tmp_path / "migrations", tmp_path / "schema"
    (schema / "forums").mkdir(parents=True)
    migrations.mkdir()
    digests = {digest(migrations, schema)}
    for path, text in (
        (migrations / "0001_a.sql", "SELECT 1"),
        (migrations / "0001_a.sql", "SELECT 2"),
        (migrations / "0002_b.sql", ""),
        (schema / "forums" / "votes.sql", ""),
        (schema / "order.txt", "forums/votes.sql"),
    ):
        path.write_text(text)
        digests.add(digest(migrations, schema))
    assert len(digests) == 6
    assert parse_parameters("LogDays=30 Protected=false") == {"LogDays": "30", "Protected": "false"}


def test_names_that_are_unique_in_an_account_include_the_stack_name() -> None:
    for name, resource in Checkout(CHECKOUT).translated["Resources"].items():
        unique_name = resource.get("Properties", {}).get(UNIQUE.get(resource["Type"], ""))
        assert unique_name is None or "AWS::StackName" in json.dumps(unique_name), (
            f"{name} is {unique_name}"
        )


@pytest.mark.parametrize(
    ("tag", "is_compatible"),
    [
        ("py3-none-manylinux_2_27_aarch64", True),
        ("py3-none-manylinux_2_35_aarch64", False),
        ("py3-none-manylinux_2_27_x86_64", False),
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
def test_a_wheel_is_compatible_with_python_3_13_on_arm64_only_by_its_tag(
    tag: str, is_compatible: bool
) -> None:
    assert artifacts.is_compatible(tag) is is_compatible


def test_libraries_that_are_not_for_arm64_are_reported(tmp_path: Path) -> None:
    for name, machine in (("right", artifacts.ARM64), ("wrong", 62)):
        head = b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little")
        (tmp_path / f"{name}.cpython-313-linux-gnu.so").write_bytes(head)
    (tmp_path / "text.so").write_text("no library at all")
    problems = list(artifacts.incompatible_libraries(tmp_path))
    assert [each.split(".")[0] for each in problems] == ["text", "wrong"]


@pytest.fixture(scope="module")
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `sam build` wrote. It takes half a minute and needs the package index."""
    if not request.config.getoption("--full"):
        pytest.skip("sam build needs the package index: `make proofs`")
    if not SAM.exists() or find_python() is None:
        pytest.skip(f"SAM, which `make proofs` installs, and: {MISSING}")
    folder = tmp_path_factory.mktemp("built")
    build(Steps(1), into=folder)
    return folder


def test_the_build_is_compatible_with_lambda_and_small_enough(built: Path, report: Report) -> None:
    build_output = Artifacts.of(built)
    assert list(artifacts.problems(build_output)) == []
    assert build_output.functions.keys() == Checkout(CHECKOUT).declared.keys()
    dependencies = build_output.layers["Dependencies"] / "python"
    largest = max(build_output.megabytes().values())
    assert largest < artifacts.LIMIT_MB
    psycopg = next(dependencies.glob("psycopg_binary-*.dist-info/WHEEL")).read_text()
    assert "cp313-cp313-manylinux_2_28_aarch64" in psycopg
    report(
        "What is deployed",
        functions=len(build_output.functions),
        packages=len(list(dependencies.glob("*.dist-info"))),
        libraries=len(artifacts.libraries(dependencies)),
        largest_with_layers_MB=round(largest, 1),
    )


def test_every_file_of_a_layer_is_compiled(built: Path) -> None:
    for name in ("Dependencies", "Cgraph"):
        layer = Artifacts.of(built).layers[name]
        sources = set(layer.rglob("*.py"))
        compiled = {
            path.parent.parent / f"{path.name.split('.')[0]}.py" for path in layer.rglob("*.pyc")
        }
        assert sources == compiled


def test_every_function_can_be_imported_with_the_python_of_lambda(
    built: Path, tmp_path: Path, report: Report
) -> None:
    """On an arm64 machine with the built layers. Elsewhere with our built layer and functions,
    and the third-party packages of the same lock file, installed for this machine.
    """
    python, build_output = find_python(), Artifacts.of(built)
    assert python is not None
    native = (platform.system(), platform.machine()) == ("Linux", "aarch64")
    dependencies = build_output.layers["Dependencies"] / "python"
    if not native:
        dependencies = tmp_path / "dependencies"
        install(python, into=dependencies)
    handlers = [each.handler for each in Checkout(CHECKOUT).declared.values()]
    path = [
        build_output.functions["ShowMe"],
        build_output.layers["Cgraph"] / "python",
        dependencies,
    ]
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


def stage(**overrides: str) -> Stage:
    return read_stage("trial", overrides=overrides)
