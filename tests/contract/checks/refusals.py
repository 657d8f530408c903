"""The codes of refusals are part of the API: unique, and in snake_case."""

import ast
import re
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Source


def codes_are_unique(checkout: Checkout) -> Iterator[str]:
    class_names: dict[str, str] = {}
    for source, node in _refusals(checkout):
        code = _code(node)
        if code is None:
            yield f'{source.path}: {node.name} has no code of its own: code = "…"'
        elif not re.fullmatch(r"[a-z]+(_[a-z]+)*", code):
            yield f"{source.path}: the code {code!r} of {node.name} must be snake_case"
        elif code in class_names:
            yield f"{source.path}: {node.name} has the code {code!r} of {class_names[code]}"
        else:
            class_names[code] = node.name


def codes_of(checkout: Checkout) -> dict[str, str]:
    """The class of each code."""
    nodes = (node for _, node in _refusals(checkout))
    return {code: node.name for node in nodes if (code := _code(node)) is not None}


def _refusals(checkout: Checkout) -> list[tuple[Source, ast.ClassDef]]:
    """Refusal and all classes that derive from it, some through another one."""
    classes = [
        (source, node)
        for source in checkout.layers
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
    ]
    names, before = {"Refusal"}, set[str]()
    while names != before:
        before = set(names)
        names |= {node.name for _, node in classes if names.intersection(_bases(node))}
    return [(source, node) for source, node in classes if node.name in names]


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def _code(node: ast.ClassDef) -> str | None:
    """From `code = "…"`, `status, code, title = 404, "…", "…"` or `code: ClassVar[str] = "…"`."""
    names: list[ast.expr]
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and statement.value is not None:
            names, values = [statement.target], [statement.value]
        elif isinstance(statement, ast.Assign):
            names, values = _parts(statement.targets[0]), _parts(statement.value)
        else:
            continue
        for name, value in zip(names, values, strict=True):
            if ast.unparse(name) == "code" and isinstance(value, ast.Constant):
                return str(value.value)
    return None


def _parts(node: ast.expr) -> list[ast.expr]:
    return node.elts if isinstance(node, ast.Tuple) else [node]
