"""Tables are in migrations, functions and views in schema files, for the reasons in docs/sql.md."""

import re
from collections.abc import Iterator
from pathlib import Path

from cgraph.core.schema_files import listed
from tests.contract.checkout import Checkout

MIGRATIONS = Path("infra/migrations")
SCHEMA = Path("infra/schema")
LINES = 250

_ELSEWHERE = re.compile(
    r"^(?:CREATE(?! OR REPLACE (?:FUNCTION|VIEW) )|ALTER|COMMENT|DELETE|DO|DROP|GRANT|INSERT|REVOKE"
    r"|TRUNCATE|UPDATE)\b.*",
    re.MULTILINE,
)
"""Only at the beginning of a line, so statements inside a function do not match."""

_REPLACED = re.compile(r"^CREATE OR REPLACE\b.*", re.MULTILINE)


def migrations_are_numbered(checkout: Checkout) -> Iterator[str]:
    names = sorted(path.name for path in (checkout.root / MIGRATIONS).glob("*.sql"))
    for number, name in enumerate(names, start=1):
        if not re.fullmatch(rf"{number:04}_[a-z0-9_]+\.sql", name):
            yield f"{MIGRATIONS / name} must begin with {number:04}_: numbers have no gap"
            return


def schema_files_are_in_order_txt(checkout: Checkout) -> Iterator[str]:
    folder = checkout.root / SCHEMA
    existing = {path.relative_to(folder).as_posix() for path in folder.rglob("*.sql")}
    names = listed(folder)
    for name in sorted(existing.symmetric_difference(names)):
        where = "lists no" if name in existing else "lists the missing file"
        yield f"{SCHEMA}/order.txt {where} {name}"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{SCHEMA}/order.txt lists {name} twice"


def statements_are_in_their_folder(checkout: Checkout) -> Iterator[str]:
    for path in sorted((checkout.root / SCHEMA).rglob("*.sql")):
        for statement in _ELSEWHERE.findall(path.read_text()):
            yield (
                f"{path.relative_to(checkout.root)} has {statement!r}: a schema file is run again "
                "and again, so it only has CREATE OR REPLACE FUNCTION or VIEW"
            )
    for path in sorted((checkout.root / MIGRATIONS).glob("*.sql")):
        for statement in _REPLACED.findall(path.read_text()):
            yield (
                f"{path.relative_to(checkout.root)} has {statement!r}: a function that no table "
                "needs belongs in a schema file"
            )


def schema_files_are_short(checkout: Checkout) -> Iterator[str]:
    for path in sorted((checkout.root / SCHEMA).rglob("*.sql")):
        lines = path.read_text().count("\n")
        if lines > LINES:
            yield f"{path.relative_to(checkout.root)} has {lines} lines, at most {LINES}: divide it"
