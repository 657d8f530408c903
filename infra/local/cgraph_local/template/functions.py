"""The functions of a stack and the folders of their code."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cgraph_local.template.resolved_template import ResolvedTemplate
from cgraph_local.template.stack import UNPUBLISHED, Function
from cgraph_local.template.values import optional_int, to_text
from cgraph_local.template.yaml_loader import LOCAL_BUCKET


def read_functions(
    resolved: ResolvedTemplate, *, http_api: str, socket_api: str
) -> dict[str, Function]:
    """By logical id. The addresses of the APIs in variables become local ones.

    `http_api`, `socket_api`: their API ids.
    """
    layers = {
        name: _layer_folder(resolved, name, properties)
        for name, properties in resolved.resources("AWS::Lambda::LayerVersion")
    }
    versions = {
        resolved.function_name(name, properties["FunctionName"]): str(properties["FunctionVersion"])
        for name, properties in resolved.resources("AWS::Lambda::Alias")
    }
    functions = {}
    for name, properties in resolved.resources("AWS::Lambda::Function"):
        variables = properties.get("Environment", {}).get("Variables", {})
        functions[name] = Function(
            name=name,
            handler=properties["Handler"],
            timeout=int(properties.get("Timeout", 3)),
            memory_mb=int(properties.get("MemorySize", 128)),
            environment={
                key: resolved.context.localize(
                    to_text(value), http_api=http_api, socket_api=socket_api
                )
                for key, value in variables.items()
            },
            reserved_concurrency=optional_int(properties.get("ReservedConcurrentExecutions")),
            code=_folder(resolved, name, properties.get("Code", {})),
            layers=_layers_of(resolved, name, properties, folders=layers),
            version=versions.get(name, UNPUBLISHED),
        )
    return functions


def _layers_of(
    resolved: ResolvedTemplate,
    name: str,
    properties: Mapping[str, Any],
    *,
    folders: Mapping[str, Path],
) -> tuple[Path, ...]:
    """The folders of a function's layers. A layer without Python packages is left out: it is the
    one of third-party dependencies, which are installed in the virtual environment.
    """
    layers = []
    for layer in properties.get("Layers", []):
        if layer not in folders:
            resolved.add_problem(name, f"the layer {layer} is not one of this template")
        elif any(folders[layer].glob("*/__init__.py")):
            layers.append(folders[layer])
    return tuple(layers)


def _layer_folder(resolved: ResolvedTemplate, name: str, properties: Mapping[str, Any]) -> Path:
    folder = _folder(resolved, name, properties.get("Content", {}))
    packages = folder / "python"
    return packages if packages.is_dir() else folder


def _folder(resolved: ResolvedTemplate, name: str, code: Mapping[str, Any]) -> Path:
    if code.get("S3Bucket") != LOCAL_BUCKET:
        resolved.add_problem(name, "its code is not a folder of this checkout")
        return resolved.root
    folder = resolved.root / str(code["S3Key"])
    if not folder.is_dir():
        resolved.add_problem(name, f"there is no folder {code['S3Key']}")
    return folder
