"""The database of a stage: where its data can be restored from, and what it leaves behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from scripts.deployment.calls import Calls
from scripts.deployment.steps import CommandError

Kind = Literal["instance", "cluster"]


def kind_of(size: str) -> Kind:
    """`small` is one instance of RDS, the others are clusters of Aurora."""
    return "instance" if size == "small" else "cluster"


@dataclass(frozen=True, slots=True)
class Source:
    """A database, or the backups that AWS keeps of a deleted one (`deleted`). `latest`: the newest
    time to which it can be restored; None in a dry run.
    """

    kind: Kind
    name: str
    resource_id: str
    latest: datetime | None
    deleted: bool = False


def find_source(calls: Calls, name: str, *, kind: Kind) -> Source:
    """Raises CommandError if AWS has neither the database nor backups of it."""
    if calls.dry:
        _describe(calls, name, kind=kind)
        return Source(kind, name, "db-DRYRUN" if kind == "instance" else "cluster-DRYRUN", None)
    running = _describe(calls, name, kind=kind)
    if found := running or _kept_backups(calls, name, kind=kind):
        newest = max(found, key=_latest)
        resource_id = newest.get("DbiResourceId") or newest["DbClusterResourceId"]
        return Source(kind, name, str(resource_id), _latest(newest), deleted=not running)
    raise CommandError(
        f"AWS has no database {name} ({kind}) in {calls.region}, and no backups of it. If there is "
        "a snapshot: FROM=<its name or ARN>; `aws rds describe-db-snapshots` and `aws rds "
        "describe-db-cluster-snapshots` list them."
    )


def take_snapshot(calls: Calls, source: Source, *, name: str) -> str:
    """Returns the ARN of a new snapshot, once it is complete."""
    if source.kind == "instance":
        made = calls.run(
            *("rds", "create_db_snapshot"),
            DBInstanceIdentifier=source.name,
            DBSnapshotIdentifier=name,
        )
        arn = made.get("DBSnapshot", {}).get("DBSnapshotArn")
    else:
        made = calls.run(
            *("rds", "create_db_cluster_snapshot"),
            DBClusterIdentifier=source.name,
            DBClusterSnapshotIdentifier=name,
        )
        arn = made.get("DBClusterSnapshot", {}).get("DBClusterSnapshotArn")

    def status() -> str:
        return str(describe_snapshot(calls, name, kind=source.kind, shown=False)["Status"])

    calls.wait(status, until="available", what=f"the snapshot {name}")
    return str(arn or f"arn:aws:rds:{calls.region}:<account>:snapshot:{name}")


def describe_snapshot(calls: Calls, name: str, *, kind: Kind, shown: bool = True) -> dict[str, Any]:
    """By name or ARN; empty if there is none of this kind."""
    if kind == "instance":
        found = calls.find("rds", "describe_db_snapshots", shown=shown, DBSnapshotIdentifier=name)
        return dict(next(iter(found.get("DBSnapshots", [])), {}))
    found = calls.find(
        "rds", "describe_db_cluster_snapshots", shown=shown, DBClusterSnapshotIdentifier=name
    )
    return dict(next(iter(found.get("DBClusterSnapshots", [])), {}))


def delete_leftovers(calls: Calls, name: str, *, kind: Kind) -> None:
    """The last snapshot and the kept backups of a deleted database. Only for copies: with the
    originals they are what is left of the data.
    """
    if kind == "instance":
        instances = calls.find(
            "rds", "describe_db_snapshots", DBInstanceIdentifier=name, SnapshotType="manual"
        )
        for each in instances.get("DBSnapshots", []):
            identifier = each["DBSnapshotIdentifier"]
            calls.run("rds", "delete_db_snapshot", DBSnapshotIdentifier=identifier)
    else:
        clusters = calls.find(
            "rds", "describe_db_cluster_snapshots", DBClusterIdentifier=name, SnapshotType="manual"
        )
        for each in clusters.get("DBClusterSnapshots", []):
            identifier = each["DBClusterSnapshotIdentifier"]
            calls.run("rds", "delete_db_cluster_snapshot", DBClusterSnapshotIdentifier=identifier)
    for each in _kept_backups(calls, name, kind=kind):
        if kind == "instance":
            resource_id = each["DbiResourceId"]
            calls.run("rds", "delete_db_instance_automated_backup", DbiResourceId=resource_id)
        else:
            resource_id = each["DbClusterResourceId"]
            calls.run("rds", "delete_db_cluster_automated_backup", DbClusterResourceId=resource_id)


def _describe(calls: Calls, name: str, *, kind: Kind) -> list[dict[str, Any]]:
    if kind == "instance":
        found = calls.find("rds", "describe_db_instances", DBInstanceIdentifier=name)
        return list(found.get("DBInstances", []))
    return list(
        calls.find("rds", "describe_db_clusters", DBClusterIdentifier=name).get("DBClusters", [])
    )


def _kept_backups(calls: Calls, name: str, *, kind: Kind) -> list[dict[str, Any]]:
    """Of a database that was deleted. AWS keeps them as long as it would have kept them anyway."""
    if kind == "instance":
        found = calls.find(
            "rds", "describe_db_instance_automated_backups", DBInstanceIdentifier=name
        )
        backups = found.get("DBInstanceAutomatedBackups", [])
    else:
        found = calls.find("rds", "describe_db_cluster_automated_backups", DBClusterIdentifier=name)
        backups = found.get("DBClusterAutomatedBackups", [])
    return [each for each in backups if each["Status"] == "retained"]


def _latest(found: dict[str, Any]) -> datetime:
    window = found.get("RestoreWindow", {})
    return found.get("LatestRestorableTime") or window["LatestTime"]  # type: ignore[no-any-return]
