import pytest

from cgraph.core.errors import NonceConflict
from cgraph.events.nonces import FirstResult, replay, request_hash


def test_a_request_hash_ignores_only_the_order_of_fields() -> None:
    asked = request_hash("send", {"content": "hi", "reply_to": None})

    assert asked == request_hash("send", {"reply_to": None, "content": "hi"})
    assert asked != request_hash("send", {"content": "hi"})
    assert asked != request_hash("edit", {"content": "hi", "reply_to": None})


def test_the_same_request_gets_the_first_result() -> None:
    first = FirstResult(request_hash("send", {"content": "hi"}), {"message": 1})

    assert replay(first, request_hash=request_hash("send", {"content": "hi"})) == {"message": 1}
    with pytest.raises(NonceConflict):
        replay(first, request_hash=request_hash("send", {"content": "ho"}))
