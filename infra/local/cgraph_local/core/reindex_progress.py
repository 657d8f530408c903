"""How far a reindex is, as a line, here and of a stage."""

from collections.abc import Mapping
from typing import Any


def progress_line(report: Mapping[str, Any], *, documents: int) -> str:
    """`report`: of ReindexDocuments. `documents`: of all steps."""
    state = "is searched from now on" if report["is_done"] else f"at the {report['at']}s"
    return f"{report['index']}: {documents:,} documents, {state}"
