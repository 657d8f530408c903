"""The report says what the figures beside it say."""

from __future__ import annotations

import re

import pytest

from tests.load.comparison import Comparison, Figures, Pair
from tests.load.figures import quantiles
from tests.load.flatness.measure import Curve, Time
from tests.load.parts import chosen
from tests.load.report import compared, page, plots
from tests.load.report.chart import Chart, Line, draw
from tests.load.routes import COMPARED
from tests.load.searching import bulk
from tests.load.searching.bulk import BulkRates
from tests.load.searching.found import FoundTimes
from tests.load.searching.measure import SearchTime

OURS, MONOLITH = Figures(600, 10, 20, 2.0, 0), Figures(1000, 5, 10, 1.0, 0)


def test_the_report_and_its_charts_are_drawn_from_the_figures() -> None:
    files = page.drawn(page.read())
    there = {f"{page.CHARTS}/{path.name}" for path in (page.FOLDER / page.CHARTS).iterdir()}
    assert {*there, page.REPORT} == set(files)
    for name, text in files.items():
        assert (page.FOLDER / name).read_text() == text, f"{name} is stale: draw the report again"


@pytest.mark.parametrize(("ratio", "mark"), [(0.45, "✓"), (0.44, "✗")])
def test_a_ratio_below_its_goal_is_marked(ratio: float, mark: str) -> None:
    pair = Pair(COMPARED[0].name, OURS, MONOLITH, ratio, 0.5)
    *_, line = compared.comparison(Comparison(8, 200, 2000, 1000, 3, [pair]))
    assert line.startswith(COMPARED[0].what) and f"{ratio:.2f}  0.45{mark}" in line


@pytest.mark.parametrize(("last", "mark"), [(1.29, "✓"), (1.31, "✗")])
def test_growth_is_counted_from_the_first_full_page(last: float, mark: str) -> None:
    times = [Time(10, 0.5, 2.0), Time(100, 1.0, 2.0), Time(1000, last, 2.0)]
    *_, line = compared.flatness([Curve("comments of a post", "best", 100, times)])
    assert f"{last:.2f} × {mark}" in line


def test_a_chart_places_points_on_logarithmic_axes() -> None:
    line = Line("one", [(1, 1), (10, 10), (100, 100)], 0)
    svg = draw(Chart("A title", "x", "y", [line]))
    (path,) = re.findall(
        r"<path class='l0' d='M([^']+)'/><path|<path class='l0' d='M([^']+)'", svg
    )[:1]
    places = [tuple(map(float, pair.split())) for pair in "".join(path).split("L")]
    (left, bottom), (middle, half), (right, top) = places
    assert middle - left == pytest.approx(right - middle, abs=0.2)
    assert bottom - half == pytest.approx(half - top, abs=0.2)
    assert left < right and top < bottom


def test_searches_are_drawn_by_series_and_what_is_late_by_its_goal() -> None:
    times = [
        SearchTime("search", "rare", (1000, 2000), (1.0, 1.1), (1.5, 1.6)),
        SearchTime("search within 1,000 conversations", "rare", (1000, 2000), (2.0, 2.2), (3, 3)),
    ]
    names = [picture.name for picture in plots.search_flatness(times)]
    assert names == ["documents-search", "documents-search-within-1-000-conversations"]
    late = FoundTimes("postgres", quantiles([500.0]), quantiles([3000.0]), 10.0, 0)
    (picture,) = plots.found_times([late])
    assert "postgres, busy" in picture.svg and ">1.50<" in picture.svg
    (picture,) = plots.bulk_rates(BulkRates(100, ours=[90], helper=[100]))
    assert ">0.90<" in picture.svg
    assert not list(plots.bulk_rates(BulkRates(0, [], [])))


@pytest.mark.parametrize(("ours", "mark"), [(0.81, "✓"), (0.79, "✗")])
def test_the_rate_of_documents_is_compared_with_the_helper_of_the_same_round(
    ours: float, mark: str
) -> None:
    rates = BulkRates(100, ours=[2000 * ours, 1000 * ours, 500], helper=[2000, 1000, 5000])
    assert f"{ours:.2f}   (at least 0.8: {ours / 0.8:.2f} × {mark}" in [*bulk.lines(rates)][-1]


def test_only_parts_that_exist_can_be_chosen() -> None:
    assert [part.name for part in chosen("routes, memory")] == ["memory", "routes"]
    with pytest.raises(ValueError, match="no part rotes; there are memory, routes"):
        chosen("rotes")
