from __future__ import annotations

import itertools

import pytest

from cgraph.chat.conversations.rules import (
    MEMBERS_AT_MOST,
    has_room,
    may_assign_role,
    may_remove,
    must_transfer_ownership,
)
from cgraph.chat.policies import ConversationRole

OWNER, ADMIN, MEMBER = ConversationRole.OWNER, ConversationRole.ADMIN, ConversationRole.MEMBER


def test_the_owner_gives_every_role_to_everybody() -> None:
    for role, had in itertools.product(ConversationRole, [None, *ConversationRole]):
        assert may_assign_role(OWNER, role=role, current=had)


def test_an_admin_adds_members_and_gives_no_role() -> None:
    given = {
        (role, had)
        for role in ConversationRole
        for had in [None, *ConversationRole]
        if may_assign_role(ADMIN, role=role, current=had)
    }

    assert given == {(MEMBER, None)}


def test_a_member_adds_nobody() -> None:
    for role, had in itertools.product(ConversationRole, [None, *ConversationRole]):
        assert not may_assign_role(MEMBER, role=role, current=had)


@pytest.mark.parametrize(
    ("remover", "removable"),
    [(OWNER, {OWNER, ADMIN, MEMBER}), (ADMIN, {MEMBER}), (MEMBER, set())],
)
def test_whom_one_may_remove(remover: ConversationRole, removable: set[ConversationRole]) -> None:
    assert {role for role in ConversationRole if may_remove(remover, removed=role)} == removable


def test_an_owner_leaves_last() -> None:
    assert must_transfer_ownership(OWNER, member_count=2)
    assert not must_transfer_ownership(OWNER, member_count=1)
    assert not must_transfer_ownership(ADMIN, member_count=2)


def test_a_thousand_is_full() -> None:
    assert has_room(MEMBERS_AT_MOST - 1)
    assert not has_room(MEMBERS_AT_MOST)
