"""Where the next page begins."""

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cgraph.core.errors import InvalidCursor
from cgraph.search.engine import Sort

REMEMBERED_HITS = 200
"""The last that were shown. Scores move a little while documents are written; one that was shown is
not shown again, if it is among these.
"""


@dataclass(frozen=True, slots=True)
class Position:
    """`after`: the sort values of the last hit. `began_at`: when the search began, in milliseconds:
    recency is measured from there on all pages. `shown`: the marks of the last hits.
    """

    began_at: int
    after: Sequence[Any] = ()
    shown: Sequence[int] = ()

    def beyond(self, hits: Sequence[dict[str, Any]], *, sort: Sort) -> str:
        """The position behind these hits."""
        shown: list[int] = []
        if sort == "relevance":  # the time of a document never changes
            shown = [*self.shown, *(mark(hit["_id"]) for hit in hits)][-REMEMBERED_HITS:]
        marks = b"".join(each.to_bytes(4, "big") for each in shown)
        parts = [sort, self.began_at, hits[-1]["sort"], urlsafe_b64encode(marks).decode()]
        return urlsafe_b64encode(json.dumps(parts, separators=(",", ":")).encode()).decode()


def parse_position(text: str, *, sort: Sort) -> Position:
    """Raises InvalidCursor where `text` is of no search with this order."""
    try:
        sorted_by, began_at, after, marks = json.loads(urlsafe_b64decode(text))
        shown = urlsafe_b64decode(marks)
        position = Position(int(began_at), _sort_values(after), list(_marks(shown)))
    except (ValueError, TypeError) as error:
        raise InvalidCursor from error
    if sorted_by != sort:
        raise InvalidCursor
    return position


def mark(document_id: str) -> int:
    """32 bits: of 200 hits, one in 20 million others has the mark of one of them."""
    return zlib.crc32(document_id.encode())


def _sort_values(values: Any) -> tuple[float, str]:
    number, id = values
    if not isinstance(number, int | float) or not isinstance(id, str):
        raise TypeError(values)
    return number, id


def _marks(data: bytes) -> Iterable[int]:
    for start in range(0, len(data), 4):
        yield int.from_bytes(data[start : start + 4], "big")
