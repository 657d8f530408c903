"""Every setting that the code reads is a line of Settings in template.yaml; every line is read."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from tests.contract.checkout import Checkout, Source

AWS_OWN = ("AWS_", "POWERTOOLS_")
SET_MANUALLY = {"CGRAPH_CACHE_PASSWORD", "CGRAPH_RATE_LIMITS"}
"""Set by a developer for a load test, never by the template."""
FOR_CREATION_ORDER = {"SCHEMA"}
"""Set so that CloudFormation creates the resource it refers to first; nothing reads it."""

_SETTINGS_MODULE = "cgraph.core.settings"


def template_and_code_agree(checkout: Checkout) -> Iterator[str]:
    source = next(source for source in checkout.layers if source.module == _SETTINGS_MODULE)
    fields = {name.upper() for name in _fields(source)}
    read, declared = set(_read(source, of="values")), set(declared_settings(checkout.template))
    for name in sorted(fields ^ read):
        yield f"Settings and settings() in settings.py disagree on {name.lower()}"
    for name in sorted(read - declared):
        yield f"{name} is read and not set: add a line to Settings in template.yaml"
    for name in sorted(declared - read):
        yield f"{name} is a line of Settings and never read: add it to settings.py, or remove it"
    yield from _problems_of_variables(checkout)


def _problems_of_variables(checkout: Checkout) -> Iterator[str]:
    variables = checkout.template["Globals"]["Function"]["Environment"]["Variables"]
    for name in sorted(variables.keys() - {"SETTINGS"} - FOR_CREATION_ORDER):
        if not name.startswith(AWS_OWN):
            yield f"{name} is a variable of each function: make it a line of Settings"
    for source in (*checkout.layers, *checkout.functions):
        is_settings = source.module == _SETTINGS_MODULE
        known = {"SETTINGS", *SET_MANUALLY} if is_settings else set()
        for name in set(_read(source, of="os.environ")) - known:
            if not name.startswith(AWS_OWN):
                yield f"{source.path} reads {name} from the environment: add it to Settings"


def declared_settings(template: Mapping[str, Any]) -> Iterator[str]:
    """The names of the lines of Settings."""
    text, _ = template["Resources"]["Settings"]["Properties"]["Value"]["Fn::Sub"]
    for line in text.splitlines():
        yield line.partition("=")[0]


def _fields(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and node.name == "Settings":
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field.target.id


def _read(source: Source, *, of: str) -> Iterator[str]:
    """The names in `of["X"]`, `of.get("X")` and `os.getenv("X")`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == of:
            yield _text(node.slice)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (f"{of}.get", "os.getenv"):
            yield _text(node.args[0])


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)
