"""Nothing that keeps RDS Proxy from giving a database connection to somebody else."""

import ast
import re
from collections.abc import Iterator

from tests.contract.checkout import Checkout, Source

FIRST_WORD = re.compile(
    r"(SET|RESET|LISTEN|UNLISTEN|DECLARE|PREPARE|EXECUTE|DEALLOCATE|DISCARD|LOAD)\s+[\w*\"]"
)
"""Of a statement: `UPDATE … SET` is none of these. In capitals, as all SQL here; prose is not."""

ANYWHERE = re.compile(
    r"pg_(try_)?advisory_(un)?lock(_all|_shared)?\s*\(|\b(nextval|currval|setval|lastval)\s*\(|"
    r"\bset_config\s*\(|\bCREATE\s+(LOCAL\s+|GLOBAL\s+)?TEMP(ORARY)?\b|\bINTO\s+TEMP(ORARY)?\b|"
    r"\bWITH\s+HOLD\b",
    re.IGNORECASE,
)
DRIVER = {"add_notify_handler", "notifies", "set_isolation_level", "AsyncServerCursor"}
"""Methods and classes of psycopg that say such things by themselves."""


def nothing_pins_a_session(checkout: Checkout) -> Iterator[str]:
    for source in checkout.layers:
        for line, what in (*_said(source), *_done(source)):
            yield (
                f"{source.path}:{line} {what}: RDS Proxy pins the connection for it, or refuses "
                "it (use a role's setting, pg_advisory_xact_lock, a UUID, a CTE)"
            )


def _said(source: Source) -> Iterator[tuple[int, str]]:
    for line, text in source.strings():
        for statement in text.split(";"):
            if found := FIRST_WORD.match(statement.strip()) or ANYWHERE.search(statement):
                yield line, f"says {found[0].strip()!r}"


def _done(source: Source) -> Iterator[tuple[int, str]]:
    for call in source.calls():
        name = ast.unparse(call.func)
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        method = name.rpartition(".")[2]
        if method in DRIVER:
            yield call.lineno, f"calls {name}"
        if method == "connect" and name.startswith(("AsyncConnection", "psycopg")):
            if "options" in given:
                yield call.lineno, "connects with options="
            if ast.unparse(given.get("prepare_threshold", ast.Constant(5))) != "None":
                yield call.lineno, "connects without prepare_threshold=None"
        if method == "cursor" and (call.args or "name" in given):
            yield call.lineno, "opens a cursor on the server"
        if "prepare" in given:
            yield call.lineno, "prepares a statement"
