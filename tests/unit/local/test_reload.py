"""Which functions a change of code is for."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from cgraph_local.reload import changed_functions, code_folders, follow_changes
from cgraph_local.template import Function


def new_function(name: str, *, handler: str, root: Path) -> Function:
    return Function(
        name=name,
        handler=handler,
        timeout=3,
        memory_mb=128,
        environment={},
        reserved_concurrency=None,
        code=root / "functions",
        layers=(root / "layers",),
    )


def functions(root: Path) -> dict[str, Function]:
    handlers = {"Send": "api.send.handler", "Read": "api/read.handler", "Twin": "api.send.other"}
    return {name: new_function(name, handler=at, root=root) for name, at in handlers.items()}


def test_a_handlers_file_is_its_own_functions(tmp_path: Path) -> None:
    code = tmp_path / "functions" / "api"
    known = functions(tmp_path)
    assert changed_functions([code / "send.py"], functions=known) == {"Send", "Twin"}
    assert changed_functions([code / "read.py"], functions=known) == {"Read"}
    assert changed_functions([code / "__init__.py"], functions=known) == set(known)
    assert changed_functions([tmp_path / "layers" / "x.py"], functions=known) == set(known)
    assert code_folders(known) == {tmp_path / "functions", tmp_path / "layers"}


class Cloud:
    def __init__(self, root: Path) -> None:
        self.functions: Mapping[str, Function] = functions(root)
        self.template = root / "template.yaml"
        self.sql: Sequence[Path] = (root / "migrations", root / "schema")
        self.seen: asyncio.Queue[str] = asyncio.Queue()

    def reload_code(self, changed: list[Path]) -> None:
        self.seen.put_nowait(" ".join(path.name for path in changed))

    async def reload_template(self) -> None:
        self.seen.put_nowait("template")

    async def reload_sql(self) -> None:
        self.seen.put_nowait("sql")


async def test_changes_are_followed_also_when_a_file_is_replaced(tmp_path: Path) -> None:
    for folder in ("functions", "layers", "migrations", "schema/forums"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "template.yaml").write_text("a")
    cloud = Cloud(tmp_path)
    following = asyncio.create_task(follow_changes(cloud))
    try:
        await asyncio.sleep(0.5)
        (tmp_path / "functions" / "notes.txt").write_text("not code")
        (tmp_path / "functions" / "send.py").write_text("code")
        assert await asyncio.wait_for(cloud.seen.get(), 5) == "send.py"
        for text in ("b", "c"):
            (tmp_path / "new").write_text(text)
            (tmp_path / "new").replace(tmp_path / "template.yaml")
            assert await asyncio.wait_for(cloud.seen.get(), 5) == "template"
        (tmp_path / "schema" / "forums" / "votes.sql~").write_text("not SQL")
        for path in ("migrations/0001_a.sql", "schema/forums/votes.sql", "schema/order.txt"):
            (tmp_path / path).write_text("")
            assert await asyncio.wait_for(cloud.seen.get(), 5) == "sql"
    finally:
        following.cancel()
        await asyncio.wait([following])
