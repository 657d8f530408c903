"""No statement pins a session to its connection, which RDS Proxy could then not share."""

import ast
import re
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Source

FIRST_WORD = re.compile(
    r"(SET|RESET|LISTEN|UNLISTEN|DECLARE|PREPARE|EXECUTE|DEALLOCATE|DISCARD|LOAD)\s+[\w*\"]"
)
"""The first word of a statement, so `UPDATE … SET` does not match. In capitals, as all SQL here, so
prose does not match.
"""

ANYWHERE = re.compile(
    r"pg_(try_)?advisory_(un)?lock(_all|_shared)?\s*\(|\b(nextval|currval|setval|lastval)\s*\(|"
    r"\bset_config\s*\(|\bCREATE\s+(LOCAL\s+|GLOBAL\s+)?TEMP(ORARY)?\b|\bINTO\s+TEMP(ORARY)?\b|"
    r"\bWITH\s+HOLD\b",
    re.IGNORECASE,
)
DRIVER = {"add_notify_handler", "notifies", "set_isolation_level", "AsyncServerCursor"}
"""Methods and classes of psycopg that run such statements."""

CONNECTIONS = ("AsyncConnection", "BlockingConnection", "psycopg")


def no_statement_pins_a_session(checkout: Checkout) -> Iterator[str]:
    for source in checkout.layers:
        for line, problem in (*_pinning_sql(source), *_pinning_calls(source)):
            yield (
                f"{source.path}:{line} {problem}: RDS Proxy pins the connection for it, or rejects "
                "it (use a role's setting, pg_advisory_xact_lock, a UUID, a CTE)"
            )


def _pinning_sql(source: Source) -> Iterator[tuple[int, str]]:
    for line, text in source.strings():
        for statement in text.split(";"):
            if match := FIRST_WORD.match(statement.strip()) or ANYWHERE.search(statement):
                yield line, f"runs {match[0].strip()!r}"


def _pinning_calls(source: Source) -> Iterator[tuple[int, str]]:
    for call in source.calls():
        name = ast.unparse(call.func)
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        method = name.rpartition(".")[2]
        if method in DRIVER:
            yield call.lineno, f"calls {name}"
        if method == "connect" and name.startswith(CONNECTIONS):
            if "options" in keywords:
                yield call.lineno, "connects with options="
            if ast.unparse(keywords.get("prepare_threshold", ast.Constant(5))) != "None":
                yield call.lineno, "connects without prepare_threshold=None"
        if method == "cursor" and (call.args or "name" in keywords):
            yield call.lineno, "opens a cursor on the server"
        if "prepare" in keywords:
            yield call.lineno, "prepares a statement"
