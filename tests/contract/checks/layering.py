"""Who imports whom: functions → actions → queries, and never back."""

import re
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Source

TRANSPORTS = ("cgraph.core.http", "cgraph.realtime.sockets", "cgraph.core.worker")
READERS = {
    ("cgraph.core.admission", "cgraph.accounts.auth.queries"),
    ("cgraph.system.socket_maintenance", "cgraph.realtime.queries"),
    ("cgraph.sync.catch_up", "cgraph.realtime.queries"),
    ("cgraph.system.database_maintenance", "cgraph.system.queries"),
}
"""Beside a feature's actions, who may ask its queries."""

SQL_ELSEWHERE = {
    "cgraph.core.database",
    "cgraph.realtime.announcements",
    "cgraph.core.bootstrap",
    "cgraph.core.migrations",
    "cgraph.events.nonces",
}
_STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|TRUNCATE)\s")


def data_flows_one_way(checkout: Checkout) -> Iterator[str]:
    entries = tuple({source.path.parts[1] for source in checkout.functions})
    for source in checkout.layers:
        for line, module in source.imports():
            if module.startswith("functions") or module.split(".")[0] in entries:
                yield f"{source.path}:{line} imports {module}: cgraph never imports functions"
            if module in TRANSPORTS and _is_in_feature(source):
                yield (
                    f"{source.path}:{line} imports {module}: a feature does not know how it was "
                    "asked; take what you need as an argument"
                )
    for source in checkout.functions:
        for line, module in source.imports():
            if module.endswith(".queries"):
                yield f"{source.path}:{line} imports {module}: ask an action of that feature"


def queries_belong_to_their_actions(checkout: Checkout) -> Iterator[str]:
    met = set()
    for source in checkout.layers:
        for line, module in source.imports():
            if not re.fullmatch(r"cgraph\.\w+\.queries", module):
                continue
            if source.module == f"{module.removesuffix('queries')}actions":
                continue
            met.add((source.module, module))
            if (source.module, module) not in READERS:
                yield (
                    f"{source.path}:{line} imports {module}: go through that feature's actions "
                    "(or list it in tests/contract/checks/layering.py, with a reason)"
                )
    for reader, queries in READERS - met:
        yield f"{reader} no longer imports {queries}: take it off the list in layering.py"


def statements_are_in_queries(checkout: Checkout) -> Iterator[str]:
    for source in checkout.layers:
        if source.path.name == "queries.py" or source.module in SQL_ELSEWHERE:
            continue
        for line, text in source.strings():
            if _STATEMENT.match(text):
                yield f"{source.path}:{line} has SQL: move it to the feature's queries.py"


def _is_in_feature(source: Source) -> bool:
    return source.module.count(".") > 1
