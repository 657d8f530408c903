"""Which usernames and passwords a new account may not have."""

from __future__ import annotations

import pytest

from cgraph.accounts.auth import rules
from cgraph.accounts.errors import UsernameReserved, WeakPassword
from cgraph.accounts.people.rules import require_free_username


@pytest.mark.parametrize(
    "name",
    [
        *("all", "here", "everyone", "channel", "admin", "administrator", "moderator", "mod", "me"),
        *(
            "deleted",
            "api",
            "system",
            "root",
            "support",
            "null",
            "undefined",
            "anonymous",
            "cgraph",
        ),
        *("bot", "a.d-m_i.n", "admin_", "every-one", "m.e"),
    ],
)
def test_a_username_that_misleads_others_is_reserved(name: str) -> None:
    with pytest.raises(UsernameReserved):
        require_free_username(name)


@pytest.mark.parametrize("name", ["ada", "adminton", "all-of-us", "mea", "botany", "admin2"])
def test_a_username_that_only_resembles_a_reserved_one_is_free(name: str) -> None:
    require_free_username(name)


@pytest.mark.parametrize(
    "password",
    ["ada-lovelace", "ADA-Lovelace", "ada.l.1815", "ada.l.1815@example.org", " " * 8, "a" * 20],
)
def test_a_password_that_everybody_tries_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        require(password)
    assert refusal.value.errors[0]["field"] == "new_password"


@pytest.mark.parametrize("password", ["ada-lovelace!", "abababab", "ada l 1815", "correct horse"])
def test_other_passwords_are_taken(password: str) -> None:
    require(password)


def require(password: str) -> None:
    rules.require_strong_password(
        password, username="ada-lovelace", email="Ada.L.1815@example.org", field="new_password"
    )


@pytest.mark.parametrize("password", ["password", "Password123", "QWERTYUIOP", "1q2w3e4r5t"])
def test_one_of_the_most_common_passwords_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword, match="most common"):
        rules.require_strong_password(password, username="ada", email="a@b.org", field="password")


def test_a_long_password_with_a_common_one_in_it_is_accepted() -> None:
    rules.require_strong_password(
        "password with more words", username="ada", email="a@b.org", field="password"
    )
