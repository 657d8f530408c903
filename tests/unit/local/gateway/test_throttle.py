from cgraph_local.gateway.throttle import TokenBucket


def test_a_burst_passes_and_then_tokens_come_at_the_rate() -> None:
    now = 0.0
    bucket = TokenBucket(rate=10.0, burst=3, clock=lambda: now)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now = 0.1
    assert [bucket.take() for _ in range(2)] == [True, False]
    now = 100.0
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
