"""A day on which all is well: with a quiet night, a deployment, a backup, vacuums, people who
reconnect, and now and then a failure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from cgraph_local.template.pseudo_parameters import STACK_NAME
from tests.contract.infrastructure import stack
from tests.proofs.alarms import delivery, search
from tests.proofs.alarms.published import aws
from tests.proofs.alarms.recordings import Recordings, Values, replay
from tests.proofs.alarms.series import MetricId, Sample, World

DAY = 1440
DAYS_OF_TIMERS = 4
DEPLOYMENT = range(600, 610)
BACKUP = range(190, 200)
VACUUM = range(840, 850)
RECONNECT = range(720, 722)
LONE_MINUTE = 1080
"""In which everything that may happen once does."""
NIGHT_SCRIPT = 180
HTTP, SOCKETS = {"ApiId": "http"}, {"ApiId": "sockets"}
PROXY, CACHE = {"ProxyName": STACK_NAME}, {"clusterId": STACK_NAME}
MEDIA = {"DistributionId": "EMEDIA", "Region": "Global"}
EDGE = {"DistributionId": "EAPI", "Region": "Global"}
USUAL = {"query.total_time": 6.0, "http.request.duration": 20.0, "frame.duration": 15.0}
"""Milliseconds. The recorded times are those of a machine that is busy with tests."""


@dataclass(frozen=True, slots=True)
class Load:
    """A minute at noon, by size of the stage. `reconnects`: people at once after a network fault.
    `failures`: requests in 10 minutes that fail on any day.
    """

    requests: int
    frames: int
    connects: int
    reconnects: int
    failures: float
    free_memory: float
    idle_cpu: float


LOADS = {
    "small": Load(40, 200, 20, 500, 0.2, 110e6, 5),
    "medium": Load(2_000, 10_000, 500, 2_800, 1, 700e6, 15),
    "large": Load(20_000, 100_000, 5_000, 14_000, 30, 5e9, 20),
}


@cache
def thresholds(size: str) -> Mapping[str, float]:
    return dict(stack("observability")["Mappings"]["Thresholds"][size])


def share(minute: int) -> float:
    """Of the load at noon: a tenth at midnight."""
    return 0.1 + 0.45 * (1 - math.cos(2 * math.pi * (minute % DAY) / DAY))


def requests(size: str, minute: int) -> int:
    return round(LOADS[size].requests * share(minute))


def frames(size: str, minute: int) -> int:
    return round(LOADS[size].frames * share(minute))


def instances(size: str) -> list[str]:
    if size == "small":
        return [STACK_NAME]
    return [f"{STACK_NAME}-{number}" for number in range(1, 3 if size == "medium" else 4)]


def database(name: str, size: str) -> MetricId:
    """A metric of the instance that is written to."""
    if size == "small":
        return aws("AWS/RDS", name, DBInstanceIdentifier=STACK_NAME)
    return aws("AWS/RDS", name, DBClusterIdentifier=STACK_NAME, Role="WRITER")


def healthy_world(size: str, recordings: Recordings) -> World:
    world = World()
    for minute in range(DAY):
        _publish_http(world, minute, size, recordings)
        _publish_sockets(world, minute, size, recordings)
        for metric, samples in _reports(minute, size).items():
            world.publish(metric, minute, *samples)
        _publish_consumers(world, minute, recordings)
    _publish_timers(world)
    return world


def _publish_http(world: World, minute: int, size: str, recordings: Recordings) -> None:
    number = requests(size, minute)
    failed = _spread(LOADS[size].failures / 10, minute)
    world.publish(aws("AWS/ApiGateway", "Count", **HTTP), minute, (1, number))
    world.publish(aws("AWS/ApiGateway", "5xx", **HTTP), minute, (1, failed), (0, number - failed))
    cold = number * _cold_share(minute, size)
    latency = aws("AWS/ApiGateway", "Latency", **HTTP)
    world.publish(latency, minute, (45, number * 0.9 - cold), (180, number * 0.1), (1800, cold))
    replay(world, minute, recordings.message, times=number - cold, scale=USUAL)
    replay(world, minute, recordings.message, times=cold, scale=USUAL | {"query.total_time": 140})
    replay(world, minute, _usual(recordings.failed_message, size), times=failed, scale=USUAL)
    for name, value in (("Invocations", 1), ("Errors", 0)):  # an answer of 500 is no error
        metric = aws("AWS/Lambda", name, FunctionName="SendMessage")
        world.publish(metric, minute, (value, max(1, number // 10)))


def _usual(failed: Values, size: str) -> Values:
    """What a lone failure prints. In a small stage it is of one of a hundred other functions, which
    have no versions; in others also of those that have.
    """
    if size != "small":
        return failed
    return {
        metric: values for metric, values in failed.items() if metric.name != "version.failures"
    }


def _cold_share(minute: int, size: str) -> float:
    """Of requests that wait for an execution environment: many where there are few requests."""
    if minute in DEPLOYMENT:
        return 0.3
    return 0.1 if requests(size, minute) < 20 else 0.01


def _publish_sockets(world: World, minute: int, size: str, recordings: Recordings) -> None:
    load = LOADS[size]
    connects = load.reconnects if minute in RECONNECT else round(load.connects * share(minute))
    number = frames(size, minute)
    crashed = 1 if minute % 240 == 0 else 0
    refused = connects // 20 + (15 if minute == NIGHT_SCRIPT else 0)
    for name, count in (
        ("ConnectCount", connects),
        ("MessageCount", number),
        ("ExecutionError", crashed),
        ("IntegrationError", refused),
    ):
        world.publish(aws("AWS/ApiGateway", name, **SOCKETS), minute, (1, count))
    replay(world, minute, recordings.frame, times=number / 10, scale=USUAL)
    failed = 1 if minute % 120 == 7 else 0
    replay(world, minute, _usual(recordings.failed_frame, size), times=failed, scale=USUAL)


def _reports(minute: int, size: str) -> dict[MetricId, list[Sample]]:
    return {
        metric: [(value, 1) for value in values]
        for metric, values in (
            _queue_reports(minute)
            | _database_reports(minute, size)
            | _search_reports(minute, size)
            | delivery.reports(lone=minute == LONE_MINUTE)
            | _other_reports(minute, size)
        ).items()
    }


def _queue_reports(minute: int) -> dict[MetricId, list[float]]:
    lone = minute == LONE_MINUTE
    age, waiting = "ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"
    return {
        aws("AWS/SQS", age, QueueName="PushQueue"): [25 if lone else 1],
        aws("AWS/SQS", age, QueueName="FlushQueue"): [15 if lone else 1],
        aws("AWS/SQS", age, QueueName="SocketQueue"): [150 if lone else 6],
        aws("AWS/SQS", age, QueueName="LogQueue"): [130 if lone else 1],
        aws("AWS/SQS", age, QueueName="SearchQueue"): [180 if lone else 2],
        aws("AWS/SQS", age, QueueName="PreviewsQueue"): [180 if lone else 2],
        aws("AWS/SQS", age, QueueName="PreviewFetchQueue"): [180 if lone else 4],
        aws("AWS/SQS", age, QueueName="OpensearchQueue"): [180 if lone else 2],
        aws("AWS/SQS", age, QueueName="MediaQueue"): [150 if lone else 3],
        aws("AWS/SQS", waiting, QueueName="MediaDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="PreviewsDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="PreviewFetchDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="OpensearchDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="PushDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="FlushDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="SocketDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="LogDeadLetters"): [0],
        aws("AWS/SQS", waiting, QueueName="SearchDeadLetters"): [0],
        aws("AWS/Lambda", "Throttles"): [3 if lone else 0],
        aws("AWS/Lambda", "ConcurrentExecutions"): [850 if lone else 400 * share(minute)],
    }


def _database_reports(minute: int, size: str) -> dict[MetricId, list[float]]:
    limits, load, lone = thresholds(size), LOADS[size], minute == LONE_MINUTE
    busy = minute in VACUUM
    cpu = 92.0 if busy else load.idle_cpu * (0.5 + share(minute) / 2)
    disk = "FreeStorageSpace" if size == "small" else "FreeLocalStorage"
    reports: dict[MetricId, list[float]] = {
        database("CPUUtilization", size): [cpu],
        database("FreeableMemory", size): [
            load.free_memory * (0.35 if busy else 0.8 + share(minute) / 4)
        ],
        database(disk, size): [14e9],
        database("DiskQueueDepth", size): [
            limits["DiskQueue"] * (1.5 if minute in BACKUP else 0.05)
        ],
        aws("AWS/RDS", "DatabaseConnectionsCurrentlyBorrowed", **PROXY): [
            limits["Borrowed"] * (0.55 if lone else 0.3 * share(minute)) for _ in range(2)
        ],
        aws("AWS/RDS", "DatabaseConnectionsCurrentlySessionPinned", **PROXY): [0, 1],
        aws("AWS/RDS", "DatabaseConnectionsSetupFailed", **PROXY): [0, 2 if lone else 0],
        MetricId.of(f"CGraph/{STACK_NAME}", "database.lock_waits", {}): [
            limits["LockWaits"] / 50 * share(minute)
        ],
    }
    if minute == LONE_MINUTE:
        reports[aws("AWS/RDS", "ClientConnectionsSetupFailedAuth", **PROXY)] = [1]
    if size != "small":
        reports[database("AuroraReplicaLagMaximum", size)] = [2500 if lone else 20]
    return reports | _credit_reports(minute, size, cpu)


def _credit_reports(minute: int, size: str, cpu: float) -> dict[MetricId, list[float]]:
    """A new instance begins without credits and earns them while it idles."""
    reports: dict[MetricId, list[float]] = {}
    if size == "large":
        return reports
    for instance in instances(size):
        if size == "medium":
            reports[aws("AWS/RDS", "CPUUtilization", DBInstanceIdentifier=instance)] = [cpu]
        if minute % 5 == 0:
            balance = aws("AWS/RDS", "CPUCreditBalance", DBInstanceIdentifier=instance)
            reports[balance] = [min(minute / 10, 100)]
    return reports


def _search_reports(minute: int, size: str) -> dict[MetricId, list[float]]:
    searches = requests(size, minute) / 20
    return search.reports(size, searches, lone=minute == LONE_MINUTE, builds=minute in BACKUP)


def _other_reports(minute: int, size: str) -> dict[MetricId, list[float]]:
    lone = minute == LONE_MINUTE
    reports: dict[MetricId, list[float]] = {
        aws("AWS/ElastiCache", "BytesUsedForCache", **CACHE): [thresholds(size)["CacheBytes"] / 2],
        aws("AWS/ElastiCache", "ThrottledCmds", **CACHE): [5 if lone else 0],
        aws("AWS/ElastiCache", "Evictions", **CACHE): [2 if lone else 0],
        aws("AWS/ElastiCache", "AuthenticationFailures", **CACHE): [1 if lone else 0],
        aws("AWS/CloudFront", "Requests", **MEDIA): [requests(size, minute) / 10],
        aws("AWS/CloudFront", "Requests", **EDGE): [requests(size, minute)],
    }
    quiet = minute < 15  # a failure among few requests is a high rate
    for distribution in (MEDIA, EDGE):
        reports[aws("AWS/CloudFront", "5xxErrorRate", **distribution)] = [
            50 if quiet and size == "small" else 0.1
        ]
    # URLs that have ended in open pages; at night, when few ask, they are most of the requests
    reports[aws("AWS/CloudFront", "4xxErrorRate", **MEDIA)] = [
        70 if quiet and size == "small" else 4
    ]
    return reports


def _publish_consumers(world: World, minute: int, recordings: Recordings) -> None:
    """Behind for a minute or two now and then: a statement runs long, an import writes much."""
    lag = 200_000.0 if minute in BACKUP[:3] else 500.0
    scale = {"consumer.lag": lag, "consumer.set_aside": 0.0}
    replay(world, minute, recordings.watch, times=1, scale=scale)
    retried = minute % 300 == 5
    publish_run(world, "StartDeliveries", minute, runs=1 + retried, failed=int(retried))
    publish_run(world, "WatchConsumers", minute, runs=1 + retried, failed=int(retried))


def _publish_timers(world: World) -> None:
    """Each runs at its first minute, and now and then succeeds only when it is tried again."""
    for function, every in (
        ("MakePartitions", DAY),
        ("ExpireNonces", 60),
        ("SweepUploads", 60),
    ):
        for run, minute in enumerate(range(1, DAY * DAYS_OF_TIMERS, every)):
            retried = run == 2
            publish_run(world, function, minute, runs=2 if retried else 1, failed=int(retried))


def publish_run(world: World, function: str, minute: int, *, runs: int, failed: int) -> None:
    world.publish(aws("AWS/Lambda", "Invocations", FunctionName=function), minute, (1, runs))
    errors = aws("AWS/Lambda", "Errors", FunctionName=function)
    world.publish(errors, minute, (1, failed), (0, runs - failed))


def _spread(rate: float, minute: int) -> int:
    """A number of events in a minute of which there are `rate` on average."""
    return math.floor(rate * (minute + 1)) - math.floor(rate * minute)
