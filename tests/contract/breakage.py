"""A change that breaks a rule of the repository on purpose."""

from dataclasses import dataclass
from pathlib import Path

from tests.contract.checks import Check

TEMPLATE = "template.yaml"
FEATURE = "layers/cgraph/cgraph/broken"
"""A package that nothing imports, so its code is read but never run."""


@dataclass(frozen=True, slots=True)
class Breakage:
    """In the file at `path`, replaces `old` by `new`, or appends `new` if `old` is empty. Then
    `check` must report a problem that contains `expected_problem`.
    """

    check: Check
    expected_problem: str
    path: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        file = root / self.path
        text = file.read_text() if file.exists() else ""
        assert self.old in text, f"{self.path} no longer has the text to replace: {self.old!r}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace(self.old, self.new, 1) if self.old else text + self.new)


def append(check: Check, expected_problem: str, path: str, line: str) -> Breakage:
    return Breakage(check, expected_problem, path, "", f"\n{line}\n")
