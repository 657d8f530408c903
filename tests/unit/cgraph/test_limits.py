import pytest

from cgraph.core import limits
from cgraph.core.limits import Limit, Mode, parse_allowance, take_locally

TEN = Limit("ten", per_minute=60, burst=80)


def test_without_valkey_a_process_allows_its_share_of_a_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "_due", {})
    answers = [take_locally(TEN, subject="ada") for _ in range(12)]

    assert [answer.allowed for answer in answers] == [True] * 10 + [False] * 2
    assert [answer.remaining for answer in answers[:3]] == [9, 8, 7]
    assert 0 < answers[-1].retry_after_ms <= 8001
    assert take_locally(TEN, subject="grace").allowed


def test_rate_limits_can_be_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CGRAPH_RATE_LIMITS", "off")

    assert TEN.interval(Mode.NORMAL) == 0
    assert all(take_locally(TEN, subject="load").allowed for _ in range(1000))


def test_in_an_emergency_a_request_costs_four() -> None:
    assert TEN.interval(Mode.EMERGENCY) == 4 * TEN.interval(Mode.NORMAL) == 4_000_000


def test_headers_are_whole_seconds_rounded_up() -> None:
    answer = parse_allowance(TEN, [1, 79, 0, 1001])

    assert answer.headers() == {
        "RateLimit-Limit": "80",
        "RateLimit-Remaining": "79",
        "RateLimit-Reset": "2",
    }
