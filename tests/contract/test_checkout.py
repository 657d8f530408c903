"""Runs every check on this checkout."""

import pytest

from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.checks import CHECKS, Check, title


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


@pytest.mark.parametrize("check", CHECKS, ids=title)
def test_the_checkout_passes(checkout: Checkout, check: Check) -> None:
    problems = list(check(checkout))
    assert not problems, "\n" + "\n".join(f"- {problem}" for problem in problems)
