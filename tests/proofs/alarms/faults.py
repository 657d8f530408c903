"""Faults, by the alarm that must notice them. Each begins at noon of the healthy day."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cgraph_local.template.pseudo_parameters import STACK_NAME
from tests.proofs.alarms import delivery, healthy, search
from tests.proofs.alarms.healthy import (
    CACHE,
    EDGE,
    HTTP,
    MEDIA,
    PROXY,
    SOCKETS,
    database,
    thresholds,
)
from tests.proofs.alarms.published import aws
from tests.proofs.alarms.recordings import Recordings, named, replay
from tests.proofs.alarms.series import MetricId, World

BEGINS = 720
LASTS = 60
TIMER_BEGINS = healthy.DAY


@dataclass(frozen=True, slots=True)
class Moment:
    """A minute of the fault, in which `world` is changed."""

    world: World
    minute: int
    size: str
    recordings: Recordings

    def report(self, metric: MetricId, *values: float) -> None:
        """What a gauge reports instead: a value for each host that reports."""
        self.world.replace(metric, self.minute, *((value, 1) for value in values))

    def count(self, metric: MetricId, number: float) -> None:
        self.world.replace(metric, self.minute, (1, number))

    @property
    def limit(self) -> dict[str, float]:
        return dict(thresholds(self.size))

    @property
    def requests(self) -> int:
        return healthy.requests(self.size, self.minute)

    @property
    def frames(self) -> int:
        return healthy.frames(self.size, self.minute)


@dataclass(frozen=True, slots=True)
class Fault:
    """`within`: minutes until the alarm must fire. `begins`, `lasts`: minutes."""

    alarm: str
    what: str
    change: Callable[[Moment], None]
    within: int
    begins: int = BEGINS
    lasts: int = LASTS

    def applied_to(self, sound: World, size: str, recordings: Recordings) -> World:
        """`sound`: the healthy world of that size."""
        world = sound.copy()
        for minute in range(self.begins, self.begins + self.lasts):
            self.change(Moment(world, minute, size, recordings))
        return world

    def __str__(self) -> str:
        return f"{self.alarm}: {self.what}"


def requests_fail(now: Moment) -> None:
    failed, number = now.requests / 10, now.requests
    metric = aws("AWS/ApiGateway", "5xx", **HTTP)
    now.world.replace(metric, now.minute, (1, failed), (0, number - failed))


def requests_are_slow(now: Moment) -> None:
    latency, number = aws("AWS/ApiGateway", "Latency", **HTTP), now.requests
    now.world.replace(latency, now.minute, (50, number * 0.9), (4000, number * 0.1))


def frames_fail(now: Moment) -> None:
    replay(now.world, now.minute, now.recordings.failed_frame, times=now.frames / 20)


def frames_get_no_answer(now: Moment) -> None:
    now.count(aws("AWS/ApiGateway", "ExecutionError", **SOCKETS), now.frames / 20)


def handshakes_are_refused(now: Moment) -> None:
    connects = healthy.LOADS[now.size].connects
    now.count(aws("AWS/ApiGateway", "IntegrationError", **SOCKETS), connects * 0.9)


def sockets_reconnect(now: Moment) -> None:
    now.count(aws("AWS/ApiGateway", "ConnectCount", **SOCKETS), now.limit["ConnectsAMinute"] * 2)


def a_version_fails(function: str) -> Callable[[Moment], None]:
    """A tenth of a tenth of what it does: the canary's share, of which one in ten fails."""

    def change(now: Moment) -> None:
        of_message = function == "SendMessage"
        failed = now.recordings.failed_message if of_message else now.recordings.failed_frame
        number = now.requests if of_message else now.frames
        replay(now.world, now.minute, failed, times=max(1, number / 100))

    return change


def waiting(queue: str, seconds: float) -> Callable[[Moment], None]:
    metric = aws("AWS/SQS", "ApproximateAgeOfOldestMessage", QueueName=queue)
    return lambda now: now.report(metric, seconds)


def dead_letter(queue: str) -> Callable[[Moment], None]:
    metric = aws("AWS/SQS", "ApproximateNumberOfMessagesVisible", QueueName=queue)
    return lambda now: now.report(metric, 1)


def gauge(namespace: str, name: str, *values: float, **dimensions: str) -> Callable[[Moment], None]:
    metric = aws(namespace, name, **dimensions)
    return lambda now: now.report(metric, *values)


def of_database(name: str, value: float) -> Callable[[Moment], None]:
    return lambda now: now.report(database(name, now.size), value)


def pool_is_exhausted(now: Moment) -> None:
    """Each host lends less than the threshold, both together more."""
    each = now.limit["Borrowed"] * 0.6
    now.report(aws("AWS/RDS", "DatabaseConnectionsCurrentlyBorrowed", **PROXY), each, each)


def statements_are_slow(now: Moment) -> None:
    replay(now.world, now.minute, now.recordings.slow_message, times=now.requests / 10)


def locks_are_waited_for(now: Moment) -> None:
    metric = MetricId.of(f"CGraph/{STACK_NAME}", "database.lock_waits", {})
    now.world.publish(metric, now.minute, (1, now.limit["LockWaits"] / 2))


def of_consumers(name: str, value: float) -> Callable[[Moment], None]:
    """The metric of all together, which the alarm reads."""

    def change(now: Moment) -> None:
        for metric in now.recordings.watch:
            if metric.name == name:
                now.world.replace(metric, now.minute, (value, 1))

    return change


def memory_leaks(now: Moment) -> None:
    memory = named(now.recordings.message, "vm.memory.total")
    now.world.publish(memory, now.minute, (480e6, 1))


def credits_are_gone(number: int) -> Callable[[Moment], None]:
    def change(now: Moment) -> None:
        dimensions = {"DBInstanceIdentifier": healthy.instances(now.size)[number]}
        now.report(aws("AWS/RDS", "CPUUtilization", **dimensions), 60)
        if now.minute % 5 == 0:
            now.report(aws("AWS/RDS", "CPUCreditBalance", **dimensions), 0)

    return change


def cache_is_full(now: Moment) -> None:
    metric = aws("AWS/ElastiCache", "BytesUsedForCache", **CACHE)
    now.report(metric, now.limit["CacheBytes"] * 1.1)


def disk_is_full(now: Moment) -> None:
    name = "FreeStorageSpace" if now.size == "small" else "FreeLocalStorage"
    now.report(database(name, now.size), 1e9)


def memory_is_short(now: Moment) -> None:
    now.report(database("FreeableMemory", now.size), now.limit["FreeMemory"] * 0.7)


def disk_is_slow(now: Moment) -> None:
    now.report(database("DiskQueueDepth", now.size), now.limit["DiskQueue"] * 3)


def answers_fail(
    distribution: Mapping[str, str], *, metric: str = "5xxErrorRate", percent: float = 20
) -> Callable[[Moment], None]:
    def change(now: Moment) -> None:
        now.report(aws("AWS/CloudFront", "Requests", **distribution), 60)
        now.report(aws("AWS/CloudFront", metric, **distribution), percent)

    return change


def does_not_run(function: str) -> Callable[[Moment], None]:
    def change(now: Moment) -> None:
        for name in ("Invocations", "Errors"):
            now.world.replace(aws("AWS/Lambda", name, FunctionName=function), now.minute)

    return change


def fails_whenever_it_runs(function: str, every: int) -> Callable[[Moment], None]:
    def change(now: Moment) -> None:
        does_not_run(function)(now)
        if now.minute % every == 1:
            healthy.publish_run(now.world, function, now.minute, runs=3, failed=3)

    return change


def timer(alarm: str, function: str, every: int, within: int) -> list[Fault]:
    lasts = healthy.DAY * (healthy.DAYS_OF_TIMERS - 1)
    return [
        Fault(alarm, what, change, within, TIMER_BEGINS, lasts)
        for what, change in (
            ("it does not run", does_not_run(function)),
            ("it fails whenever it runs", fails_whenever_it_runs(function, every)),
        )
    ]


RDS, ELASTICACHE = "AWS/RDS", "AWS/ElastiCache"
FAULTS = [
    Fault("SendMessageFails", "a new version fails", a_version_fails("SendMessage"), 2),
    Fault("SendFails", "a new version fails", a_version_fails("Send"), 2),
    Fault("Errors", "a tenth of the requests fails", requests_fail, 10),
    Fault("Latency", "a tenth of the requests is slow", requests_are_slow, 20),
    Fault("SocketErrors", "frames are answered with an error", frames_fail, 10),
    Fault("SocketCrashes", "frames get no answer", frames_get_no_answer, 10),
    Fault("SocketHandshakes", "handshakes are refused", handshakes_are_refused, 15),
    Fault("SocketConnects", "sockets reconnect all the time", sockets_reconnect, 5),
    Fault("PushLate", "PushEvents does not keep up", waiting("PushQueue", 40), 5),
    Fault("FlushLate", "FlushEvents does not keep up", waiting("FlushQueue", 40), 5),
    Fault("SocketJobsLate", "MaintainSockets does not keep up", waiting("SocketQueue", 400), 5),
    Fault("Throttled", "Lambda throttles", gauge("AWS/Lambda", "Throttles", 50), 5),
    Fault("Concurrency", "functions hang", gauge("AWS/Lambda", "ConcurrentExecutions", 900), 5),
    Fault("Memory", "a function leaks", memory_leaks, 20),
    *timer("PartitionsNotMade", "MakePartitions", healthy.DAY, 2 * healthy.DAY),
    *timer("NoncesNotExpired", "ExpireNonces", 60, 240),
    Fault("PushDead", "a push job failed eight times", dead_letter("PushDeadLetters"), 5),
    Fault("FlushDead", "a flush job failed eight times", dead_letter("FlushDeadLetters"), 5),
    *timer("UploadsNotSwept", "SweepUploads", 60, 240),
    Fault("UploadsLate", "ProcessUploads does not keep up", waiting("MediaQueue", 400), 5),
    Fault("UploadsDead", "a file was not processed", dead_letter("MediaDeadLetters"), 5),
    Fault("SocketDead", "a socket job failed eight times", dead_letter("SocketDeadLetters"), 5),
    Fault("ConsumerLag", "a consumer stands still", of_consumers("consumer.lag", 600_000), 10),
    Fault("ConsumerSetAside", "an event is set aside", of_consumers("consumer.set_aside", 1), 10),
    Fault("ConsumersNotWatched", "it does not run", does_not_run("WatchConsumers"), 25),
    Fault("ConsumersNotWatched", "it fails", fails_whenever_it_runs("WatchConsumers", 3), 25),
    Fault("NudgesLate", "nudges are not sent on", waiting("LogQueue", 200), 5),
    Fault("NudgesLate", "IndexDocuments fails", waiting("SearchQueue", 200), 5),
    Fault("NudgesLate", "IndexInOpensearch fails", waiting("OpensearchQueue", 200), 5),
    Fault("NudgesLate", "MakePreviews fails", waiting("PreviewsQueue", 200), 5),
    Fault("NudgesLate", "FetchPreviews fails", waiting("PreviewFetchQueue", 200), 5),
    Fault("NudgesDead", "MakePreviews fails", dead_letter("PreviewsDeadLetters"), 5),
    Fault("NudgesDead", "a page is never fetched", dead_letter("PreviewFetchDeadLetters"), 5),
    Fault("NudgesDead", "a job failed eight times", dead_letter("LogDeadLetters"), 5),
    Fault("NudgesDead", "a nudge failed at each try", dead_letter("SearchDeadLetters"), 5),
    Fault("NudgesDead", "OpenSearch is away", dead_letter("OpensearchDeadLetters"), 5),
    Fault("PoolExhausted", "two hosts lend all connections", pool_is_exhausted, 5),
    Fault(
        "Pinned",
        "two hosts have pinned sessions",
        gauge(RDS, "DatabaseConnectionsCurrentlySessionPinned", 4, 4, **PROXY),
        15,
    ),
    Fault(
        "ProxyCannotConnect",
        "the database refuses the proxy",
        gauge(RDS, "DatabaseConnectionsSetupFailed", 1, 1, **PROXY),
        5,
    ),
    Fault(
        "ProxyRefuses",
        "tokens are not accepted",
        gauge(RDS, "ClientConnectionsSetupFailedAuth", 2, **PROXY),
        10,
    ),
    Fault("QueryTime", "a tenth of the requests waits for a lock", statements_are_slow, 20),
    Fault("LockWaits", "statements wait for locks", locks_are_waited_for, 10),
    Fault("DatabaseCpu", "a statement takes the CPU", of_database("CPUUtilization", 97), 20),
    Fault("CpuCredits", "the first instance has no credits", credits_are_gone(0), 40),
    Fault("SecondCpuCredits", "the second instance has no credits", credits_are_gone(1), 40),
    Fault("DatabaseMemory", "memory is short", memory_is_short, 40),
    Fault("DatabaseDisk", "the disk fills", disk_is_full, 20),
    Fault("DatabaseDiskQueue", "the disk is slow", disk_is_slow, 20),
    Fault("ReplicaLag", "a reader lags", of_database("AuroraReplicaLagMaximum", 5000), 5),
    Fault("CacheFull", "the cache fills", cache_is_full, 20),
    Fault("CacheThrottled", "commands wait", gauge(ELASTICACHE, "ThrottledCmds", 9, **CACHE), 5),
    Fault("CacheEvictions", "keys are evicted", gauge(ELASTICACHE, "Evictions", 9, **CACHE), 5),
    Fault(
        "CacheRefuses",
        "functions cannot sign in",
        gauge(ELASTICACHE, "AuthenticationFailures", 9, **CACHE),
        10,
    ),
    *(Fault(alarm, what, change, within) for alarm, what, change, within in search.FAULTS),
    *(Fault(alarm, what, change, within) for alarm, what, change, within in delivery.FAULTS),
    Fault("DeliveriesNotStarted", "it does not run", does_not_run("StartDeliveries"), 25),
    Fault("DeliveriesNotStarted", "it fails", fails_whenever_it_runs("StartDeliveries", 3), 25),
    Fault("MediaErrors", "a fifth of the media fails", answers_fail(MEDIA), 20),
    Fault(
        "MediaRefused",
        "URLs are signed with a key that the edge does not know",
        answers_fail(MEDIA, metric="4xxErrorRate", percent=85),
        20,
    ),
    Fault("ApiErrors", "a fifth of the requests fails at the edge", answers_fail(EDGE), 20),
]
