"""Texts of the documents, which are the docstrings of endpoints and models."""

import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class OperationText:
    """`summary`: verb and object, no full stop. `description`: sentences, as Markdown."""

    summary: str
    description: str


def operation_text(endpoint: object) -> OperationText:
    """From its docstring: the first line, and the rest."""
    summary, _, description = (inspect.getdoc(endpoint) or "").partition("\n")
    return OperationText(summary, unwrapped(description))


def unwrapped(text: str) -> str:
    """A paragraph or an item of a list is one line: where a docstring breaks says nothing."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        stripped = line.strip()
        if stripped.startswith(("- ", "| ")) or not stripped or not lines or not lines[-1]:
            lines.append(stripped)
        else:
            lines[-1] += f" {stripped}"
    return "\n".join(lines)


def with_unwrapped_descriptions(value: Any) -> Any:
    """A document, with each of its descriptions `unwrapped`."""
    if isinstance(value, dict):
        return {
            key: unwrapped(each)
            if key == "description" and isinstance(each, str)
            else with_unwrapped_descriptions(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [with_unwrapped_descriptions(each) for each in value]
    return value
