"""Tokens that no route may accept, each with the way it is presented."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from tests.person import Person


@dataclass(frozen=True, slots=True)
class Credential:
    """`kind`: of the tampering. The rest is how a request presents it."""

    kind: str
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)


def bearer(kind: str, token: str) -> Credential:
    return Credential(kind, {"authorization": f"Bearer {token}"})


def presented_otherwise(token: str) -> Iterator[Credential]:
    """A valid token, not in the header `Authorization: Bearer`."""
    encoded = base64.b64encode(token.encode()).decode()
    yield Credential("nothing")
    for kind, value in {
        "an empty header": "",
        "the scheme alone": "Bearer",
        "no scheme": token,
        "basic": f"Basic {encoded}",
        "digest": f"Digest {token}",
        "another scheme": f"Token {token}",
        "the scheme twice": f"Bearer Bearer {token}",
        "in quotes": f'Bearer "{token}"',
        "two of them": f"Bearer {token}, Bearer {token}",
        "in base 64": f"Bearer {encoded}",
        "percent-encoded": f"Bearer {quote(token).replace('_', '%5F')}",
    }.items():
        yield Credential(kind, {"authorization": value})
    yield Credential("in a cookie", {"cookie": f"access_token={token}; session={token}"})
    yield Credential(
        "in a header of another name", {"x-access-token": token, "x-authorization": token}
    )
    yield Credential("in the address", query={"access_token": token, "token": token})


def altered(token: str, *, stranger: str) -> Iterator[tuple[str, str]]:
    """A valid token of any kind, changed; some with parts of a valid token of a stranger."""
    prefix, person, session, secret = token.split("_")
    _, their_person, their_session, their_secret = stranger.split("_")
    yield "truncated by one", token[:-1]
    yield "truncated by half", token[: len(token) // 2]
    yield "its beginning gone", token[1:]
    yield "no prefix", "_".join((person, session, secret))
    yield "no secret", "_".join((prefix, person, session, ""))
    yield "longer by one", f"{token}0"
    yield "twice in a row", token + token
    yield "secret of zeros", "_".join((prefix, person, session, "0" * 64))
    yield "first nibble flipped", "_".join((prefix, person, session, _flipped(secret, at=0)))
    yield "last nibble flipped", "_".join((prefix, person, session, _flipped(secret, at=63)))
    yield "upper case", "_".join((prefix, person, session, secret.upper()))
    yield "blanks in the secret", "_".join((prefix, person, session, f"{secret[:2]} {secret[2:]}"))
    yield "wide digits", "_".join((prefix, person, session, "\uff10" + secret[1:]))
    yield "a stranger's secret", "_".join((prefix, person, session, their_secret))
    yield "a stranger's session", "_".join((prefix, person, their_session, secret))
    yield "a stranger's person", "_".join((prefix, their_person, session, secret))
    yield "a stranger's ids", "_".join((prefix, their_person, their_session, secret))
    yield "the next person", "_".join((prefix, _flipped(person, at=21), session, secret))
    yield "the next session", "_".join((prefix, person, _flipped(session, at=21), secret))
    yield "an unknown prefix", "_".join(("cgx", person, session, secret))
    yield "a prefix in capitals", "_".join((prefix.upper(), person, session, secret))
    yield "other separators", token.replace("_", "-")
    yield "more separators", token.replace("_", "__")


def made_up() -> Iterator[tuple[str, str]]:
    """Texts that were never a token."""
    header, claims = ({"alg": "none", "typ": "JWT"}, {"sub": "admin", "exp": 9_999_999_999})
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()) for part in (header, claims))
    yield "a JWT without a signature", ".".join(part.decode().rstrip("=") for part in parts) + "."
    yield "SQL", "' OR '1'='1' --"
    yield "a Lua script", "') redis.call('FLUSHALL') ('"
    yield "eight kilobytes", "cga_" + "a" * 8000
    yield "a word", "null"
    yield "largest of ids", f"cga_{'z' * 22}_{'z' * 22}_{'f' * 64}"
    yield "not of this alphabet", f"cga_{'ß' * 22}_{'é' * 22}_{'0' * 64}"


def tampered_credentials(
    owner: Person, *, stranger: Person, spent: dict[str, str], ticket: str
) -> Iterator[Credential]:
    """`spent`: tokens that were valid before, or are valid elsewhere, by kind."""
    yield from presented_otherwise(owner.access_token)
    for kind, token in (
        *altered(owner.access_token, stranger=stranger.access_token),
        *made_up(),
        *spent.items(),
        ("a refresh token", owner.refresh_token),
        ("a refresh token's secret", f"cga{owner.refresh_token[3:]}"),
        ("an access token as refresh", f"cgr{owner.access_token[3:]}"),
        ("a ticket", ticket),
    ):
        yield bearer(kind, token)


def _flipped(text: str, *, at: int) -> str:
    flipped = "1" if text[at] == "0" else "0"
    return text[:at] + flipped + text[at + 1 :]
