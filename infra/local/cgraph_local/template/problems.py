"""What a template says that the local cloud does not carry out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    resource: str
    type: str
    what: str

    def __str__(self) -> str:
        where = f"{self.resource} ({self.type})" if self.type else self.resource
        return f"{where}: {self.what}"


class TemplateRefused(Exception):
    """All problems of a template in one report."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(
            f"The local cloud cannot carry out template.yaml as it is:\n{lines}\n"
            "Nothing is skipped silently: change the template, or teach "
            "infra/local/cgraph_local/template what it means here."
        )


class Unresolved(Exception):
    """An intrinsic function whose value is not known here."""
