import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cgraph.core.errors import InvalidToken
from cgraph.core.ids import SessionId, UserId, uuid7
from cgraph.core.tokens import Kind, Token, new_token, parse_bearer_token, parse_token, seal, unseal

LENGTH = len("cga_") + 22 + len("_") + 22 + len("_") + 64

API_LENGTH = len("cgraph_pat_") + 22 + 22 + 64 + 8


def token(kind: Kind = Kind.ACCESS) -> Token:
    return new_token(kind, user_id=UserId(uuid7()), session_id=SessionId(uuid7()))


@pytest.mark.parametrize("kind", Kind)
def test_a_token_parses_from_its_text(kind: Kind) -> None:
    made = token(kind)

    assert parse_token(str(made), kind=kind) == made
    assert str(made).startswith(f"{kind}_")
    assert len(str(made)) == (API_LENGTH if kind is Kind.API else LENGTH)


@given(st.integers(0, 126), st.characters())
def test_a_changed_api_token_is_recognised_without_a_database(place: int, character: str) -> None:
    text = str(token(Kind.API))
    changed = text[:place] + character + text[place + 1 :]
    assume(changed != text)

    with pytest.raises(InvalidToken):
        parse_bearer_token(changed)


def test_an_access_token_is_no_refresh_token() -> None:
    with pytest.raises(InvalidToken):
        parse_token(str(token(Kind.REFRESH)), kind=Kind.ACCESS)


def test_a_token_hash_covers_all_its_parts() -> None:
    made = token()
    other = token()
    spliced = Token(made.kind, other.user_id, made.session_id, made.secret)

    assert len({made.hash, other.hash, spliced.hash}) == 3
    assert made.secret not in made.hash


@given(st.integers(0, LENGTH - 1), st.characters())
def test_a_changed_token_is_invalid_or_another_one(place: int, character: str) -> None:
    made = str(token())
    changed = made[:place] + character + made[place + 1 :]
    assume(changed != made)
    try:
        read = parse_token(changed, kind=Kind.ACCESS)
    except InvalidToken:
        return

    assert read.hash != parse_token(made, kind=Kind.ACCESS).hash


@given(st.text())
def test_a_text_that_is_no_token_is_invalid(text: str) -> None:
    with pytest.raises(InvalidToken):
        parse_token(text, kind=Kind.ACCESS)


@given(st.text(alphabet="0123456789ABCXYZabcxyz_", min_size=80))
def test_a_token_has_one_spelling(text: str) -> None:
    candidate = f"cga_{text[:22]}_{text[22:44]}_{text[44:]}"
    try:
        read = parse_token(candidate, kind=Kind.ACCESS)
    except InvalidToken:
        return

    assert str(read) == candidate


def test_a_sealed_pair_opens_with_its_own_token_only() -> None:
    spent = token(Kind.REFRESH)
    pair = (
        new_token(Kind.ACCESS, user_id=spent.user_id, session_id=spent.session_id),
        new_token(Kind.REFRESH, user_id=spent.user_id, session_id=spent.session_id),
    )
    sealed = seal(pair, under=spent)

    assert unseal(sealed, under=spent) == pair
    assert unseal(sealed, under=token(Kind.REFRESH)) != pair
    assert not any(one.secret in sealed for one in pair)
