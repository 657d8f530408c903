"""The bench runs and prints every result. The test does not judge the results."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cgraph_local.core.home import CHECKOUT
from tests.load.comparison import Comparison
from tests.load.fan_out import OpeningRate, Point
from tests.load.flatness.measure import Curve
from tests.load.load import Stage
from tests.load.parts import PARTS
from tests.load.report import page
from tests.load.report.page import Measured
from tests.load.routes import COMPARED, ROUTES
from tests.load.searching.bulk import BulkRates
from tests.load.servers import CGRAPH, MONOLITH
from tests.load.subprocesses import parse

QUICK_FAN_OUT = [(2, 10), (20, 10)]


@pytest.mark.usefixtures("only_in_full")
def test_every_result_is_printed_and_written_to_a_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.bench", "--quick"],
        cwd=CHECKOUT,
        env={**os.environ, "CGRAPH_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    for part in PARTS:
        assert part.title in done.stdout
    (written,) = (tmp_path / "bench").iterdir()
    report = tmp_path / "report"
    report.mkdir()
    written.rename(report / page.FIGURES)
    figures = page.read(report)

    assert list(figures) == [part.name for part in PARTS]
    _check_routes(figures)
    _check_sockets(figures)
    _check_others(figures)
    page.draw_files(report)
    text = (report / page.REPORT).read_text()
    for picture in (report / page.CHARTS).iterdir():
        assert f"({page.CHARTS}/{picture.name})" in text


def _check_routes(figures: dict[str, Measured]) -> None:
    comparison = parse(Comparison, figures["routes"].result)
    assert [pair.route for pair in comparison.pairs] == [route.name for route in COMPARED]
    for pair in comparison.pairs:
        for one in (pair.ours, pair.monolith):
            assert (one.failed, one.rate > 0) == (0, True), pair
    stages = parse(list[Stage], figures["load"].result)
    assert {stage.route for stage in stages} == {route.name for route in ROUTES}
    for stage in stages:
        assert (stage.outcome.failed, stage.outcome.answered > 0) == (0, True), stage


def _check_sockets(figures: dict[str, Measured]) -> None:
    points = parse(list[Point], figures["fan-out"].result)
    for server in (CGRAPH, MONOLITH):
        own = [point.times for point in points if point.server == server]
        assert [(times.sockets, times.rate) for times in own] == QUICK_FAN_OUT
        assert [(times.missing, times.refused) for times in own] == [(0, 0)] * len(own)
    rates = parse(list[OpeningRate], figures["opening"].result)
    assert {rate.server: rate.per_second > 0 for rate in rates} == {CGRAPH: True, MONOLITH: True}
    delivery = figures["delivery"].result
    assert (delivery["missing"], delivery["refused"]) == (0, 0)


def _check_others(figures: dict[str, Measured]) -> None:
    for curve in parse(list[Curve], figures["flatness"].result):
        assert len(curve.times) == 2 and all(time.ms > 0 for time in curve.times), curve
    memory = figures["memory"].result
    assert memory["after_all"]["environments"][0] >= memory["functions"] / 2
    assert (figures["catch-up"].result["missed"], figures["catch-up"].result["calls"]) == (30, 1)
    votes = figures["votes"].result
    assert votes["wrong"] == 0 < votes["one_post"]["votes_per_second"]
    assert figures["valkey"].result["bytes_each"] > 0
    assert all(len(each["stored"]) >= 2 for each in figures["uploads"].result)
    assert figures["relevance"].result == []  # no collection is named
    assert [each["missing"] for each in figures["found"].result][:1] == [0]
    bulk = parse(BulkRates, figures["bulk"].result)
    assert bulk.documents == 0 or bulk.ratio > 0
