"""From people to invocations, messages and bytes a month."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from cgraph_local.cost.measurements import PUSHER, Action, Ran
from cgraph_local.cost.scenario import Scenario

OVER_HTTP = (
    "list_messages",
    "list_conversations",
    "mark_read",
    "show_conversation",
    "show_user",
    "show_me",
    "sync",
    "refresh",
    "log_in",
)
GB = 1e9


@dataclass(frozen=True, slots=True)
class Doing:
    """An action, and how often in a month."""

    name: str
    action: Action
    times: float


class Usage:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.assumed = scenario.assumed
        self.people_days = scenario.active_days

    @cached_property
    def doings(self) -> list[Doing]:
        known = self.scenario.measured.actions
        a = self.assumed
        return [
            *(Doing(name, known[name], self.people_days * getattr(a, name)) for name in OVER_HTTP),
            Doing("open_socket", known["open_socket"], self.people_days * a.sockets_opened),
            Doing("ping", known["ping"], self.pings),
            Doing("further", known["ping"], self.messages * a.further_frames),
            Doing("send", self.scenario.measured.sending_to(a.deliveries), self.messages),
        ]

    @property
    def messages(self) -> float:
        return self.people_days * self.assumed.messages

    @property
    def pings(self) -> float:
        return (
            self.people_days * self.assumed.hours_connected * 3600 / self.assumed.heartbeat_seconds
        )

    # API Gateway

    @property
    def http_requests(self) -> float:
        return sum(one.times for one in self.doings if one.name in (*OVER_HTTP, "open_socket"))

    @property
    def frames(self) -> float:
        """In and out: an answer for each, except for the further ones, and what is pushed."""
        asked = sum(one.times for one in self._over_socket)
        answered = asked - self.messages * self.assumed.further_frames
        return asked + answered + self.deliveries

    @property
    def deliveries(self) -> float:
        """Frames pushed, ephemeral ones among them."""
        durable = sum(one.times * one.action.pushed_frames for one in self.doings)
        return durable + self.ephemeral

    @property
    def ephemeral(self) -> float:
        return self.messages * self.assumed.deliveries * self.assumed.ephemeral_share

    @property
    def connection_minutes(self) -> float:
        return self.people_days * self.assumed.hours_connected * 60

    @property
    def gb_out(self) -> float:
        a = self.assumed
        http = sum(
            one.times * (one.action.answer_bytes + a.header_bytes)
            for one in self.doings
            if one.name in OVER_HTTP
        )
        frame = self.scenario.measured.actions["send_to_2"].pushed_frame_bytes
        answers = sum(one.times * one.action.answer_bytes for one in self._over_socket)
        return (http + answers + self.frames * a.frame_bytes + self.deliveries * frame) / GB

    @property
    def _over_socket(self) -> Iterator[Doing]:
        return (one for one in self.doings if one.name not in OVER_HTTP)

    # Push

    @property
    def push_jobs(self) -> float:
        durable = sum(one.times for one in self.doings if one.action.pushed_frames)
        return durable + self.ephemeral / self.assumed.deliveries

    @property
    def push_batches(self) -> float:
        return self.push_jobs / self.assumed.jobs_per_batch

    @property
    def queue_requests(self) -> float:
        """Sent, received, deleted; and the empty-handed asking of Lambda's pollers."""
        asking = self.scenario.stacks.queues_polled * self.assumed.pollers * 3 * 60 * 24
        return self.push_jobs + 2 * self.push_batches + asking * self.assumed.days

    # State

    @property
    def statements(self) -> float:
        return sum(one.times * one.action.statements for one in self.doings)

    @property
    def cache_commands(self) -> float:
        return sum(one.times * one.action.valkey_commands for one in self.doings)

    @property
    def cache_gb(self) -> float:
        """Of everybody who came today, as if they were all still there."""
        today = self.scenario.users * self.assumed.active_share
        return today * self.scenario.measured.cache_bytes * self.assumed.cache_margin / GB

    @property
    def new_gb(self) -> float:
        """That the database grows by in a month."""
        return sum(one.times * one.action.stored_bytes for one in self.doings) / GB

    @property
    def database_gb(self) -> float:
        grown = self.new_gb * self.assumed.history_months
        return max(grown, self.assumed.minimum_storage_gb)

    @property
    def storage_operations(self) -> float:
        """Of Aurora: a write for each 4 KB of a commit, and now and then a read."""
        a = self.assumed
        writes = sum(
            one.times * max(1.0, one.action.log_written_bytes / 4096)
            for one in self.doings
            if one.action.log_written_bytes
        )
        return writes * a.storage_writes + self.statements * a.storage_reads

    @property
    def gb_between_zones(self) -> float:
        answered = sum(one.times * one.action.answer_bytes for one in self.doings)
        asked = self.statements * self.assumed.request_kb * 1e3
        return (answered + asked) / GB * self.assumed.crossing_share


def work(usage: Usage) -> Iterator[tuple[str, Ran, float, float]]:
    """Each function in each action: its name, what it took, how often a month, and how long it
    waited each time for others, in ms.
    """
    a = usage.assumed
    for one in usage.doings:
        functions = one.action.functions
        asked = {name: ran for name, ran in functions.items() if name != PUSHER}
        pushes = bool(one.action.pushed_frames)
        waits = (
            a.cache_ms * (1 + pushes)
            + a.database_ms * one.action.statements / len(asked)
            + a.queue_ms * pushes
        )
        for name, ran in asked.items():
            yield name, ran, one.times * ran.invocations, waits
        if pushes:
            again = 1 + usage.assumed.ephemeral_share if one.name == "send" else 1.0
            yield PUSHER, functions[PUSHER], one.times * again, a.post_ms
