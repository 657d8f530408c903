# ruff: noqa: RUF001 - they are ambiguous on purpose
"""Usernames and passwords, however they are typed (RFC 8265)."""

from __future__ import annotations

from typing import Any

import pytest
from argon2 import PasswordHasher
from pydantic import TypeAdapter, ValidationError

from cgraph.accounts.auth import passwords
from cgraph.core import precis
from cgraph.core.fields import Email, Login, Password, Username


def code_of(field: Any, value: str) -> str:
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(field).validate_python(value)
    return str(refusal.value.errors()[0]["type"])


@pytest.mark.parametrize("typed", ["ada", "ADA", "Ada", "ａｄａ", "ＡＤＡ", "Ada ", "\u3000ａda"])
def test_a_username_is_the_same_in_any_width_and_case(typed: str) -> None:
    assert TypeAdapter(Username).validate_python(typed) == "ada"
    assert TypeAdapter(Login).validate_python(typed) == "ada"


@pytest.mark.parametrize(
    "typed", ["ünicode", "аda", "a\u200bda", "ada\n", "a da", "-ada", "a", "x" * 33, "ﬁona", "①23"]
)
def test_a_name_outside_of_the_alphabet_is_no_username(typed: str) -> None:
    assert code_of(Username, typed) == "string_pattern_mismatch"


def test_a_log_in_keeps_what_is_no_username() -> None:
    for typed in ("Ada@Example.org", "two words", "ada\u200bx"):
        assert TypeAdapter(Login).validate_python(f" {typed} ") == typed


def test_an_address_is_trimmed_and_composed() -> None:
    assert TypeAdapter(Email).validate_python(" zoe\u0308@example.org\n") == "zoë@example.org"
    assert code_of(Email, "a\u202eb@example.org") == "bidi_control"


@pytest.mark.parametrize(
    ("typed", "password"),
    [
        ("correct horse", "correct horse"),
        ("cafe\u0301 cafe\u0301", "café café"),
        ("two\u3000wide\u00a0spaces", "two wide spaces"),
        ("  Case stays  ", "  Case stays  "),
        ("ｗｉｄｅ letters", "ｗｉｄｅ letters"),
    ],
)
def test_a_password_has_one_form_however_it_is_typed(typed: str, password: str) -> None:
    assert TypeAdapter(Password).validate_python(typed) == password
    assert precis.password_forms(typed)[0] == password


@pytest.mark.parametrize("typed", ["a\tbcdefgh", "abcdefg\n", "abc\0defgh", "abcdefg\u200b"])
def test_a_new_password_with_what_cannot_be_typed_again_is_refused(typed: str) -> None:
    assert code_of(Password, typed) == "unsupported_character"
    assert precis.password_forms(typed) == (typed,), "an older hash may have been made of it"


def test_the_length_of_a_password_is_that_of_its_form() -> None:
    assert len(TypeAdapter(Password).validate_python("e\u0301" * 256)) == 256
    assert code_of(Password, "e\u0301" * 7) == "string_too_short"
    assert code_of(Password, "é" * 257) == "string_too_long"


def test_a_hash_of_the_password_as_it_was_typed_still_works() -> None:
    typed = "cafe\u0301 cafe\u0301"
    older = PasswordHasher(time_cost=1, memory_cost=64).hash(typed)
    newer = PasswordHasher(time_cost=1, memory_cost=64).hash("café café")
    for password_hash in (older, newer):
        assert passwords.verify_password(typed, password_hash=password_hash)
        assert not passwords.verify_password("another one", password_hash=password_hash)
    assert not passwords.verify_password("café café", password_hash=older)
    assert not passwords.verify_password(typed, password_hash=None)
