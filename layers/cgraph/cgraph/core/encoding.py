import json


def encode_json(value: object) -> str:
    """JSON as the sockets carry it: no spaces, UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
