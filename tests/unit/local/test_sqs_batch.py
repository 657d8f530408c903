"""Batches of messages: which of them failed, in which order, and how large they may be."""

import pytest

from cgraph_local.host import InvocationResult
from cgraph_local.triggers.sqs_batch import failed_ids, fifo_order_violations, split_by_size

MESSAGES = [
    {"MessageId": name, "Attributes": {"MessageGroupId": name[0]}, "Body": "", "ReceiptHandle": "r"}
    for name in ("a1", "b1", "a2")
]
ALL = frozenset(("a1", "b1", "a2"))


@pytest.mark.parametrize(
    ("response", "failed"),
    [
        (None, frozenset()),
        ({}, frozenset()),
        ({"batchItemFailures": []}, frozenset()),
        ({"batchItemFailures": None}, frozenset()),
        ({"batchItemFailures": [{"itemIdentifier": "b1"}]}, frozenset(("b1",))),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, ALL),
        ({"batchItemFailures": [{"messageId": "b1"}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": "stranger"}]}, ALL),
        ({"batchItemFailures": ["b1"]}, ALL),
        ({"batchItemFailures": "b1"}, ALL),
        ({"failures": []}, ALL),
        ("done", ALL),
    ],
)
def test_a_response_of_an_undocumented_shape_fails_all_messages(
    response: object, failed: frozenset[str]
) -> None:
    result = InvocationResult(response, None, billed_ms=1, request_id="r")
    assert failed_ids(result, messages=MESSAGES, partial=True) == failed
    assert failed_ids(result, messages=MESSAGES, partial=False) == frozenset()


def test_messages_that_succeed_after_a_failure_in_their_group_violate_the_order() -> None:
    assert fifo_order_violations(MESSAGES, failed=frozenset(("a1",))) == ["a2"]
    assert fifo_order_violations(MESSAGES, failed=frozenset(("a1", "a2"))) == []
    assert fifo_order_violations(MESSAGES, failed=frozenset(("b1",))) == []


def test_a_batch_is_split_below_the_payload_limit_of_lambda() -> None:
    large = [{"MessageId": str(number), "Body": "x" * 1_000_000} for number in range(10)]
    batches = list(split_by_size(large))
    assert [message for batch in batches for message in batch] == large
    assert [len(batch) for batch in batches] == [6, 4]
