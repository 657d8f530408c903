"""Every setting that the code reads is set in Globals, and every one in Globals is read."""

import ast
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Source

AWS_OWN = ("AWS_", "POWERTOOLS_")
SET_MANUALLY = {"CGRAPH_CACHE_PASSWORD", "CGRAPH_RATE_LIMITS"}
"""Set by a developer for a load test, never by the template."""
FOR_CREATION_ORDER = {"SCHEMA"}
"""Set so that CloudFormation creates the resource it refers to first; nothing reads it."""

_SETTINGS_MODULE = "cgraph.core.settings"


def template_and_code_agree(checkout: Checkout) -> Iterator[str]:
    settings_source = next(
        source for source in checkout.layers if source.module == _SETTINGS_MODULE
    )
    fields = {name.upper() for name in _fields(settings_source)}
    read = set(_read(settings_source)) - SET_MANUALLY
    declared = checkout.template["Globals"]["Function"]["Environment"]["Variables"]
    set_in_template = {name for name in declared if not name.startswith(AWS_OWN)}
    for name in sorted(fields ^ read):
        yield f"Settings and settings() in settings.py disagree on {name.lower()}"
    for name in sorted(read - set_in_template):
        yield f"{name} is read and not set: add it to Globals.Function.Environment in template.yaml"
    for name in sorted(set_in_template - read - FOR_CREATION_ORDER):
        yield f"{name} is set in template.yaml and never read: add it to Settings, or remove it"
    for source in (*checkout.layers, *checkout.functions):
        if source.module != _SETTINGS_MODULE:
            for name in _read(source):
                if not name.startswith(AWS_OWN):
                    yield f"{source.path} reads {name} from the environment: add it to Settings"


def _fields(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef) and node.name == "Settings":
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
                    yield field.target.id


def _read(source: Source) -> Iterator[str]:
    """`os.environ["X"]`, `os.environ.get("X")`, `os.getenv("X")`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
            yield _text(node.slice)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "os.environ.get",
            "os.getenv",
        ):
            yield _text(node.args[0])


def _text(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)
