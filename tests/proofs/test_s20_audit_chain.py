"""S20: any entry of the audit log edited, deleted, inserted or swapped: the verifier reports it."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

import psycopg

from tests.command import run_command
from tests.conftest import Report, Size
from tests.proofs.audit_tampering import Tampering, tamperings
from tests.system import LocalSystem

OFF = "SET LOCAL session_replication_role = replica"
"""Switches the triggers off, which only a superuser may."""


async def test_the_verifier_reports_the_entry_that_was_tampered_with(
    local: LocalSystem, size: Size, report: Report
) -> None:
    entries = size(4, 60)
    forum, _ = await moderated_forum(local, entries=entries)
    kinds: Counter[str] = Counter()
    with psycopg.connect(local.endpoints.admin_conninfo) as superuser:
        assert faults(superuser, forum) == []
        for number in range(1, entries + 1):
            for tampering in tamperings(number, entries=entries):
                tamper(superuser, tampering, forum=forum)
                found = faults(superuser, forum)
                superuser.rollback()
                assert found == [tampering.reported], f"{tampering.kind} at {number}: {found}"
                kinds[tampering.kind.partition(":")[0]] += 1
        assert faults(superuser, forum) == []
    report("S20 audit chain", entries=entries, tamperings=kinds.total(), reported=kinds.total())


async def test_the_command_reports_the_altered_entry(local: LocalSystem) -> None:
    forum, slug = await moderated_forum(local, entries=3)
    tampering = next(tamperings(2, entries=3))
    with psycopg.connect(local.endpoints.admin_conninfo) as superuser:
        before = superuser.execute("SELECT * FROM audit_log WHERE forum_id = %s", [forum])
        was = {row[1]: row[2] for row in before}
        tamper(superuser, tampering, forum=forum)
        superuser.commit()
        try:
            done = run_command(local.home.path, ("audit", slug), port=local.port)
            assert done.returncode == 1
            assert f"{slug}: entry 2 of 3 is altered" in done.stdout
        finally:
            superuser.execute(OFF)
            superuser.execute(
                "UPDATE audit_log SET actor_id = %s WHERE forum_id = %s AND number = 2",
                [was[2], forum],
            )
            superuser.commit()
    assert f"{slug}: 3 entries, whole" in local.cgraph("audit")


async def moderated_forum(local: LocalSystem, *, entries: int) -> tuple[str, str]:
    """The id and slug of a forum whose audit log has so many entries."""
    owner = await local.new_person()
    slug = f"audited-{uuid4().hex[:12]}"
    draft = {"slug": slug, "name": "Audited"}
    forum = await owner.request_json("POST", "/forums", body=draft)
    for number in range(entries):
        body = {"words": [f"word{number}"]}
        await owner.request_json("PUT", f"/forums/{slug}/filters", body=body)
    return str(forum["id"]), slug


def tamper(superuser: psycopg.Connection[Any], tampering: Tampering, *, forum: str) -> None:
    superuser.execute(OFF)
    for statement in tampering.statements:
        for part in statement.split(";"):
            superuser.execute(part, {**tampering.values, "forum": forum})


def faults(superuser: psycopg.Connection[Any], forum: str) -> list[tuple[int, str]]:
    rows = superuser.execute("SELECT number, fault FROM audit_faults(%s)", [forum])
    return [(number, fault) for number, fault in rows]
