"""Each route has a feature test, and each list query has a test of its query plan."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.contract.checkout import Checkout, Kind, Source

FEATURE_TESTS = Path("tests/feature")
ROUTES = (Kind.HTTP, Kind.SOCKET)


def every_route_has_its_feature_test(checkout: Checkout) -> Iterator[str]:
    """The test is a file in the folder of the endpoint, with the name of the endpoint."""
    tests = {source.path: source for source in checkout.feature_tests}
    for kind in ROUTES:
        for function in checkout.of_kind(kind):
            path = FEATURE_TESTS / function.file.parent.name / f"test_{function.stem}.py"
            if path not in tests:
                yield f"functions/{function.file} has no feature test: write {path}"
            elif not _has_test(tests[path]):
                yield f"{path} has no function test_…: test {function.stem} in it"


def every_list_query_has_its_plan_test(checkout: Checkout) -> Iterator[str]:
    """A list query is a function of queries.py that has a `limit` and does not delete. A
    test_plans.py must call it.
    """
    plans = [source for source in checkout.feature_tests if source.path.name == "test_plans.py"]
    for source in checkout.layers:
        for query in _list_queries(source):
            if not any(_explains(plan, source.module, query) for plan in plans):
                yield (
                    f"{source.path}:{query.lineno} {query.name} is a list query, but no "
                    "test_plans.py of tests/feature explains it: see tests/feature/plans.py"
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
        if isinstance(node, ast.AsyncFunctionDef) and _reads_list(node):
            yield node


def _reads_list(function: ast.AsyncFunctionDef) -> bool:
    parameters = {argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)}
    return "limit" in parameters and not function.name.startswith("delete_")


def _explains(plan: Source, module: str, query: ast.AsyncFunctionDef) -> bool:
    called = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in plan.nodes
        if isinstance(node, ast.Attribute | ast.Name)
    }
    return query.name in called and module in {imported for _, imported in plan.imports()}
