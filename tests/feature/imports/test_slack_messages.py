"""What is in messages of an export: files and comments on them, names of emoji, attachments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cgraph_local.imports.slack.emoji import to_emoji
from cgraph_local.imports.slack.mrkdwn import to_markdown
from tests.feature.imports.importing import Importing
from tests.feature.imports.workspace import T, Workspace, message
from tests.feature.world import Person

OWN_EMOJI = "left out: a reaction with the workspace's own emoji"


@pytest.fixture
def workspace() -> Workspace:
    """Its channel `tea` has no messages yet."""
    workspace = Workspace()
    workspace.files["tea/2015-01-03.json"] = []
    workspace.files["tea/2015-02-01.json"] = []
    workspace.files["archived/2015-01-03.json"] = []
    return workspace


async def read(
    importing: Importing, reader: Person, workspace: Workspace, folder: Path, *messages: Any
) -> list[Any]:
    """Imports messages of the channel `tea` and returns them as the API shows them."""
    workspace.files["tea/2015-01-03.json"] = list(messages)
    await importing.slack(workspace.write(folder / "export.zip"), owner=reader)
    listed = await reader.call("list_conversations")
    tea = next(each for each in listed.body["items"] if each["name"] == "tea")
    answer = await reader.call("list_messages", id=tea["id"])
    usernames = {each["id"]: each["display_name"] for each in tea["members"]}
    shown = reversed(answer.body["items"])
    return [each | {"author": usernames.get(each["author_id"])} for each in shown]


async def test_comments_on_files_keep_author_and_text(
    importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path
) -> None:
    zoe, bo = workspace.zoe, workspace.bo
    text = f"<@{bo}|bo> commented on <@{zoe}>'s file <https://tea.example/f|plan.pdf>: Steep longer"
    comment = {"id": "Fc1", "user": bo, "timestamp": T, "comment": f"Steep *longer*, <@{zoe}>"}
    file = {"id": "F1", "title": "plan.pdf"}
    old = message("", text, T) | {"subtype": "file_comment", "file": file, "comment": comment}
    bare = message("", text, T + 1, subtype="file_comment")
    shared = message(zoe, "the plan", T + 2, subtype="file_share", files=[{"name": "plan.pdf"}])

    first, second, third = await read(importing, ada, workspace, tmp_path, old, bare, shared)

    mention = next(word for word in first["content"].split() if word.startswith("@"))
    assert first["content"] == f"Steep **longer**, {mention}\n\\[about the file: plan.pdf\\]"
    assert (first["author"], len(first["mentions"])) == ("Bo Tree", 1)
    assert second["author"] == "Bo Tree"
    assert second["content"].endswith("file [plan.pdf](<https://tea.example/f>): Steep longer")
    assert third["content"] == "the plan\n\\[file: plan.pdf\\]"
    assert importing.reasons() == {}


async def test_reactions_are_imported_whole_or_named(
    importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path
) -> None:
    zoe, bo = workspace.zoe, workspace.bo
    names = ("+1::skin-tone-3", "man-running", "face_with_open_mouth_vomiting", "flag-de", "heart")
    reactions = [{"name": each, "users": [zoe], "count": 1} for each in names]
    own = {"name": "a-very-long-name-of-an-emoji-of-this-workspace", "users": [zoe, bo], "count": 2}
    many = {"name": "tada", "users": [zoe], "count": 60}

    (shown,) = await read(
        *(importing, ada, workspace, tmp_path),
        message(zoe, "hi", T, reactions=[*reactions, own, many]),
    )

    assert shown["reactions"] == dict.fromkeys(("👍🏼", "🏃‍♂️", "🤮", "🇩🇪", "❤️", "🎉"), 1)
    assert importing.reasons() == {
        OWN_EMOJI: 1,
        "left out: reactions of users that the export omits": 1,
    }
    assert f'"detail": "{own["name"]}: 2"' in importing.report.read_text()


async def test_texts_of_bots_are_imported_and_previews_of_links_named(
    importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path
) -> None:
    fields = [{"title": "Leaf", "value": "green"}, {"value": "80°"}]
    attachments = [
        {"pretext": "Kettle 2", "text": "It steeped", "fallback": "not this"},
        {"fields": fields, "fallback": "nor this"},
    ]
    bot = message(workspace.zoe, "Report", T, attachments=attachments)
    preview = {"from_url": "https://tea.example/a", "title": "Tea", "text": "All about it"}
    link = message(workspace.zoe, "<https://tea.example/a>", T + 1, attachments=[preview])

    first, second = await read(importing, ada, workspace, tmp_path, bot, link)

    assert first["content"] == "Report\nKettle 2\nIt steeped\nLeaf: green\n80°"
    assert second["content"] == "<https://tea.example/a>"
    assert importing.reasons() == {"left out: the preview of a link": 1}


async def test_what_a_conversation_has_no_place_for_is_named(
    importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path
) -> None:
    workspace.files["channels.json"][1] |= {
        "name": "n" * 70,
        "topic": {"value": "Old tea"},
        "purpose": {"value": ""},
        "pins": [{"id": "1.0", "type": "C"}],
    }
    crowd = [workspace.user(f"U{number}{workspace.mark}", f"u{number}") for number in range(51)]
    workspace.files["users.json"] += crowd
    workspace.files["users.json"][0]["profile"] |= {"title": "t" * 501, "display_name": "z" * 65}
    everybody = " ".join(f"<@{user['id']}>" for user in crowd)

    await read(importing, ada, workspace, tmp_path, message(workspace.zoe, everybody, T))

    assert importing.reasons() == {
        "left out: the end of a long name": 1,
        "left out: the topic of a channel": 1,
        "left out: the pins of a channel": 1,
        "left out: mentions above the limit of a message": 1,
        "left out: not a day of an imported channel": 1,
        "a user's display name was cut": 1,
        "a user's bio was cut": 1,
    }


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (":tada: done :+1::skin-tone-5:!", "🎉 done 👍🏾!"),
        (":tea-party: :no_such_emoji_at_all_in_any_list_of_this_world:", None),
        ("at 10:100:20, `:tada:` and :tada:", "at 10:100:20, `:tada:` and 🎉"),
        ("```a\n:tada:```", "\n```\na\n:tada:\n```\n"),
        ("`x` :tada: `y`", "`x` 🎉 `y`"),
        ("<https://tea.example/:tada:/|a :tada:>", "[a :tada:](<https://tea.example/:tada:/>)"),
        ("&lt;:tea:&gt;", "\\<🍵>"),
    ],
)
def test_names_of_emoji_in_a_text_become_emoji_except_in_code(text: str, plain: str | None) -> None:
    assert to_markdown(text, usernames={}) == (text if plain is None else plain)


def test_an_old_name_of_slack_is_known() -> None:
    assert to_emoji("simple_smile") == "🙂"
    assert to_emoji("") is None


async def test_messages_are_stored_as_those_of_users_are(
    importing: Importing, ada: Person, workspace: Workspace, tmp_path: Path
) -> None:
    zoe, family = workspace.zoe, "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    texts = ("e\u0301 \x07bell", "\u200b", "x" + "\u0301" * 12, "a" * 3998 + family)
    messages = [message(zoe, text, T + number) for number, text in enumerate(texts)]
    shown = await read(importing, ada, workspace, tmp_path, *messages)
    contents = [each["content"] for each in shown]
    assert contents == ["\u00e9 bell", "x" + "\u0301" * 10, "a" * 3998, family]
    reasons = importing.reasons()
    assert reasons["what cannot be stored was removed: control_character"] == 1
    assert reasons["what cannot be stored was removed: combining_marks"] == 1
    assert reasons["left out: empty message"] == 1
