"""Which module may import which, beyond the contracts of import-linter in pyproject.toml."""

import ast
import re
from collections.abc import Iterator

from tests.contract.checkout import Checkout

OTHER_READERS = {
    ("cgraph.sync.catch_up", "cgraph.realtime.queries"),
    ("cgraph.system.socket_maintenance", "cgraph.realtime.queries"),
}
"""Modules that may import the queries of another package, with those queries."""

SQL_ELSEWHERE = {
    "cgraph.core.bootstrap",
    "cgraph.core.database",
    "cgraph.core.migrations",
    "cgraph.core.reader",
    "cgraph.core.schema_files",
    "cgraph.core.server_keys",
    "cgraph.core.sessions",
    "cgraph.core.standing",
    "cgraph.events.log",
    "cgraph.events.nonces",
}
"""Modules with SQL although they are no queries.py: packages below the features have none."""

_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|TRUNCATE)\s")


def functions_are_entry_points(checkout: Checkout) -> Iterator[str]:
    entries = tuple({source.path.parts[1] for source in checkout.functions})
    for source in checkout.layers:
        for line, module in source.imports():
            if module.startswith("functions") or module.split(".")[0] in entries:
                yield f"{source.path}:{line} imports {module}: cgraph never imports functions"
    for source in checkout.functions:
        for line, module in source.imports():
            if module.endswith(".queries"):
                yield f"{source.path}:{line} imports {module}: call an action of that feature"


def queries_belong_to_their_package(checkout: Checkout) -> Iterator[str]:
    seen = set()
    for source in checkout.layers:
        for line, module in source.imports():
            if not re.fullmatch(r"cgraph(\.\w+)+\.queries", module):
                continue
            if _package(source.module) == _package(module):
                continue
            seen.add((source.module, module))
            if (source.module, module) not in OTHER_READERS:
                yield (
                    f"{source.path}:{line} imports {module}: go through that package's actions "
                    "(or list it in tests/contract/checks/layering.py, with a reason)"
                )
    for reader, queries in OTHER_READERS - seen:
        yield f"{reader} no longer imports {queries}: remove it from the list in layering.py"


def statements_are_in_queries(checkout: Checkout) -> Iterator[str]:
    for source in checkout.layers:
        if source.path.name == "queries.py" or source.module in SQL_ELSEWHERE:
            continue
        for line, text in source.strings():
            if _STATEMENT.match(text):
                yield f"{source.path}:{line} has SQL: move it to the feature's queries.py"


def actions_have_the_name_of_their_endpoint(checkout: Checkout) -> Iterator[str]:
    """Also, both belong to one feature: the endpoint's folder has the name of the action's package
    or of one around it.
    """
    for source in checkout.functions:
        if source.path.parts[1] != "api":
            continue
        folder, name = source.path.parts[2], source.path.stem
        modules = [
            module
            for _, module in source.imports()
            if module.endswith(".actions") and module.startswith("cgraph.")
        ]
        for module in modules:
            if folder not in module.split("."):
                yield f"{source.path} is in the folder {folder}, but its action in {module}"
        called = {
            call.func.attr
            for call in source.calls()
            if ast.unparse(call.func).startswith("actions.")
            and isinstance(call.func, ast.Attribute)
        }
        if modules and called != {name}:
            yield f"{source.path} calls {', '.join(sorted(called))}: name the action {name}"


def _package(module: str) -> str:
    return module.rpartition(".")[0]
