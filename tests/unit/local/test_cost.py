"""The arithmetic of `cgraph cost`, checked with sums done by hand, and its data."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cgraph_local import cli
from cgraph_local.core.home import CHECKOUT
from cgraph_local.cost import document
from cgraph_local.cost.assumptions import Assumptions, UnknownAssumption, changes_from
from cgraph_local.cost.bill import calculate_bill
from cgraph_local.cost.compute import billed_ms, lambda_compute
from cgraph_local.cost.counters import billed_bytes
from cgraph_local.cost.custom_metrics import custom_metrics
from cgraph_local.cost.deployed_resources import EGRESS, SIZES
from cgraph_local.cost.plot import points
from cgraph_local.cost.prices import Price, PriceSheet, UnknownPrice
from cgraph_local.cost.report import CHECKS, report
from cgraph_local.cost.savings import savings
from cgraph_local.cost.scenario import Scenario, usual_size
from cgraph_local.cost.usage import HTTP_ACTIONS, Usage
from tests.unit.local.cost_scenarios import NO_USAGE, line_usd, round_measurements, scenario


@pytest.fixture(scope="module")
def prices() -> PriceSheet:
    return PriceSheet.read()


# prices


def test_units_above_a_step_have_the_price_of_the_step() -> None:
    price = Price(1.0, 1e6, "messages", "page", "2026-11", "x", steps=((1e9, 0.8),))
    assert price.of(300e6) == pytest.approx(300)
    assert price.of(2_853e6) == pytest.approx(1000 + 1853 * 0.8)


def test_the_first_units_are_free() -> None:
    price = Price(0.09, 1, "GB", "page", "2026-11", "x", free=100, steps=((1000, 0.05),))
    assert price.free_part(40) == pytest.approx(3.6)
    assert price.free_part(300) == pytest.approx(9)
    assert price.free_part(2000) == pytest.approx(9)
    assert Price(0.09, 1, "GB", "page", "2026-11", "x").free_part(40) == 0


def test_every_price_has_a_source_and_a_date(prices: PriceSheet) -> None:
    for name, price in prices:
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", price.read), name
        assert price.checked in CHECKS, name
        assert len(price.source) > 10, name
        assert price.usd > 0, name
        assert [above for above, _ in price.steps] == sorted(above for above, _ in price.steps)


def test_a_missing_price_is_named(prices: PriceSheet) -> None:
    with pytest.raises(UnknownPrice, match=r"db\.x1e\.32xlarge"):
        prices["db.x1e.32xlarge"]


# usage


def test_the_monthly_usage_of_a_thousand_users() -> None:
    """300 are active on each of 30 days: 9,000 active days."""
    usage = Usage(scenario(1_000))
    assert usage.messages == 180_000
    assert usage.pings == 405_000  # 90 minutes, one in two
    assert usage.connection_minutes == 810_000
    assert usage.http_requests == pytest.approx(540_000)  # 60 a day
    requests = 27_000 + 405_000 + 180_000 + 180_000  # hello, ping, typing, send
    responses = requests - 180_000
    pushed = 180_000 * 4 + 9_000 * 16 + 180_000 * 4 * 0.2  # messages, read markers, ephemeral
    assert usage.frames == pytest.approx(requests + responses + pushed)
    jobs = 180_000 + 144_000 + 36_000
    assert usage.push_jobs == pytest.approx(jobs)
    polling = 3 * 5 * 10 * 60 * 24 * 30  # ten queues
    assert usage.queue_requests == pytest.approx(3 * jobs + polling)


def test_the_database_grows_by_messages_and_read_markers() -> None:
    """Of 180,000 messages with 1,000 bytes and 144,000 markers with 100: 194.4 MB."""
    usage = Usage(scenario(1_000))
    assert usage.new_gb == pytest.approx(0.1944)
    assert usage.database_gb == 20  # the minimum
    assert Usage(scenario(10_000)).database_gb == pytest.approx(12 * 1.944)


def test_the_billed_duration_depends_on_the_memory() -> None:
    """512 MB have 512/1769 of a processor, so 2 ms of work take 6.91."""
    assert billed_ms(2, memory_mb=512, wait_ms=10) == pytest.approx(6.91 + 10.5, abs=0.001)
    assert billed_ms(2, memory_mb=1769, wait_ms=0) == pytest.approx(2.5)
    assert billed_ms(2, memory_mb=10_240, wait_ms=0) == pytest.approx(2.5)


def test_invocations_duration_and_cold_starts_of_one_function() -> None:
    """Each 1.2 ms of CPU: 4.146 ms at 512 MB, 1 for Valkey, 4 for Postgres, 0.5 for rounding. A
    pause of more than 6 minutes comes before e^-1.25 of them.
    """
    used = lambda_compute(Usage(scenario(1_000, {**NO_USAGE, "show_me": 1})))
    assert used.invocations == 9_000
    assert used.cold_starts == pytest.approx(9_000 * 0.2865, rel=0.001)
    warm = 9_000 * 9.646 / 1000 * 0.5
    assert used.gb_seconds == pytest.approx(warm + 2_578.5 * 0.5, rel=0.001)
    assert used.log_bytes == 9_000 * 500  # and no line of the platform: LoggingConfig


def test_the_usage_of_a_message_is_interpolated_between_2_and_10_sockets() -> None:
    sent = round_measurements().send_to(4)
    assert sent.pushed_frames == 4
    assert sent.functions["PushEvents"].cpu_ms == 1


# bills


def test_fixed_costs_of_a_small_deployment(prices: PriceSheet) -> None:
    found = calculate_bill(scenario(1, NO_USAGE), prices)
    assert line_usd(found, "Postgres: writer") == pytest.approx(730 * 0.016)
    assert line_usd(found, "Postgres: readers") == 0
    assert line_usd(found, "Postgres: storage") == pytest.approx(20 * 0.115)
    assert line_usd(found, "RDS Proxy") == pytest.approx(2 * 0.015 * 730)  # 21.90
    assert line_usd(found, "Valkey: memory") == pytest.approx(0.1 * 0.084 * 730)  # 6.13
    assert line_usd(found, "Endpoint") == 0
    with_endpoint = calculate_bill(scenario(1, NO_USAGE, egress="endpoints"), prices)
    assert with_endpoint.usd - found.usd == pytest.approx(2 * 7.30)  # of SQS, and of keys


def test_fixed_costs_of_a_large_deployment(prices: PriceSheet) -> None:
    found = calculate_bill(scenario(1, NO_USAGE, size="large"), prices)
    assert line_usd(found, "Postgres: writer") == pytest.approx(730 * 0.553)
    assert line_usd(found, "Postgres: readers") == pytest.approx(2 * 730 * 0.553)
    proxy = 3 * 4 * 0.015 * 730 + 3 * 0.01 * 730  # vCPUs; and the readers' endpoint in 3 zones
    assert line_usd(found, "RDS Proxy") == pytest.approx(proxy)


def test_usage_costs_of_a_thousand_users(prices: PriceSheet) -> None:
    found = calculate_bill(scenario(1_000), prices)
    assert line_usd(found, "HTTP API") == pytest.approx(0.54)
    assert line_usd(found, "Sockets: connection-minutes") == pytest.approx(0.2025)
    assert line_usd(found, "Sockets: messages") == pytest.approx(2.412)
    requests = 3 * 360_000 + 6_480_000
    assert line_usd(found, "SQS") == pytest.approx((requests - 1e6) * 0.4 / 1e6)


def test_media_uses_the_cheapest_cloudfront_pricing(prices: PriceSheet) -> None:
    """15 TB in 100 million pictures, which the plan of 200 holds; in 150 million it does not, and
    the plan of 1,000 is cheaper than 1,164 and 140 by use.
    """
    assert line_usd(calculate_bill(scenario(500_000), prices), "CloudFront") == 200
    smaller = calculate_bill(scenario(500_000, {"media_kb": 100}), prices)
    names = {line.name: line.usd for line in smaller.lines}
    assert names["CloudFront: plan for media"] == 1000


@pytest.mark.parametrize("egress", EGRESS)
def test_more_users_never_cost_less(prices: PriceSheet, egress: str) -> None:
    known = {size: Scenario.of(1, size=size, egress=egress) for size in SIZES}
    costs = [
        calculate_bill(replace(known[usual_size(users)], users=users), prices).usd
        for users in points()
    ]
    assert costs == sorted(costs)


def test_ipv6_is_always_cheaper_than_endpoints(prices: PriceSheet) -> None:
    for users in (100, 50_000, 1_000_000):
        by_egress = [calculate_bill(Scenario.of(users, egress=one), prices).usd for one in EGRESS]
        assert by_egress[1] < by_egress[0]


def test_free_units_have_a_line_of_their_own(prices: PriceSheet) -> None:
    for line in calculate_bill(Scenario.of(1_000, egress="ipv6"), prices).lines:
        assert line.is_free == (line.usd < 0) == line.name.endswith("always free")


def test_savings_add_up_and_the_largest_comes_first(prices: PriceSheet) -> None:
    one = Scenario.of(50_000, egress="ipv6")
    first, *_ = found = savings(one, prices)
    now = calculate_bill(one, prices).usd
    assert first.total == pytest.approx(now - first.alone)
    assert [saving.total for saving in found] == sorted(
        (each.total for each in found), reverse=True
    )


def test_the_report_names_a_source_for_each_line(prices: PriceSheet) -> None:
    one = Scenario.of(50_000, egress="endpoints", changes={"messages": 10})
    found = calculate_bill(one, prices)
    text = "\n".join(report(found, savings(one, prices), changed={"messages": 10}))
    for line in found.lines:
        assert line.name in text
        assert line.price.source in text
    assert "* " not in text.replace("*messages", "").replace("(--assume NAME=VALUE; * changed)", "")


# assumptions


def test_assumptions_agree_with_the_template() -> None:
    assumptions = Assumptions.read("small")
    template = (CHECKOUT / "template.yaml").read_text()
    heartbeat = f"Default: {assumptions.heartbeat_seconds:.0f}"
    assert f"HeartbeatSeconds: {{Type: Number, {heartbeat}," in template
    http = sum(getattr(assumptions, name) for name in (*HTTP_ACTIONS, "sockets_opened"))
    assert http == pytest.approx(60)


def test_custom_metrics_are_counted_in_the_code_and_alarms_in_the_templates() -> None:
    found = custom_metrics(CHECKOUT)
    assert {"http.request.duration", "query.total_time", "push.lag"} <= found
    resources = Scenario.of(1, egress="ipv6").resources
    assert resources.custom_metrics == len(found) + 1  # and the lock waits of Postgres' log
    assert resources.alarms >= 20
    assert (resources.edge, resources.secrets, resources.firewall_rules) == (False, 0, 4)


def test_each_measured_function_is_in_the_template() -> None:
    one = Scenario.of(1, egress="ipv6")
    for each in one.measurements.actions.values():
        assert set(each.functions) <= set(one.resources.memory_mb)


@pytest.mark.parametrize("setting", ["heartbeat_seconds=0", "messages=many", "messages=-1", "x"])
def test_an_invalid_value_is_refused(setting: str) -> None:
    with pytest.raises(UnknownAssumption, match=setting.partition("=")[0]):
        changes_from(None, [setting])


def test_assumptions_can_be_read_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "ours.toml"
    file.write_text("messages = 5\ndays = 31\n")
    assert changes_from(file, ["days=28"]) == {"messages": 5, "days": 28}
    file.write_text("messages 5")
    with pytest.raises(UnknownAssumption, match=r"ours\.toml"):
        changes_from(file, [])


def test_an_unknown_assumption_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownAssumption, match="heartbeat_seconds"):
        Assumptions.read("small", changes={"heart": 1})


# output


def test_the_billed_size_of_a_log_line() -> None:
    """Without the fields that the local host adds, and with CloudWatch's 26 bytes."""
    line = '{"timestamp":"2026-11-23","_aws":{"a":1},"requestId":"x"}'
    assert billed_bytes([line]) == len('{"_aws":{"a":1}}') + 26
    assert billed_bytes(["plain"]) == 31


def test_the_documents_are_fresh() -> None:
    for name, text in document.documents().items():
        stale = f"docs/{name} is stale: make cost"
        assert (document.FOLDER / name).read_text() == text, stale


def test_the_plot_is_well_formed() -> None:
    root = ElementTree.fromstring((document.FOLDER / "cost.svg").read_text())
    curves = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(curves) == 3
    assert all(len(curve.attrib["points"].split()) == len(points()) for curve in curves)


@pytest.mark.parametrize(
    ("arguments", "status", "output"),
    [
        (["--users", "1000", "--egress", "ipv6"], 0, "CGraph for 1,000 users"),
        ([], 0, "500,000 users (large, endpoints)"),
        (["--users", "0"], 2, "from 1 to"),
        (["--users", "5", "--assume", "nonsense=3"], 2, "There is no assumption nonsense"),
        (["--users", "5", "--assumptions", "/nowhere/x.toml"], 1, "/nowhere/x.toml"),
    ],
)
def test_the_command_prints_a_bill_or_names_the_mistake(
    arguments: list[str],
    status: int,
    output: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", ["cgraph", "cost", *arguments])
    assert cli.main() == status
    printed = capsys.readouterr()
    assert output in printed.out + printed.err
