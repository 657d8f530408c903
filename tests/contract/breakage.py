"""One thing that goes wrong in a repository, done on purpose."""

from dataclasses import dataclass
from pathlib import Path

from tests.contract.checks import Check

TEMPLATE = "template.yaml"


@dataclass(frozen=True, slots=True)
class Breakage:
    """In the file at `path`, `old` becomes `new`; with nothing old, `new` is added at its end.
    `check` must then report a problem that contains `said`.
    """

    check: Check
    said: str
    path: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        file = root / self.path
        text = file.read_text() if file.exists() else ""
        assert self.old in text, f"{self.path} no longer has what is broken here: {self.old!r}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace(self.old, self.new, 1) if self.old else text + self.new)
