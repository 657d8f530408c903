"""What measures runs as a process of its own, so that its CPU time is apart from the system's."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter

from cgraph_local.core.home import CHECKOUT

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Result = TypeVar("Result")


async def run_module(module: str, config: DataclassInstance, result: type[Result]) -> Result:
    """Runs tests.load.`module` with `config` as JSON on its stdin. Returns what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"tests.load.{module}",
        cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    output, _ = await process.communicate(json.dumps(asdict(config)).encode())
    if process.returncode != 0:
        raise RuntimeError(f"tests.load.{module} ended with {process.returncode}; see above")
    return parse(result, json.loads(output))


def parse(result: type[Result], document: Any) -> Result:
    """A dataclass from its JSON."""
    return TypeAdapter(result).validate_python(document)
