"""Coming back from loss: a new stage that begins with the data of another one, and the drill of it.

A stage is never restored in its place. The damaged one stays as it is until the new one is checked.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from scripts.deployment.account import Account, outputs, parameters
from scripts.deployment.calls import Calls
from scripts.deployment.commands import Choice, deploy, smoke
from scripts.deployment.databases import (
    Source,
    delete_leftovers,
    describe_snapshot,
    find_source,
    kind_of,
    take_snapshot,
)
from scripts.deployment.leftovers import delete_buckets
from scripts.deployment.stage import NAME, Stage, read_stage
from scripts.deployment.statements import report_of
from scripts.deployment.steps import CommandError, Steps, print_line

OWN = {"StageName", "SchemaDigest", "Snapshot", "RestoreFrom", "RestoreTime"}
"""Parameters that a stage never takes over from another one."""
NAMES = {"DomainName", "HostedZone"}
"""Those that only one stage may have at a time."""
DRILL = "drill"
SOUND = {"torn_streams": "0", "audit_faults": "0"}
DAMAGED = (
    "The restored data is not whole: {faults}. `make sql STAGE={name}` shows more; a time before "
    "the damage (AT=…) or an older snapshot may be whole."
)
MOVE = """
cgraph-{new} has the data and no name yet. Look at it, then move the name; each is one command:
  make sql STAGE={new} SQL="SELECT …"
  aws s3 sync s3://cgraph-{old}-media-{account} s3://cgraph-{new}-media-{account}
  make deploy STAGE={old} PARAMETERS='DomainName='      # {old} gives the name up, if it is there
  make deploy STAGE={new} PARAMETERS='DomainName={domain} HostedZone={zone}'
Then add a section [{new}] to samconfig.toml. Keep cgraph-{old} until you are sure."""


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
        if at and _time(at) is None:
            raise CommandError(f"AT={at}: a time in UTC, such as AT=2026-11-28T06:30:00Z")
        if NAME.fullmatch(text):
            return cls(text, "", at or "latest")
        if at:
            raise CommandError("A snapshot has one time only: leave AT out, or name a stage.")
        return cls("", text, "latest")

    @property
    def stack(self) -> str:
        return f"cgraph-{self.stage}"


@dataclass(frozen=True, slots=True)
class Restored:
    """`report`: that of the new stage. `minutes`: from the first call to a stage that answers."""

    report: Mapping[str, str]
    minutes: float


def restore(name: str, origin: Origin, choice: Choice, *, overrides: Mapping[str, str]) -> None:
    """Deploys the new stage `name` with the data of `origin`. Raises CommandError."""
    steps, calls = Steps(5, dry=choice.dry), Calls(_region(name), dry=choice.dry)
    account = Account(calls.region)
    _refuse_existing(account, f"cgraph-{name}", dry=choice.dry)
    stack = _stack_parameters(account, origin, size=overrides.get("Size"), dry=choice.dry)
    restored = _restore(steps, calls, name, origin, choice, taken=stack, overrides=overrides)
    with steps.step("What is left to do"):
        if not choice.dry:
            print_line(f"      recovered in {restored.minutes:.0f} min")
        print_line(
            MOVE.format(
                new=name,
                old=origin.stage or "<old stage>",
                account="<account>" if choice.dry else account.identity(),
                domain=stack.get("DomainName") or "<domain>",
                zone=stack.get("HostedZone") or "<zone>",
            )
        )


def drill(source: Stage, choice: Choice) -> None:
    """Restores the newest data of a stage to the stage `drill`, checks it, and deletes it again,
    also after a failure. Raises CommandError.
    """
    steps, calls = Steps(7, dry=choice.dry), Calls(source.region, dry=choice.dry)
    origin, account = Origin(source.name, "", "latest"), Account(source.region)
    with steps.step(f"The report of {source.stack}, to compare with"):
        before = report_of(calls, source.stack)
        _print_report(before)
    taken = _stack_parameters(account, origin, size=None, dry=choice.dry)
    taken = {key: value for key, value in taken.items() if key != "AlarmEmail"}
    overrides = {"Protected": "false", **({"Edge": "none"} if "Edge" in taken else {})}
    _refuse_existing(account, f"cgraph-{DRILL}", dry=choice.dry)
    try:
        quiet = replace(choice, yes=True)
        restored = _restore(steps, calls, DRILL, origin, quiet, taken=taken, overrides=overrides)
        with steps.step("Result"):
            _print_result(source.stack, before, restored, dry=choice.dry)
    finally:
        with steps.step("Delete the copy, with its snapshot, backups and buckets"):
            _delete_copy(calls, account, size=_size(taken, overrides))


def _restore(
    steps: Steps,
    calls: Calls,
    name: str,
    origin: Origin,
    choice: Choice,
    *,
    taken: Mapping[str, str],
    overrides: Mapping[str, str],
) -> Restored:
    began = time.monotonic()
    size = _size(taken, overrides)
    with steps.step(f"The data: {origin.stage or origin.snapshot}, {origin.at}"):
        data = _data(calls, origin, size=size, source_size=taken.get("Size", size), name=name)
    inherited = {
        key: value
        for key, value in taken.items()
        if value and key not in OWN | NAMES | overrides.keys()
    }
    stage = read_stage(name, overrides={**inherited, **overrides, "Size": size, **data})
    with steps.step(f"Deploy {stage.stack} with this data, about 30 minutes"):
        deploy(stage, replace(choice, tested=False))
    with steps.step("Is the data whole?"):  # before the smoke test, which writes
        report = report_of(calls, stage.stack)
        _print_report(report)
        faults = {
            key: report[key]
            for key, sound in SOUND.items()
            if key in report and report[key] != sound
        }
        if faults:
            raise CommandError(DAMAGED.format(faults=faults, name=name))
    with steps.step("Does it answer?"):
        found = {} if choice.dry else outputs(Account(calls.region).stack(stage.stack) or {})
        smoke(found.get("ApiUrl", "<ApiUrl>"), dry=choice.dry)
    minutes = (time.monotonic() - began) / 60
    return Restored(report, minutes)


def _data(
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
    wanted = _time(at)
    if wanted and source.latest and wanted > source.latest:
        raise CommandError(f"AT={at}: {source.name} can be restored until {source.latest:%FT%TZ}")


def _refuse_existing(account: Account, stack: str, *, dry: bool) -> None:
    if dry:
        print_line(f"      would stop if {stack} exists: data is restored to a new stage only")
    elif account.stack(stack) is not None:
        raise CommandError(
            f"{stack} exists. Data is restored to a new stage only, so that nothing is overwritten."
        )


def _stack_parameters(
    account: Account, origin: Origin, *, size: str | None, dry: bool
) -> dict[str, str]:
    """Those of the source's stack; if that is gone, those of its section in samconfig.toml, with
    the caller's `size`.
    """
    if not origin.stage:
        return {}
    configured = dict(read_stage(origin.stage, overrides={}).parameters)
    if dry:
        return configured
    stack = account.stack(origin.stack)
    return (
        {**configured, "Size": size or configured["Size"]} if stack is None else parameters(stack)
    )


def _size(taken: Mapping[str, str], overrides: Mapping[str, str]) -> str:
    size = overrides.get("Size") or taken.get("Size")
    if not size:
        raise CommandError("A snapshot does not say which size the stage had: add SIZE=small, …")
    return size


def _delete_copy(calls: Calls, account: Account, *, size: str) -> None:
    stack = f"cgraph-{DRILL}"
    if calls.dry:
        calls.run("cloudformation", "delete_stack", StackName=stack)
        print_line(f"      would wait until {stack} is deleted, about 20 min")
    elif account.stack(stack) is not None:
        account.delete(stack)
    delete_leftovers(calls, stack, kind=kind_of(size))
    delete_buckets(calls, prefix=f"{stack}-")


def _print_report(report: Mapping[str, str]) -> None:
    for key, value in report.items():
        print_line(f"      {key:<14} {value}")


def _print_result(stack: str, before: Mapping[str, str], restored: Restored, *, dry: bool) -> None:
    if dry:
        print_line("      would print the recovery time, and how much newer the original's data is")
        return
    newest, copied = _time(before["newest_event"]), _time(restored.report["newest_event"])
    print_line(f"      recovery time    {restored.minutes:.0f} min")
    if newest and copied:
        lost = max(0.0, (newest - copied).total_seconds())
        print_line(f"      data loss window {lost:.0f} s, of the events of {stack}")
    for key in ("users", "conversations", "forums", "streams"):
        print_line(f"      {key:<16} {restored.report[key]} of {before[key]}")


def _region(name: str) -> str:
    return read_stage(name, overrides={}).region


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
