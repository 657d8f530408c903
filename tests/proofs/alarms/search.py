"""OpenSearch on a healthy day, and its faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cgraph_local.template.pseudo_parameters import ACCOUNT_ID, STACK_NAME
from tests.contract.infrastructure import stack
from tests.proofs.alarms.published import aws
from tests.proofs.alarms.series import MetricId

if TYPE_CHECKING:
    from tests.proofs.alarms.faults import Moment

DOMAIN = {"DomainName": STACK_NAME, "ClientId": ACCOUNT_ID}


def reports(size: str, number: float, *, lone: bool, builds: bool) -> dict[MetricId, list[float]]:
    """Of a minute with `number` searches. `lone`: in which everything that may happen once does.
    `builds`: an index is built beside the one that is searched; its copies come later.
    """
    return {
        aws("AWS/ES", "ClusterStatus.red", **DOMAIN): [1 if lone else 0],
        aws("AWS/ES", "ClusterStatus.yellow", **DOMAIN): [1 if builds or lone else 0],
        aws("AWS/ES", "ClusterIndexWritesBlocked", **DOMAIN): [1 if lone else 0],
        aws("AWS/ES", "FreeStorageSpace", **DOMAIN): [
            _limit("FreeDisk", size) * (1.4 if builds else 2.5)
        ],
        aws("AWS/ES", "JVMMemoryPressure", **DOMAIN): [90 if builds else 60],
        aws("AWS/ES", "CPUUtilization", **DOMAIN): [95 if builds else 15],
        aws("AWS/ES", "OpenSearchRequests", **DOMAIN): [number],
        aws("AWS/ES", "5xx", **DOMAIN): [min(number, 3) if lone else 0],
    }


def _gauge(name: str, value: float) -> Callable[[Moment], None]:
    return lambda now: now.report(aws("AWS/ES", name, **DOMAIN), value)


def _disk_fills(now: Moment) -> None:
    now.report(aws("AWS/ES", "FreeStorageSpace", **DOMAIN), _limit("FreeDisk", now.size) * 0.9)


def _searches_fail(now: Moment) -> None:
    """A tenth of them, at twice the number from which on failures count."""
    failed = _limit("Failed", now.size) * 2 / 5
    now.report(aws("AWS/ES", "OpenSearchRequests", **DOMAIN), failed * 10)
    now.report(aws("AWS/ES", "5xx", **DOMAIN), failed)


def _limit(name: str, size: str) -> float:
    return float(stack("search_alarms")["Mappings"]["Thresholds"][size][name])


FAULTS = [
    ("SearchRed", "a node is lost", _gauge("ClusterStatus.red", 1), 5),
    ("SearchYellow", "a copy is missing", _gauge("ClusterStatus.yellow", 1), 40),
    ("SearchWritesBlocked", "writes fail", _gauge("ClusterIndexWritesBlocked", 1), 5),
    ("SearchDisk", "the index fills the disk", _disk_fills, 20),
    ("SearchMemory", "the heap is full", _gauge("JVMMemoryPressure", 96), 20),
    ("SearchCpu", "queries take the CPU", _gauge("CPUUtilization", 97), 60),
    ("SearchErrors", "a tenth of the searches fails", _searches_fail, 15),
]
"""The alarm, what happens, and the minutes within which it must fire."""
