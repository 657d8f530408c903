"""`sam build` without Docker, and what is done to what it made."""

import os
from pathlib import Path

from scripts.deployment import artifacts
from scripts.deployment.artifacts import Artifacts
from scripts.deployment.python import MISSING, VERSION, find_python, path_with
from scripts.deployment.steps import ROOT, Refused, Steps, say

SAM = ROOT / ".venv-sam" / "bin" / "sam"
BUILT = ROOT / ".aws-sam" / "build"
ADVICE = (
    "The build failed; what it said is above. It needs the package index for the layer's wheels: "
    "check network and proxy, then run the same again."
)


def build(steps: Steps, *, into: Path = BUILT) -> None:
    """Raises Refused, also where what was built would not run or not fit."""
    python = find_python()
    if python is None:
        steps.refuse(MISSING)
        python = Path(f"python{VERSION}")
    say(f"      for arm64 and Python {VERSION}, with {python}")
    steps.run(
        *(SAM, "build", "--template", ROOT / "template.yaml", "--build-dir", into),
        variables={"PATH": path_with(python)},
        advice=ADVICE,
    )
    compile_layers(steps, python=python, built=into)
    if not steps.dry:
        check(Artifacts.of(into))


def compile_layers(steps: Steps, *, python: Path, built: Path) -> None:
    """Lambda cannot keep what it compiles in a layer: uncompiled, every cold start does it anew.

    Unchecked, because times change on the way; so the same code makes the same layer.
    """
    for layer in ("Dependencies", "Cgraph"):
        steps.run(
            *(python, "-m", "compileall", "-q", "-j", str(os.cpu_count() or 1)),
            *("--invalidation-mode", "unchecked-hash", "-s", built / layer, "-p", "/opt"),
            built / layer,
            advice="A layer's Python does not compile; what is wrong is above.",
        )


def check(built: Artifacts) -> None:
    """Says how large it is. Raises Refused."""
    found = list(artifacts.problems(built))
    if found:
        raise Refused("\n".join(["What was built cannot be deployed:", *found]))
    wheels = list(built.layers["Dependencies"].glob("python/*.dist-info"))
    say(f"      {len(wheels)} packages, each fit for arm64 and Python {VERSION}")
    for name, folder in built.layers.items():
        say(f"      layer {name}: {artifacts.size(folder) / 1e6:.1f} MB unpacked")
    largest, megabytes = max(built.megabytes().items(), key=lambda item: item[1])
    say(f"      largest, with its layers: {largest}, {megabytes:.1f} MB of {artifacts.LIMIT_MB}")
