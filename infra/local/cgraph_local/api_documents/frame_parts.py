"""What the schemas of frames are made of."""

from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

HEADS: Schema = {
    "description": "The number of the last event of each stream, by the stream's name.",
    "type": "object",
    "additionalProperties": {"type": "integer"},
}


def object_schema(fields: Mapping[str, Schema], *, optional: tuple[str, ...] = ()) -> Schema:
    """An object; its fields are required, unless they are in `optional`."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": dict(fields), "required": required}
