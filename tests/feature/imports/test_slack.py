from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from cgraph.chat.messages.models import Message
from cgraph_local.imports.errors import CannotImport
from cgraph_local.imports.slack import archive, loading
from cgraph_local.imports.slack.export_import import ImportCounts
from cgraph_local.imports.slack.text import MAX_CONTENT, split_content
from tests.feature.imports.importing import Importing
from tests.feature.imports.workspace import T, Workspace, message, ts
from tests.feature.world import Person

ALL = ImportCounts(people=5, conversations=3, messages=7)


@pytest.fixture
def workspace() -> Workspace:
    return Workspace()


async def test_a_channel_reads_as_a_group(
    importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path
) -> None:
    path = workspace.write(tmp_path / "export.zip")
    assert (await importing.slack(path, owner=ada)).messages == ALL.messages
    listed = await ada.call("list_conversations")
    archived, tea = sorted(listed.body["items"], key=lambda each: str(each["name"]))
    assert (tea["name"], tea["kind"], tea["role"]) == ("tea", "group", "owner")
    assert (tea["member_count"], tea["unread_count"], tea["head"]) == (3, 0, 5)
    assert {member["display_name"] for member in tea["members"]} >= {"Zoë Leaf", "Bo Tree"}
    assert (archived["name"], archived["member_count"]) == ("archived", 2)

    first, reply, bot, gone, later = messages = await messages_of(ada, tea)
    for each in messages:
        assert Message.model_validate(each).model_dump(mode="json") == each
    bo = next(member for member in tea["members"] if member["display_name"] == "Bo Tree")
    assert first["content"] == (
        f"@{bo['username']} see [the leaf](<https://tea.example/a?b=1&c=2>) \\<3 @here"
    )
    assert first["content_html"].endswith(">the leaf</a> &lt;3 @here</p>\n")
    assert first["mentions"] == [bo["id"]]
    assert first["created_at"] == "2015-01-03T16:00:00.000Z"
    assert (first["reply_count"], first["reactions"]) == (2, {"👍": 2})
    assert (reply["reply_to"], reply["content"]) == (first["id"], "Lovely")
    assert (reply["edited_at"], reply["version"]) == ("2015-01-03T16:01:00.000Z", 2)
    assert (bot["content"], gone["content"]) == ("It steeped", "")
    assert gone["deleted_at"] is not None
    assert (later["reply_to"], later["created_at"][:7]) == (first["id"], "2015-02")
    assert [each["seq"] for each in messages] == [1, 2, 3, 4, 5]
    assert importing.reasons() == {
        "left out: unsupported subtype: channel_join": 1,
        "left out: a reaction with the workspace's own emoji": 1,
    }


async def test_one_can_go_on_talking_there(
    importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path
) -> None:
    await importing.slack(workspace.write(tmp_path / "export.zip"), owner=ada)
    listed = await ada.call("list_conversations")
    tea = next(each for each in listed.body["items"] if each["name"] == "tea")
    sent = await ada.send(tea["id"], "Still warm")
    assert sent["seq"] == 6
    query = {"cursors": {f"conv:{tea['id']}": 2}}
    caught_up = await ada.call("sync_streams", query)
    assert caught_up.status == 200
    (gap,) = caught_up.body["streams"].values()
    assert gap["snapshot"] is not None, "no events were written for what was imported"


async def test_the_second_time_nothing_changes(
    importing: Importing, workspace: Workspace, tmp_path: Path
) -> None:
    path = workspace.write(tmp_path / "export.zip")
    assert await importing.slack(path) == ALL
    before = await everything(importing, workspace)
    assert len(before["messages"]) == ALL.messages
    assert await importing.slack(path) == ImportCounts(people=0, conversations=0, messages=0)
    assert await everything(importing, workspace) == before


async def test_killed_midway_it_goes_on(
    importing: Importing, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = workspace.write(tmp_path / "export.zip")
    with monkeypatch.context() as broken:
        broken.setattr(loading, "BATCH_SIZE", 2)
        broken.setattr(
            loading,
            "STATEMENTS",
            (*loading.STATEMENTS[:-1], "SELECT 1 / (4 - max(seq)) FROM inserted_messages", *LAST),
        )
        with pytest.raises(psycopg.errors.DivisionByZero):
            await importing.slack(path)
    await importing.slack(path)
    stored = await everything(importing, workspace)
    assert len(stored["messages"]) == ALL.messages
    numbers = [row for row in stored["numbers"] if row[0] == "tea"]
    assert numbers == [("tea", [1, 2, 3, 4, 5], [1, 2, 3, 4, 5], 5, 5, 5)]


LAST = loading.STATEMENTS[-1:]


async def test_what_cannot_be_taken_is_named(
    importing: Importing, workspace: Workspace, tmp_path: Path
) -> None:
    workspace.files["users.json"] += [{"name": "nobody"}, "no object", {"id": workspace.zoe}]
    workspace.files["channels.json"] += [{"id": "C1", "name": "x"}, {"name": "y", "created": T}]
    workspace.files["dms.json"] += [
        {"id": f"D1{workspace.mark}", "created": T, "members": [workspace.zoe]},
        {"id": f"D2{workspace.mark}", "created": T, "members": [workspace.bo, workspace.zoe]},
    ]
    workspace.files |= {
        "integration_logs.json": [],
        "tea/2015-01-04.json": "{not JSON",
        "tea/2015-01-05.json": {"no": "list"},
        "tea/2015-01-06.json": [
            "no object",
            message(workspace.zoe, "when?", T) | {"ts": "soon"},
            message(workspace.zoe, "too early", T) | {"ts": "100000000.000001"},
            message(workspace.zoe, " ", T + 100),
            message(workspace.zoe, "answers nothing", T + 101, thread_ts=ts(T - 1)),
            message("", "nobody said this", T + 102),
            message(workspace.zoe, "long " * 1000, T + 103),
            message(workspace.zoe, "NUL \0 and half a pair \ud83d", T + 104),
            message(workspace.zoe, "twice", T + 105),
            message(workspace.zoe, "twice", T + 105),
        ],
        "unknown/2015-01-03.json": [message(workspace.zoe, "lost", T)],
    }
    done = await importing.slack(workspace.write(tmp_path / "export.zip"))
    assert done.messages == ALL.messages + 5
    assert importing.reasons() == {
        "left out: created is not a timestamp": 1,
        "left out: empty message": 1,
        "left out: duplicate id": 1,
        "left out: duplicate timestamp": 1,
        "left out: not a day of an imported channel": 2,
        "left out: no id": 2,
        "left out: not a list": 1,
        "left out: not an object": 2,
        "left out: no author": 1,
        "left out: not JSON": 1,
        "left out: not exactly two members": 1,
        "left out: a reaction with the workspace's own emoji": 1,
        "left out: unsupported subtype: channel_join": 1,
        "left out: duplicate direct conversation": 1,
        "left out: ts is not a timestamp": 1,
        "left out: ts is out of range": 1,
        "too long for one message: split into 2": 1,
        "its parent message is not in the export": 1,
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("../outside.json", "points out of it"),
        ("/etc/outside.json", "points out of it"),
        ("tea/../../outside.json", "points out of it"),
    ],
)
async def test_an_archive_stays_within_itself(
    importing: Importing, workspace: Workspace, tmp_path: Path, name: str, words: str
) -> None:
    workspace.files[name] = []
    with pytest.raises(CannotImport, match=words):
        await importing.slack(workspace.write(tmp_path / "export.zip"))


async def test_what_is_no_export_is_refused(importing: Importing, tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_text("not a zip file")
    with pytest.raises(CannotImport, match="not a zip file"):
        await importing.slack(tmp_path / "text.zip")
    other = Workspace()
    del other.files["users.json"]
    with pytest.raises(CannotImport, match=r"no users\.json"):
        await importing.slack(other.write(tmp_path / "other.zip"))


async def test_a_bomb_does_not_go_off(
    importing: Importing, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_FILE_BYTES", 1 << 20)
    workspace.files["tea/2015-01-07.json"] = b" " * (4 << 20)
    done = await importing.slack(workspace.write(tmp_path / "export.zip"))
    assert done.messages == ALL.messages
    assert importing.reasons()["left out: too large"] == 1


def test_a_long_text_is_cut_between_words() -> None:
    text = "\n".join("word " * 50 for _ in range(60))
    parts = split_content(text)
    assert all(0 < len(part) <= MAX_CONTENT for part in parts)
    assert " ".join(parts).split() == text.split()
    assert split_content("x" * 9000) == ["x" * 4000, "x" * 4000, "x" * 1000]


async def messages_of(reader: Person, conversation: Any) -> list[Any]:
    """Oldest first."""
    answer = await reader.call("list_messages", id=conversation["id"])
    assert answer.status == 200, answer
    return list(reversed(answer.body["items"]))


async def everything(
    importing: Importing, workspace: Workspace
) -> dict[str, list[tuple[Any, ...]]]:
    sql, mark = importing.world.sql, f"%{workspace.mark.lower()}%"
    return {
        "messages": await sql(
            """
            SELECT m.xmin::text, m::text FROM messages m
            WHERE conversation_id IN (
                SELECT conversation_id FROM conversation_members JOIN users u ON u.id = user_id
                WHERE u.username LIKE %s)
               OR conversation_id IN (
                SELECT c.id FROM conversations c JOIN users u ON u.id = c.created_by
                WHERE u.username LIKE %s)
            ORDER BY id
            """,
            mark,
            mark,
        ),
        "numbers": await sql(
            """
            SELECT c.name, array_agg(m.seq ORDER BY m.created_at),
                   array_agg(m.ordinal ORDER BY m.created_at), c.message_count, s.head,
                   (SELECT max(read_count) FROM conversation_members cm
                    WHERE cm.conversation_id = c.id)
            FROM conversations c JOIN messages m ON m.conversation_id = c.id
            JOIN streams s ON s.id = c.id JOIN users u ON u.id = c.created_by
            WHERE u.username LIKE %s GROUP BY c.id, s.head ORDER BY c.name
            """,
            mark,
        ),
    }
