"""Where restored data comes from: a stage, or a snapshot."""

from dataclasses import dataclass
from datetime import UTC, datetime

from scripts.deployment.calls import Calls
from scripts.deployment.databases import (
    Source,
    describe_snapshot,
    find_source,
    kind_of,
    take_snapshot,
)
from scripts.deployment.stage import NAME
from scripts.deployment.steps import CommandError


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the data comes from: a stage, or a snapshot (`stage` is then empty). `at`: a time in
    UTC, or `latest`.
    """

    stage: str
    snapshot: str
    at: str

    @classmethod
    def parse(cls, text: str, *, at: str) -> "Origin":
        """Raises CommandError."""
        if not text:
            raise CommandError("Name the stage or the snapshot to restore: FROM=production")
        if at and parse_time(at) is None:
            raise CommandError(f"AT={at}: a time in UTC, such as AT=2026-11-28T06:30:00Z")
        if NAME.fullmatch(text):
            return cls(text, "", at or "latest")
        if at:
            raise CommandError("A snapshot has one time only: leave AT out, or name a stage.")
        return cls("", text, "latest")

    @property
    def stack(self) -> str:
        return f"cgraph-{self.stage}"


def data_parameters(
    calls: Calls, origin: Origin, *, size: str, source_size: str, name: str
) -> dict[str, str]:
    """The parameters of infra/database.yaml that say what the database begins with."""
    kind = kind_of(size)
    if origin.snapshot:
        return {"Snapshot": _snapshot(calls, origin.snapshot, size=size)}
    source = find_source(calls, origin.stack, kind=kind_of(source_size))
    if source.kind == kind:
        _refuse_later(source, at=origin.at)
        return {"RestoreFrom": source.resource_id, "RestoreTime": origin.at}
    if origin.at != "latest" or source.deleted or kind == "instance":
        raise CommandError(
            f"From {source_size} to {size} only a snapshot can be taken over, from RDS to Aurora "
            f"only, and of a running database. Restore {origin.stack} with SIZE={source_size} "
            "first, then restore that stage with the other size."
        )
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M")
    return {"Snapshot": take_snapshot(calls, source, name=f"{origin.stack}-for-{name}-{stamp}")}


def _snapshot(calls: Calls, name: str, *, size: str) -> str:
    """The ARN of the snapshot, which Aurora needs for one of RDS. Raises CommandError."""
    if calls.dry:
        describe_snapshot(calls, name, kind="instance")
        return name
    if found := describe_snapshot(calls, name, kind=kind_of(size)):
        return str(found.get("DBSnapshotArn") or found.get("DBClusterSnapshotArn"))
    if kind_of(size) == "cluster" and (found := describe_snapshot(calls, name, kind="instance")):
        return str(found["DBSnapshotArn"])
    raise CommandError(
        f"There is no snapshot {name} in {calls.region} that SIZE={size} can begin with: small "
        "takes those of RDS, medium and large those of Aurora and of RDS."
    )


def _refuse_later(source: Source, *, at: str) -> None:
    wanted = parse_time(at)
    if wanted and source.latest and wanted > source.latest:
        raise CommandError(f"AT={at}: {source.name} can be restored until {source.latest:%FT%TZ}")


def parse_time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
