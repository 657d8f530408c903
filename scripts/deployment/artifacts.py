"""What `sam build` made, looked at before anything is sent: for whom it is, and how large."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from cgraph_local.template.yaml_loader import load_template

LIMIT_MB = 120
"""Ours, of a function and its layers unpacked; Lambda takes 250."""

GLIBC = 34
"""Of Amazon Linux 2023, which python3.13 runs on: 2.34."""

ARM64 = 183
"""`e_machine` of an ELF file."""

TAG = re.compile(r"^Tag: (.+)$", re.MULTILINE)
PLATFORM = re.compile(r"manylinux_2_(\d+)_aarch64|manylinux2014_aarch64")


@dataclass(frozen=True, slots=True)
class Artifacts:
    """`folders`: of each layer, and of each function's code, by resource."""

    layers: Mapping[str, Path]
    functions: Mapping[str, Path]
    layers_of: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, built: Path) -> "Artifacts":
        """From the built template's folder."""
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
        """Of each function with its layers."""
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
    yield from foreign_wheels(dependencies)
    yield from foreign_libraries(dependencies)
    for name, megabytes in artifacts.megabytes().items():
        if megabytes > LIMIT_MB:
            yield f"{name} is {megabytes:.1f} MB with its layers, above {LIMIT_MB}"


def foreign_wheels(folder: Path) -> Iterator[str]:
    """Those whose tags none suits python3.13 on arm64 Amazon Linux 2023."""
    for path in sorted(folder.glob("*.dist-info/WHEEL")):
        tags = TAG.findall(path.read_text())
        if not any(suits(tag) for tag in tags):
            yield f"{path.parent.name} is for {', '.join(tags)}"


def suits(tag: str) -> bool:
    python, abi, platforms = tag.split("-")
    if platforms == "any":
        return True
    if not (python == "cp313" or abi == "abi3"):
        return False
    return any(_runs_there(platform) for platform in platforms.split("."))


def _runs_there(platform: str) -> bool:
    found = PLATFORM.fullmatch(platform)
    return found is not None and int(found[1] or 17) <= GLIBC


def foreign_libraries(folder: Path) -> Iterator[str]:
    for path in libraries(folder):
        with path.open("rb") as file:
            head = file.read(20)
        if head[:4] != b"\x7fELF" or int.from_bytes(head[18:20], "little") != ARM64:
            yield f"{path.relative_to(folder)} is not for arm64"


def libraries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.so*") if path.is_file())


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
