from __future__ import annotations

import itertools

import pytest

from cgraph.chat.conversations.rules import (
    MEMBERS_AT_MOST,
    has_room,
    may_give,
    may_remove,
    must_hand_over,
)
from cgraph.chat.policies import Role

OWNER, ADMIN, MEMBER = Role.OWNER, Role.ADMIN, Role.MEMBER


def test_the_owner_gives_every_role_to_everybody() -> None:
    for role, had in itertools.product(Role, [None, *Role]):
        assert may_give(OWNER, role=role, had=had)


def test_an_admin_adds_members_and_gives_no_role() -> None:
    given = {
        (role, had) for role in Role for had in [None, *Role] if may_give(ADMIN, role=role, had=had)
    }

    assert given == {(MEMBER, None)}


def test_a_member_adds_nobody() -> None:
    for role, had in itertools.product(Role, [None, *Role]):
        assert not may_give(MEMBER, role=role, had=had)


@pytest.mark.parametrize(
    ("remover", "removable"),
    [(OWNER, {OWNER, ADMIN, MEMBER}), (ADMIN, {MEMBER}), (MEMBER, set())],
)
def test_whom_one_may_remove(remover: Role, removable: set[Role]) -> None:
    assert {role for role in Role if may_remove(remover, removed=role)} == removable


def test_an_owner_leaves_last() -> None:
    assert must_hand_over(OWNER, members=2)
    assert not must_hand_over(OWNER, members=1)
    assert not must_hand_over(ADMIN, members=2)


def test_a_thousand_is_full() -> None:
    assert has_room(MEMBERS_AT_MOST - 1)
    assert not has_room(MEMBERS_AT_MOST)
