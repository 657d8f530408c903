"""Numbers and booleans in bodies and frames are those of JSON."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cgraph.chat.messages.models import MessageDraft
from cgraph.chat.messages.reactions.models import ReactionFrame
from cgraph.forums.models import ForumDraft
from cgraph.forums.posts.models import PostDraft, PostEdit
from cgraph.forums.votes.models import VoteChoice

ID = "00000000-0000-7000-8000-000000000000"
FORUM = {"slug": "tea", "name": "Tea"}
POLL = {"title": "?", "kind": "poll"}


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (ForumDraft, FORUM | {"slow_mode_seconds": False}),
        (ForumDraft, FORUM | {"slow_mode_seconds": "5"}),
        (ForumDraft, FORUM | {"tag_required": 1}),
        (ForumDraft, FORUM | {"tag_required": "yes"}),
        (PostEdit, {"version": True}),
        (PostEdit, {"version": "1"}),
        (PostDraft, POLL | {"poll": {"options": ["a", "b"], "multiple": "no"}}),
        (ReactionFrame, {"message_id": ID, "emoji": "👍", "added": 1}),
        (VoteChoice, {"value": True}),
        (VoteChoice, {"value": "1"}),
    ],
)
def test_a_value_of_another_type_is_refused(model: Any, body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(body)


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (ForumDraft, FORUM | {"slow_mode_seconds": 5, "tag_required": True, "tags": ["leaf"]}),
        (PostDraft, POLL | {"poll": {"options": ["a", "b"], "multiple": True}}),
        (MessageDraft, {"conversation_id": ID, "content": "hi", "reply_to": ID}),
        (VoteChoice, {"value": -1}),
    ],
)
def test_ids_dates_and_kinds_are_still_texts(model: Any, body: dict[str, Any]) -> None:
    model.model_validate(body)
