"""`cgraph audit [FORUM]`"""

import argparse
import sys
from typing import Any

from cgraph_local.core.home import Home
from cgraph_local.core.running_cloud import RunningCloud

CHAINS = """
    SELECT f.slug, coalesce(h.number, 0), encode(h.hash, 'hex'), b.number, b.fault
    FROM forums f
    LEFT JOIN audit_heads h ON h.forum_id = f.id
    LEFT JOIN audit_faults((SELECT id FROM forums WHERE lower(slug) = lower(%(slug)s))) b
        ON b.forum_id = f.id
    WHERE num_nonnulls(h.number, b.number) > 0
      AND (%(slug)s::text IS NULL OR lower(f.slug) = lower(%(slug)s))
    ORDER BY f.slug
"""


def main(arguments: argparse.Namespace) -> int:
    """Verifies the hash chains of the audit logs. Returns 1 when one is broken."""
    endpoints = RunningCloud(Home.from_environment()).endpoints("postgres")
    rows = _chains(endpoints.conninfo, slug=arguments.forum)
    if not rows:
        print("no forum of that name has an audit log" if arguments.forum else "no audit log yet")
    broken = 0
    for slug, entries, last_hash, number, fault in rows:
        if fault is None:
            print(f"{slug}: {entries} entries, whole; the last has the hash {last_hash}")
        else:
            print(f"{slug}: entry {number} of {entries} is {fault}", file=sys.stderr)
            broken += 1
    return 1 if broken else 0


def _chains(conninfo: str, *, slug: str | None) -> list[tuple[Any, ...]]:
    import psycopg

    options = "-c statement_timeout=0"
    with psycopg.connect(conninfo, options=options) as connection:
        return connection.execute(CHAINS, {"slug": slug}).fetchall()
