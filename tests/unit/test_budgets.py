"""The summary of a run names what takes longer than it may."""

from __future__ import annotations

import pytest

from tests import budgets


def took(nodeid: str, seconds: float) -> pytest.TestReport:
    return pytest.TestReport(
        nodeid, ("", None, ""), {}, "passed", None, when="call", duration=seconds
    )


def test_a_kind_and_a_file_over_their_budget_are_named() -> None:
    reports = [
        took("tests/feature/posts/test_show_post.py::test_a", 200.0),
        took("tests/feature/posts/test_show_post.py::test_b", 50.0),
        took("tests/feature/posts/test_edit_post.py::test_c", 1.0),
        took("tests/proofs/test_r1_retry.py::test_d", 20.0),
    ]
    assert list(budgets.lines(reports)) == [
        "tests/feature: 251 s of 230, over its budget",
        "tests/proofs: 20 s of 220",
        "tests/feature/posts/test_show_post.py takes 250 s, more than 5",
    ]
