"""JSON as requests, events, frames and jobs carry it."""

import json
from typing import Any


def encode_json(value: object) -> str:
    """Without spaces, in UTF-8."""
    return _ENCODER.encode(value)


def decode_json(text: str | bytes) -> Any:
    """JSON that a client sends, as RFC 8259 and I-JSON (RFC 7493) define it: no NaN, no Infinity,
    and no name twice in an object, which others would read in another way. Raises ValueError,
    RecursionError.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")  # as json.loads() does
    return _DECODER.decode(text)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) < len(pairs):
        raise ValueError("an object has a name twice")
    return names


def header_text(value: str) -> str:
    """The text of a header whose bytes were decoded as latin-1, as HTTP has it: in UTF-8 where they
    are valid UTF-8, which is what programs send.
    """
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


_ENCODER = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_object)
"""One for all: json.loads() would make one for each request, in half of its time."""
