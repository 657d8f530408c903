"""The functions of a stack, with the folders their code is in."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cgraph_local.template.resolved_template import Reading
from cgraph_local.template.stack import Function
from cgraph_local.template.yaml_loader import LOCAL_BUCKET


def read_functions(reading: Reading, *, http_api: str, socket_api: str) -> dict[str, Function]:
    layers = {
        name: _layer_folder(reading, name, properties)
        for name, properties in reading.each("AWS::Lambda::LayerVersion")
    }
    functions = {}
    for name, properties in reading.each("AWS::Lambda::Function"):
        variables = properties.get("Environment", {}).get("Variables", {})
        functions[name] = Function(
            name=name,
            handler=properties["Handler"],
            timeout=int(properties.get("Timeout", 3)),
            memory_mb=int(properties.get("MemorySize", 128)),
            environment={
                key: reading.surroundings.here(
                    _text(value), http_api=http_api, socket_api=socket_api
                )
                for key, value in variables.items()
            },
            reserved_concurrency=_optional(properties.get("ReservedConcurrentExecutions")),
            code=_folder(reading, name, properties.get("Code", {})),
            layers=_layers_of(reading, name, properties, folders=layers),
        )
    return functions


def _layers_of(
    reading: Reading, name: str, properties: Mapping[str, Any], *, folders: Mapping[str, Path]
) -> tuple[Path, ...]:
    """A layer with nothing but requirements is what is installed beside the local cloud."""
    chosen = []
    for layer in properties.get("Layers", []):
        if layer not in folders:
            reading.refuse(name, f"the layer {layer} is not one of this template")
        elif any(folders[layer].glob("*/__init__.py")):
            chosen.append(folders[layer])
    return tuple(chosen)


def _layer_folder(reading: Reading, name: str, properties: Mapping[str, Any]) -> Path:
    folder = _folder(reading, name, properties.get("Content", {}))
    packages = folder / "python"
    return packages if packages.is_dir() else folder


def _folder(reading: Reading, name: str, code: Mapping[str, Any]) -> Path:
    if code.get("S3Bucket") != LOCAL_BUCKET:
        reading.refuse(name, "its code is not a folder of this checkout")
        return reading.root
    folder = reading.root / str(code["S3Key"])
    if not folder.is_dir():
        reading.refuse(name, f"there is no folder {code['S3Key']}")
    return folder


def _optional(value: object) -> int | None:
    return None if value is None else int(str(value))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
