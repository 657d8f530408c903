"""What a template contains that the local cloud does not support."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    resource: str
    """Its logical id."""
    type: str
    message: str

    def __str__(self) -> str:
        where = f"{self.resource} ({self.type})" if self.type else self.resource
        return f"{where}: {self.message}"


class TemplateRefused(Exception):
    """The template is not supported as it is. The message lists all problems."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        lines = "\n".join(f"  - {problem}" for problem in problems)
        super().__init__(
            f"The local cloud does not support template.yaml as it is:\n{lines}\n"
            "Nothing is skipped silently: change the template, or add support for it in "
            "infra/local/cgraph_local/template."
        )


class UnresolvedValue(Exception):
    """An intrinsic function has no known value on this machine."""
