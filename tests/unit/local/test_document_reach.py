"""What code leads to: the refusals that get out of it, and what it passes on."""

import importlib.util
from types import ModuleType

import pytest

from cgraph.chat.errors import ConversationNotFound, MessageNotFound
from cgraph.core.errors import InvalidCursor, InvalidToken, NonceConflict, NotFound
from cgraph_local.api_documents.reach import leads_to, reach

SAMPLE = """
from contextlib import suppress

from cgraph.chat.errors import ConversationNotFound, MessageNotFound
from cgraph.core import errors
from cgraph.core.errors import InvalidCursor, InvalidToken, NonceConflict, NotFound

BY_KIND = {"token": InvalidToken, "nonce": NonceConflict}


def plain():
    raise InvalidToken


def either(first):
    raise InvalidToken if first else NonceConflict("what") from None


def through():
    plain()
    errors.InvalidCursor


def caught():
    try:
        plain()
    except errors.Refusal:
        return
    finally:
        raise NonceConflict


def renamed():
    try:
        plain()
    except (ValueError, InvalidToken) as error:
        raise InvalidCursor from error


def suppressed():
    with suppress(InvalidToken):
        plain()
    with suppress(ValueError):
        raise NonceConflict


def around(again):
    if again:
        around(False)
    raise ConversationNotFound


def passes_on(tx):
    tx.on_commit(plain)
    return [each() for each in (around,)]


def raises_given(thing, not_found=NotFound, *, stale=None):
    if thing is None:
        raise not_found
    if stale:
        raise stale("because")


def by_default():
    raises_given(None)


def by_keyword():
    raises_given(None, not_found=MessageNotFound, stale=None)


def by_place():
    raises_given(None, MessageNotFound, stale=InvalidCursor)


def forwards(not_found=ConversationNotFound):
    raises_given(None, not_found=not_found)


def forwards_its_default():
    forwards()


def forwards_another():
    forwards(MessageNotFound)


def chosen(first):
    not_found: type = MessageNotFound if first else ConversationNotFound
    raises_given(None, not_found=not_found)


def caught_as_argument():
    try:
        raises_given(None, MessageNotFound)
    except MessageNotFound:
        return


def from_a_dict(kind):
    raise {"a": MessageNotFound}[kind]


def from_a_constant(kind):
    raise BY_KIND.get(kind, InvalidCursor)


def from_a_match(kind):
    match kind:
        case "a":
            refusal = MessageNotFound
        case _:
            refusal = ConversationNotFound
    raise refusal


def after_commit(tx):
    tx.on_commit(lambda items: plain(), 1)
    tx.on_commit(raises_given, MessageNotFound)
    raise NonceConflict
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    file = tmp_path_factory.mktemp("sample") / "sample.py"
    file.write_text(SAMPLE)
    spec = importlib.util.spec_from_file_location("cgraph.sample", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("name", "refusals"),
    [
        ("plain", {InvalidToken}),
        ("either", {InvalidToken, NonceConflict}),
        ("through", {InvalidToken}),
        ("caught", {NonceConflict}),
        ("renamed", {InvalidCursor}),
        ("suppressed", {NonceConflict}),
        ("around", {ConversationNotFound}),
        ("passes_on", set()),
        ("raises_given", set()),
        ("by_default", {NotFound}),
        ("by_keyword", {MessageNotFound}),
        ("by_place", {MessageNotFound, InvalidCursor}),
        ("forwards_its_default", {ConversationNotFound}),
        ("forwards_another", {MessageNotFound}),
        ("chosen", {MessageNotFound, ConversationNotFound}),
        ("caught_as_argument", set()),
        ("from_a_dict", {MessageNotFound}),
        ("from_a_constant", {InvalidToken, NonceConflict, InvalidCursor}),
        ("from_a_match", {MessageNotFound, ConversationNotFound}),
        ("after_commit", {NonceConflict}),
    ],
)
def test_refusals_that_get_out(sample: ModuleType, name: str, refusals: set[type]) -> None:
    assert reach(getattr(sample, name)).refusals == refusals


def test_what_is_passed_on_is_led_to(sample: ModuleType) -> None:
    found = leads_to([sample.passes_on])
    assert found >= {".on_commit", "cgraph.sample.plain", "cgraph.sample.around"}
