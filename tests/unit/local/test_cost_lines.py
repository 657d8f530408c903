"""What forums, readers, CPU credits, snapshots and the edge add to the bill."""

from __future__ import annotations

import pytest

from cgraph_local.cost.bill import calculate_bill
from cgraph_local.cost.database_load import database_load, surplus_credits
from cgraph_local.cost.prices import PriceSheet
from cgraph_local.cost.scenario import Scenario
from cgraph_local.cost.usage import Usage
from tests.unit.local.cost_scenarios import line_usd, scenario


@pytest.fixture(scope="module")
def prices() -> PriceSheet:
    return PriceSheet.read()


def test_forums_add_requests_and_growth() -> None:
    """Of 9,000 active days half are days with forums: 21.55 requests on each."""
    usage = Usage(scenario(1_000, {"forum_share": 0.5}))
    assert usage.forum_days == 4_500
    assert usage.http_requests == pytest.approx(540_000 + 4_500 * 21.55)
    grown = 4_500 * (3 * 10 + 0.5 * 1000 + 0.05 * 2000) / 1e9
    assert usage.new_gb == pytest.approx(0.1944 + grown)


def test_readers_take_their_share_of_the_reads_and_of_nothing_else() -> None:
    """Each action has 2 ms of Postgres' CPU, × 1.2 for the processor and 1.5 for a busy day."""
    usage = Usage(scenario(50_000, size="medium"))
    load = database_load(usage)
    per_action = 2 * 1.2 * 1.5 / 3_600_000
    writes = 450_000 * (20 + 16)
    reads = sum(each.count for each in usage.monthly_actions) - writes
    idle = 0.02 * 730
    assert load.writer == pytest.approx((writes + 0.2 * reads) * per_action + idle)
    assert load.reader == pytest.approx(0.8 * reads * per_action + idle)


def test_cpu_credits_are_paid_above_the_baseline_of_a_burstable_instance(
    prices: PriceSheet,
) -> None:
    """A tenth of two vCPUs is 146 hours a month."""
    quiet, busy = Usage(scenario(1_000)), Usage(scenario(10_000, {"idle_cpu": 0.5}))
    micro = prices["db.t4g.micro"]
    assert surplus_credits(quiet, micro) == 0
    load = database_load(busy)
    assert surplus_credits(busy, micro) == pytest.approx(load.writer - 146)
    assert surplus_credits(busy, prices["aurora db.r7g.xlarge"]) == 0


def test_the_edge_costs_its_requests_its_firewall_and_its_keys(prices: PriceSheet) -> None:
    """27 million requests; the first 10 million of CloudFront and 2 million runs are free."""
    chosen = {"media_gb": 0.0}
    without = calculate_bill(scenario(50_000, chosen), prices)
    found = calculate_bill(scenario(50_000, chosen, edge="cloudfront"), prices)
    assert line_usd(found, "Firewall: web ACL") == 5
    assert line_usd(found, "Firewall: rules") == 4
    assert line_usd(found, "Firewall: requests") == pytest.approx(27 * 0.6)
    assert line_usd(found, "CloudFront: requests") == pytest.approx(17)
    assert line_usd(found, "Edge: function") == pytest.approx(2.5)
    assert line_usd(found, "Edge: keys") == pytest.approx(0.8)
    assert line_usd(found, "Data to users") < line_usd(without, "Data to users")
    assert not [line for line in without.lines if line.name.startswith(("Edge", "Firewall"))]


@pytest.mark.parametrize(("size", "edged"), [("small", False), ("medium", True), ("large", True)])
def test_the_default_edge_is_the_one_of_the_template(size: str, edged: bool) -> None:
    assert Scenario.of(1, egress="ipv6", size=size).resources.edge is edged


def test_opensearch_costs_its_nodes_its_disks_and_its_alarms(prices: PriceSheet) -> None:
    """Two nodes of 20 GB for 730 hours; seven alarms on eight metrics; one more queue is polled."""
    without = calculate_bill(scenario(50_000), prices)
    found = calculate_bill(scenario(50_000, search="opensearch"), prices)
    assert line_usd(found, "OpenSearch: nodes") == pytest.approx(2 * 730 * 0.073)
    assert line_usd(found, "OpenSearch: disks") == pytest.approx(2 * 20 * 0.122)
    alarms = line_usd(found, "Alarms") - line_usd(without, "Alarms")
    assert alarms == pytest.approx(0.8)
    polling = 3 * 5 * 60 * 24 * 30 * 0.4e-6
    assert found.usd - without.usd == pytest.approx(2 * 730 * 0.073 + 4.88 + 0.8 + polling)


def test_mails_are_paid_by_the_thousand(prices: PriceSheet) -> None:
    found = calculate_bill(scenario(1_000, {"mails": 4}), prices)
    assert line_usd(found, "Mail") == pytest.approx(0.4)


@pytest.mark.parametrize(("size", "nodes"), [("small", 0), ("medium", 2), ("large", 3)])
def test_the_default_search_is_the_one_of_the_template(size: str, nodes: int) -> None:
    assert Scenario.of(1, egress="ipv6", size=size).resources.search_nodes == nodes


def test_kept_snapshots_are_paid_by_their_data(prices: PriceSheet) -> None:
    """A year of 194.4 MB a month; the disk of 20 GB is not what a snapshot holds."""
    found = calculate_bill(scenario(1_000, {"kept_snapshots": 2}), prices)
    assert line_usd(found, "Postgres: kept snapshots") == pytest.approx(2 * 12 * 0.1944 * 0.095)
