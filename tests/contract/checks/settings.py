"""Every setting that is read is set in Globals, and the other way round."""

import ast
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Source

AWS_OWN = ("AWS_", "POWERTOOLS_")
BY_HAND = {"CGRAPH_RATE_LIMITS"}
"""Set by a person for a load test, never by the template."""
FOR_ORDER = {"SCHEMA"}
"""Set so that CloudFormation waits for what it refers to; nothing reads it."""

_HOME = "cgraph.core.settings"


def template_and_code_agree(checkout: Checkout) -> Iterator[str]:
    home = next(source for source in checkout.layers if source.module == _HOME)
    fields = {name.upper() for name in _fields(home)}
    read = set(_read(home)) - BY_HAND
    declared = checkout.template["Globals"]["Function"]["Environment"]["Variables"]
    set_there = {name for name in declared if not name.startswith(AWS_OWN)}
    for name in sorted(fields ^ read):
        yield f"Settings and settings() in settings.py disagree on {name.lower()}"
    for name in sorted(read - set_there):
        yield f"{name} is read and not set: add it to Globals.Function.Environment in template.yaml"
    for name in sorted(set_there - read - FOR_ORDER):
        yield f"{name} is set in template.yaml and never read: add it to Settings, or remove it"
    for source in (*checkout.layers, *checkout.functions):
        if source.module != _HOME:
            for name in _read(source):
                if not name.startswith(AWS_OWN):
                    yield f"{source.path} reads {name} by itself: make it a field of Settings"


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
