"""Calculates the monthly usage of a number of users: requests, messages and bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from cgraph_local.cost.measurements import PUSH_FUNCTION, ActionUsage, FunctionUsage
from cgraph_local.cost.scenario import Scenario

HTTP_ACTIONS = (
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
FORUM_ACTIONS = (
    *("list_posts", "show_post", "list_comments"),
    *("vote_on_post", "create_comment", "create_post"),
)
GB = 1e9


@dataclass(frozen=True, slots=True)
class MonthlyAction:
    """A user action and its count in a month."""

    name: str
    action: ActionUsage
    count: float


class Usage:
    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.assumptions = scenario.assumptions
        self.active_days = scenario.active_days

    @cached_property
    def monthly_actions(self) -> list[MonthlyAction]:
        measured = self.scenario.measurements.actions
        a = self.assumptions
        return [
            *(
                MonthlyAction(name, measured[name], self.active_days * getattr(a, name))
                for name in HTTP_ACTIONS
            ),
            *(
                MonthlyAction(name, measured[name], self.forum_days * getattr(a, name))
                for name in FORUM_ACTIONS
            ),
            MonthlyAction(
                "open_socket", measured["open_socket"], self.active_days * a.sockets_opened
            ),
            MonthlyAction("ping", measured["ping"], self.pings),
            MonthlyAction("further", measured["ping"], self.messages * a.further_frames),
            MonthlyAction("send", self.scenario.measurements.send_to(a.deliveries), self.messages),
        ]

    @property
    def forum_days(self) -> float:
        """Active days on which forums are used."""
        return self.active_days * self.assumptions.forum_share

    @property
    def messages(self) -> float:
        return self.active_days * self.assumptions.messages

    @property
    def pings(self) -> float:
        return (
            self.active_days
            * self.assumptions.hours_connected
            * 3600
            / self.assumptions.heartbeat_seconds
        )

    # API Gateway

    @property
    def http_requests(self) -> float:
        return sum(
            each.count
            for each in self.monthly_actions
            if each.name in (*HTTP_ACTIONS, *FORUM_ACTIONS, "open_socket")
        )

    @property
    def frames(self) -> float:
        """Sent, answered (all but the further frames) and pushed."""
        requests = sum(each.count for each in self._over_socket)
        responses = requests - self.messages * self.assumptions.further_frames
        return requests + responses + self.deliveries

    @property
    def deliveries(self) -> float:
        """Pushed frames, ephemeral ones included."""
        durable = sum(each.count * each.action.pushed_frames for each in self.monthly_actions)
        return durable + self.ephemeral

    @property
    def ephemeral(self) -> float:
        return self.messages * self.assumptions.deliveries * self.assumptions.ephemeral_share

    @property
    def connection_minutes(self) -> float:
        return self.active_days * self.assumptions.hours_connected * 60

    @property
    def http_gb_out(self) -> float:
        header_bytes = self.assumptions.header_bytes
        return (
            sum(
                each.count * (each.action.answer_bytes + header_bytes)
                for each in self.monthly_actions
                if each.name in (*HTTP_ACTIONS, *FORUM_ACTIONS)
            )
            / GB
        )

    @property
    def socket_gb_out(self) -> float:
        a = self.assumptions
        send_frame = self.scenario.measurements.actions["send_to_2"].pushed_frame_bytes
        answers = sum(each.count * each.action.answer_bytes for each in self._over_socket)
        return (answers + self.frames * a.frame_bytes + self.deliveries * send_frame) / GB

    @property
    def _over_socket(self) -> Iterator[MonthlyAction]:
        over_http = (*HTTP_ACTIONS, *FORUM_ACTIONS)
        return (each for each in self.monthly_actions if each.name not in over_http)

    # push

    @property
    def push_jobs(self) -> float:
        durable = sum(each.count for each in self.monthly_actions if each.action.pushed_frames)
        return durable + self.ephemeral / self.assumptions.deliveries

    @property
    def push_batches(self) -> float:
        return self.push_jobs / self.assumptions.jobs_per_batch

    @property
    def queue_requests(self) -> float:
        """Messages sent, received and deleted, and the empty receives of Lambda's pollers."""
        empty_receives = (
            self.scenario.resources.queues_polled * self.assumptions.pollers * 3 * 60 * 24
        )
        return self.push_jobs + 2 * self.push_batches + empty_receives * self.assumptions.days

    # storage

    @property
    def statements(self) -> float:
        return sum(each.count * each.action.statements for each in self.monthly_actions)

    @property
    def cache_commands(self) -> float:
        return sum(each.count * each.action.valkey_commands for each in self.monthly_actions)

    @property
    def cache_gb(self) -> float:
        """As if all users who are active on a day were connected at the same time."""
        today = self.scenario.users * self.assumptions.active_share
        return today * self.scenario.measurements.cache_bytes * self.assumptions.cache_margin / GB

    @property
    def new_gb(self) -> float:
        """The growth of the database in a month."""
        return sum(each.count * each.action.stored_bytes for each in self.monthly_actions) / GB

    @property
    def data_gb(self) -> float:
        return self.new_gb * self.assumptions.history_months

    @property
    def database_gb(self) -> float:
        return max(self.data_gb, self.assumptions.minimum_storage_gb)

    @property
    def storage_operations(self) -> float:
        """I/O operations of Aurora: a write for each 4 KB of a commit, and some reads."""
        a = self.assumptions
        writes = sum(
            each.count * max(1.0, each.action.log_written_bytes / 4096)
            for each in self.monthly_actions
            if each.action.log_written_bytes
        )
        return writes * a.storage_writes + self.statements * a.storage_reads

    @property
    def gb_between_zones(self) -> float:
        responses = sum(each.count * each.action.answer_bytes for each in self.monthly_actions)
        requests = self.statements * self.assumptions.request_kb * 1e3
        return (responses + requests) / GB * self.assumptions.crossing_share


def function_runs(usage: Usage) -> Iterator[tuple[str, FunctionUsage, float, float]]:
    """For each function of each action: its name, its usage per invocation, its monthly count, and
    the ms that it waits for other services each time.
    """
    a = usage.assumptions
    for each in usage.monthly_actions:
        functions = dict(each.action.functions)
        push = functions.pop(PUSH_FUNCTION, None)
        pushes = bool(each.action.pushed_frames)
        wait_ms = (
            a.cache_ms * (1 + pushes)
            + a.database_ms * each.action.statements / len(functions)
            + a.queue_ms * pushes
        )
        for name, per_invocation in functions.items():
            yield name, per_invocation, each.count * per_invocation.invocations, wait_ms
        if pushes and push is not None:
            factor = 1 + usage.assumptions.ephemeral_share if each.name == "send" else 1.0
            yield PUSH_FUNCTION, push, each.count * factor, a.post_ms
