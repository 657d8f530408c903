"""Coming back from loss: a new stage that begins with the data of another one, and the drill of it.

A stage is never restored in its place. The damaged one stays as it is until the new one is checked.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from scripts.deployment.account import Account, outputs, parameters
from scripts.deployment.calls import Calls
from scripts.deployment.commands import Choice, deploy, smoke
from scripts.deployment.databases import delete_leftovers, kind_of
from scripts.deployment.leftovers import delete_buckets
from scripts.deployment.origin import Origin, data_parameters, parse_time
from scripts.deployment.stage import Stage, read_stage
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
        data = data_parameters(
            calls, origin, size=size, source_size=taken.get("Size", size), name=name
        )
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
    newest, copied = parse_time(before["newest_event"]), parse_time(restored.report["newest_event"])
    print_line(f"      recovery time    {restored.minutes:.0f} min")
    if newest and copied:
        lost = max(0.0, (newest - copied).total_seconds())
        print_line(f"      data loss window {lost:.0f} s, of the events of {stack}")
    for key in ("users", "conversations", "forums", "streams"):
        print_line(f"      {key:<16} {restored.report[key]} of {before[key]}")


def _region(name: str) -> str:
    return read_stage(name, overrides={}).region
