"""Each check fails on a copy of the checkout that contains every breakage."""

import shutil
from functools import cache

import pytest

from tests.contract.breakage import Breakage
from tests.contract.breakages import BREAKAGES, PROBED
from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.checks import CHECKS, Check, title


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    root = tmp_path_factory.mktemp("broken")
    for folder in (
        "functions",
        "layers/cgraph",
        "infra/migrations",
        "infra/schema",
        "events",
        "tests/feature",
    ):
        shutil.copytree(CHECKOUT / folder, root / folder)
    for layer in ("dependencies", "media"):
        (root / "layers" / layer).mkdir()
    shutil.copy(CHECKOUT / "template.yaml", root)
    for breakage in BREAKAGES:
        breakage.apply(root)
    return Checkout(root, probed=PROBED)


@pytest.mark.parametrize(
    "breakage",
    BREAKAGES,
    ids=lambda breakage: f"{title(breakage.check)}-{breakage.expected_problem[:30]}",
)
def test_each_breakage_is_reported(broken: Checkout, breakage: Breakage) -> None:
    problems = found(breakage.check, broken)
    assert any(breakage.expected_problem in problem for problem in problems), problems


@cache
def found(check: Check, broken: Checkout) -> tuple[str, ...]:
    """Once for all breakages of a check."""
    return tuple(check(broken))


def test_every_check_has_a_breakage() -> None:
    assert {breakage.check for breakage in BREAKAGES} == set(CHECKS)
