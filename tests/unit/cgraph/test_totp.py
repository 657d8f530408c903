"""TOTP codes against those of the RFC, and how codes are normalized."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cgraph.accounts.auth.second_factor import totp

SECRET = b"12345678901234567890"
RFC_6238 = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
"""Appendix B, SHA-1: the last six of its eight digits."""


@pytest.mark.parametrize(("second", "code"), RFC_6238.items())
def test_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    now = datetime.fromtimestamp(second, tz=UTC)

    for off in (0, 30, -30)[: 3 if second > 60 else 2]:
        moved = now + timedelta(seconds=off)
        assert totp.time_step_of(code, secret=SECRET, now=moved) == second // 30
    assert totp.time_step_of(code, secret=SECRET, now=now + timedelta(seconds=60)) is None


def test_backup_codes_are_unique_and_have_16_characters() -> None:
    codes = {code for _ in range(20) for code in totp.new_backup_codes()}

    assert len(codes) == 200
    assert {len(totp.normalize_code(code)) for code in codes} == {16}
    assert not any(totp.is_totp_code(totp.normalize_code(code)) for code in codes)


@pytest.mark.parametrize("typed", ["ABCD-EFGH", "abcd efgh", " Abcd\tefgh\n", "A-B-C-DEFGH-"])
def test_spaces_hyphens_and_case_of_a_code_do_not_matter(typed: str) -> None:
    assert totp.normalize_code(typed) == "ABCDEFGH"
