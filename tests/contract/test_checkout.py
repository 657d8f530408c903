"""The contract of this repository with itself: what a change may not break without being told."""

import pytest

from tests.contract.checkout import CHECKOUT, Checkout
from tests.contract.checks import CHECKS, Check, title


@pytest.fixture(scope="module")
def checkout() -> Checkout:
    return Checkout(CHECKOUT)


@pytest.mark.parametrize("check", CHECKS, ids=title)
def test_the_checkout_keeps(checkout: Checkout, check: Check) -> None:
    problems = list(check(checkout))
    assert not problems, "\n" + "\n".join(f"- {problem}" for problem in problems)
