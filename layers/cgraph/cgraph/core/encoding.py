"""JSON as events, frames and jobs carry it."""

import json


def encode_json(value: object) -> str:
    """Without spaces, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
