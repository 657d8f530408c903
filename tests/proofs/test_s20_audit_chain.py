"""S20: any row of the audit log edited, deleted, inserted, swapped; the verifier names the row."""

from __future__ import annotations

from collections import Counter
from typing import Any
from uuid import uuid4

import psycopg

from tests.command import run_command
from tests.conftest import Report, Size
from tests.proofs.forged import Forgery, forgeries
from tests.system import LocalSystem

OFF = "SET LOCAL session_replication_role = replica"
"""The triggers, for the superuser alone."""


async def test_whatever_is_done_to_the_log_the_verifier_names_the_row(
    local: LocalSystem, size: Size, report: Report
) -> None:
    entries = size(6, 60)
    forum, slug = await moderated(local, entries=entries)
    kinds: Counter[str] = Counter()
    with psycopg.connect(local.endpoints.admin_conninfo) as superuser:
        assert faults(superuser, forum) == []
        for number in range(1, entries + 1):
            for forgery in forgeries(number, entries=entries):
                forge(superuser, forgery, forum=forum)
                found = faults(superuser, forum)
                superuser.rollback()
                assert found == [forgery.named], f"{forgery.kind} at {number}: {found}"
                kinds[forgery.kind.partition(":")[0]] += 1
        assert faults(superuser, forum) == []
    report("S20 audit chain", entries=entries, forgeries=kinds.total(), found=kinds.total())
    assert f"{slug}: {entries} entries, whole" in local.cgraph("audit")


async def test_the_command_says_which(local: LocalSystem) -> None:
    forum, slug = await moderated(local, entries=3)
    forgery = next(forgeries(2, entries=3))
    with psycopg.connect(local.endpoints.admin_conninfo) as superuser:
        before = superuser.execute("SELECT * FROM audit_log WHERE forum_id = %s", [forum])
        was = {row[1]: row[2] for row in before}
        forge(superuser, forgery, forum=forum)
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
    assert f"{slug}: 3 entries, whole" in local.cgraph("audit", slug)


async def moderated(local: LocalSystem, *, entries: int) -> tuple[str, str]:
    """A forum whose owner has done so much: its id and slug."""
    owner = await local.new_person()
    slug = f"audited-{uuid4().hex[:12]}"
    made = await owner.ask("POST", "/forums", body={"slug": slug, "name": "Audited"})
    assert made.is_success, made.text
    for number in range(entries):
        body = {"words": [f"word{number}"]}
        answer = await owner.ask("PUT", f"/forums/{slug}/filters", body=body)
        assert answer.is_success, answer.text
    return str(made.json()["id"]), slug


def forge(superuser: psycopg.Connection[Any], forgery: Forgery, *, forum: str) -> None:
    superuser.execute(OFF)
    for statement in forgery.statements:
        for part in statement.split(";"):
            superuser.execute(part, {**forgery.values, "forum": forum})


def faults(superuser: psycopg.Connection[Any], forum: str) -> list[tuple[int, str]]:
    rows = superuser.execute("SELECT number, fault FROM audit_faults(%s)", [forum])
    return [(number, fault) for number, fault in rows]
