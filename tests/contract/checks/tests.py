"""Each route has its feature test, and each query of a list the test of its plan."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.contract.checkout import Checkout, Kind, Source

FEATURE_TESTS = Path("tests/feature")
ROUTES = (Kind.HTTP, Kind.SOCKET)

_SQL_FUNCTION = re.compile(r"\bFROM\s+([a-z_]+)\(")


def every_route_has_its_feature_test(checkout: Checkout) -> Iterator[str]:
    """A file in the folder of the endpoint, with its name."""
    tests = {source.path: source for source in checkout.feature_tests}
    for kind in ROUTES:
        for function in checkout.of_kind(kind):
            path = FEATURE_TESTS / function.file.parent.name / f"test_{function.stem}.py"
            if path not in tests:
                yield f"functions/{function.file} has no feature test: write {path}"
            elif not _has_test(tests[path]):
                yield f"{path} has no function test_…: test {function.stem} there"


def every_list_query_has_its_plan_test(checkout: Checkout) -> Iterator[str]:
    """A function of queries.py with a `limit` reads a list. A test_plans.py must call it, or name
    the SQL function that it selects from.
    """
    plans = [source for source in checkout.feature_tests if source.path.name == "test_plans.py"]
    for source in checkout.layers:
        for query in _list_queries(source):
            if not any(_explains(plan, source.module, query) for plan in plans):
                yield (
                    f"{source.path}:{query.lineno} {query.name} is the query of a list, and no "
                    "test_plans.py of tests/feature explains it: see tests/feature/explain.py"
                )


def _has_test(source: Source) -> bool:
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for node in source.tree.body
    )


def _list_queries(source: Source) -> Iterator[ast.AsyncFunctionDef]:
    if source.path.name != "queries.py":
        return
    for node in source.tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and "limit" in _parameters(node):
            yield node


def _parameters(function: ast.AsyncFunctionDef) -> set[str]:
    return {each.arg for each in (*function.args.args, *function.args.kwonlyargs)}


def _explains(plan: Source, module: str, query: ast.AsyncFunctionDef) -> bool:
    called = {node.attr for node in ast.walk(plan.tree) if isinstance(node, ast.Attribute)}
    if query.name in called and module in {imported for _, imported in plan.imports()}:
        return True
    statements = [
        node.value
        for node in ast.walk(query)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    sql_functions = {name for text in statements for name in _SQL_FUNCTION.findall(text)}
    return any(f"{name}(" in text for name in sql_functions for _, text in plan.strings())
