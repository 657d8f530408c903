"""Runs `sam build` without Docker, then compiles the layers and checks the artifacts."""

import os
from pathlib import Path

from scripts.deployment import artifacts
from scripts.deployment.artifacts import Artifacts
from scripts.deployment.python import MISSING, VERSION, find_python, path_with
from scripts.deployment.steps import ROOT, CommandError, Steps, print_line

SAM = ROOT / ".venv-sam" / "bin" / "sam"
BUILT = ROOT / ".aws-sam" / "build"
ADVICE = (
    "The build failed; its output is above. It needs the package index for the layer's wheels: "
    "check network and proxy, then run the same command again."
)


def build(steps: Steps, *, into: Path = BUILT) -> None:
    """Raises CommandError if the build fails, or if Lambda could not run the result."""
    python = find_python()
    if python is None:
        steps.fail(MISSING)
        python = Path(f"python{VERSION}")
    print_line(f"      for arm64 and Python {VERSION}, with {python}")
    steps.run(
        *(SAM, "build", "--template", ROOT / "template.yaml", "--build-dir", into),
        variables={"PATH": path_with(python)},
        advice=ADVICE,
    )
    compile_layers(steps, python=python, built=into)
    if not steps.dry:
        check(Artifacts.of(into))


def compile_layers(steps: Steps, *, python: Path, built: Path) -> None:
    """Compiles the layers, because Lambda cannot write .pyc files into a layer and would compile at
    every cold start.

    With unchecked hashes, because file times change in the upload; so the same code always makes
    the same layer.
    """
    for layer in ("Dependencies", "MediaDependencies", "Cgraph"):
        steps.run(
            *(python, "-m", "compileall", "-q", "-j", str(os.cpu_count() or 1)),
            *("--invalidation-mode", "unchecked-hash", "-s", built / layer, "-p", "/opt"),
            built / layer,
            advice="The Python code of a layer does not compile; the errors are above.",
        )


def check(built: Artifacts) -> None:
    """Prints the sizes of the artifacts. Raises CommandError if they cannot be deployed."""
    problems = list(artifacts.problems(built))
    if problems:
        raise CommandError("\n".join(["The build cannot be deployed:", *problems]))
    wheels = list(built.layers["Dependencies"].glob("python/*.dist-info"))
    print_line(f"      {len(wheels)} packages, each compatible with arm64 and Python {VERSION}")
    for name, folder in built.layers.items():
        print_line(f"      layer {name}: {artifacts.size(folder) / 1e6:.1f} MB unpacked")
    largest, megabytes = max(built.megabytes().items(), key=lambda item: item[1])
    print_line(
        f"      largest, with its layers: {largest}, {megabytes:.1f} MB of {artifacts.LIMIT_MB}"
    )
