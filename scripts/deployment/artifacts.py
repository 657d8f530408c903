"""Checks the output of `sam build` before it is uploaded: its platform and its size."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cgraph_local.template.yaml_loader import load_template

LIMIT_MB = 180
"""Our limit for a function and its layers, unpacked; Lambda's is 250 MB."""

GLIBC = 34
"""The minor version of glibc in Amazon Linux 2023, on which python3.13 runs: 2.34."""

ARM64 = 183
"""`e_machine` of an ELF file."""

TAG = re.compile(r"^Tag: (.+)$", re.MULTILINE)
PLATFORM = re.compile(r"manylinux_2_(\d+)_aarch64|manylinux2014_aarch64")


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The folder of each layer and of each function's code, and the layers of each function. The
    keys are the names of the resources.
    """

    layers: Mapping[str, Path]
    functions: Mapping[str, Path]
    layers_of: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, built: Path) -> "Artifacts":
        """Reads the template in the folder that `sam build` wrote."""
        template = load_template(built / "template.yaml")
        shared = template["Globals"]["Function"]["Layers"]
        layers, functions, layers_of = {}, {}, {}
        for name, resource in template["Resources"].items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::Serverless::LayerVersion":
                layers[name] = (built / properties["ContentUri"]).resolve()
            elif resource["Type"] == "AWS::Serverless::Function":
                functions[name] = (built / properties["CodeUri"]).resolve()
                used = [*shared, *properties.get("Layers", [])]
                layers_of[name] = tuple(dict.fromkeys(each["Ref"] for each in used))
        return cls(layers, functions, layers_of)

    def megabytes(self) -> dict[str, float]:
        """The size of each function with its layers."""
        layers = {name: size(folder) for name, folder in self.layers.items()}
        return {
            name: (size(folder) + sum(layers[each] for each in self.layers_of[name])) / 1e6
            for name, folder in self.functions.items()
        }


def problems(artifacts: Artifacts) -> Iterator[str]:
    dependencies = artifacts.layers["Dependencies"] / "python"
    if not list(dependencies.glob("fastapi/__init__.py")):
        yield f"{dependencies} has no FastAPI: layers/dependencies was not installed"
    if not (artifacts.layers["Cgraph"] / "python" / "cgraph" / "__init__.py").is_file():
        yield "The layer Cgraph has no python/cgraph: it could not be imported"
    media = artifacts.layers["MediaDependencies"] / "python"
    if not list(media.glob("PIL/__init__.py")):
        yield f"{media} has no Pillow: layers/media was not installed"
    for folder in (dependencies, media):
        yield from incompatible_wheels(folder)
        yield from incompatible_libraries(folder)
    for name, megabytes in artifacts.megabytes().items():
        if megabytes > LIMIT_MB:
            yield f"{name} is {megabytes:.1f} MB with its layers, above {LIMIT_MB}"


def incompatible_wheels(folder: Path) -> Iterator[str]:
    """Wheels of which no tag is compatible with python3.13 on arm64 Amazon Linux 2023."""
    for path in sorted(folder.glob("*.dist-info/WHEEL")):
        tags = TAG.findall(path.read_text())
        if not any(is_compatible(tag) for tag in tags):
            yield f"{path.parent.name} is for {', '.join(tags)}"


def is_compatible(tag: str) -> bool:
    python, abi, platforms = tag.split("-")
    if platforms == "any":
        return True
    any_python = "py3" in python.split(".") and abi == "none"  # with a library of its own
    if not (python == "cp313" or abi == "abi3" or any_python):
        return False
    return any(_is_compatible_platform(platform) for platform in platforms.split("."))


def _is_compatible_platform(platform: str) -> bool:
    match = PLATFORM.fullmatch(platform)
    return match is not None and int(match[1] or 17) <= GLIBC


def incompatible_libraries(folder: Path) -> Iterator[str]:
    for path in libraries(folder):
        with path.open("rb") as file:
            head = file.read(20)
        if head[:4] != b"\x7fELF" or int.from_bytes(head[18:20], "little") != ARM64:
            yield f"{path.relative_to(folder)} is not for arm64"


def libraries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.so*") if path.is_file())


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
