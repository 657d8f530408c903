"""What is not JSON, and times with unusual offsets, never fail a request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.feature.forum import new_forum
from tests.feature.world import Person

NOT_JSON = {
    "NaN": '{"content": "hi", "reply_to": NaN}',
    "Infinity": '{"content": [Infinity]}',
    "-Infinity": "-Infinity",
    "a name twice": '{"content": "hi", "content": "ho"}',
    "an inner name twice": '{"content": {"a": 1, "a": 2}}',
    "a comma": '{"content": "hi",}',
    "nothing": '"',
}
OFFSETS = ("+16:00", "-16:00", "+23:59", "-23:59", "-12:30", "+05:45", "Z")


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON)
async def test_a_body_that_is_not_json_is_malformed(ada: Person, body: str) -> None:
    assert (await ada.call("send_message", body)).refusal == (400, "malformed_body")


@pytest.mark.parametrize("data", NOT_JSON.values(), ids=NOT_JSON)
async def test_a_frame_that_is_not_json_is_malformed(ada: Person, data: str) -> None:
    socket = await ada.open_socket()
    for route in ("send", "ping", "default"):
        frame = f'{{"action": "{route}", "id": "1", "data": {data}}}'
        answer = await socket.say_raw(frame, route=route)
        assert answer["error"]["code"] == "malformed_frame"


@pytest.mark.parametrize(
    "frame",
    [
        '{"action": "ping", "id": "\\ud800"}',
        '{"action": "\\udfff", "id": 1}',
        '{"action": "ping", "id": 1, "data": {"\\ud800": [{"a": "\\udc00\\ud800"}]}}',
        '{"action": "ping", "action": "send", "id": 1}',
    ],
)
async def test_a_frame_that_cannot_be_echoed_or_is_ambiguous_is_malformed(
    ada: Person, frame: str
) -> None:
    socket = await ada.open_socket()
    assert (await socket.say_raw(frame, route="ping"))["error"]["code"] == "malformed_frame"


async def test_half_a_surrogate_pair_in_any_place_of_a_body_is_refused(ada: Person) -> None:
    half = '"\\ud800"'
    for body in (half, f"[{half}]", f"{{{half}: 1}}", f'{{"content": {{{half}: [{half}]}}}}'):
        answer = await ada.call("send_message", body)
        assert answer.status == 422, answer
    for field in ("conversation_id", "content", "nonce", "reply_to", "attachments"):
        answer = await ada.call("send_message", f'{{"{field}": {half}}}')
        assert field in {error["field"].partition(".")[0] for error in answer.body["errors"]}
    cursors = await ada.call("sync_streams", f'{{"cursors": {{{half}: 1}}}}')
    assert cursors.refusal == (422, "validation_failed")


@pytest.mark.parametrize("offset", OFFSETS)
async def test_a_time_with_any_offset_is_the_same_moment(
    ada: Person, grace: Person, offset: str
) -> None:
    written, shown = in_a_month(offset)
    group = await ada.converse(grace, kind="group")
    muted = await ada.call("mute_conversation", {"until": written}, id=group)
    assert (muted.status, muted.body["muted_until"]) == (200, shown)

    forum = await new_forum(ada)
    ban = await forum.call(ada, "ban_user", {"until": written}, user_id=grace.id)
    assert (ban.status, ban.body["until"]) == (200, shown)

    poll = {"options": ["a", "b"], "closes_at": written}
    post = await forum.call(ada, "create_post", {"title": "When?", "kind": "poll", "poll": poll})
    assert (post.status, post.body["poll"]["closes_at"]) == (201, shown)


@pytest.mark.parametrize(
    "time",
    [
        *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "9999-12-31T23:59:59Z"),
        *("2030-01-01T00:00:00+24:00", "2030-01-01T00:00:00", "2030-13-01T00:00:00Z"),
        *("infinity", "\u0662\u0660\u0663\u0660-01-01T00:00:00Z", "1" * 400),
        *(1893456000, 1893456000000, 1893456000.5, -1, True, "1893456000", "1893456000.5"),
        *([2030, 1, 1], {"year": 2030}, "2030-01-01"),
    ],
    ids=lambda time: ascii(time)[:40],
)
async def test_a_time_outside_of_all_calendars_or_of_another_form_is_refused(
    ada: Person, time: Any
) -> None:
    id = str(uuid4())
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("mute_conversation", {"until": time}, "until"),
        ("ban_user", {"until": time}, "until"),
        (
            "create_post",
            {"title": "x", "kind": "poll", "poll": {"options": ["a", "b"], "closes_at": time}},
            "poll.closes_at",
        ),
    ]
    for function, body, field in calls:
        answer = await ada.call(function, body, id=id, slug="tea", user_id=id)
        assert answer.refusal == (422, "validation_failed")
        assert [error["field"] for error in answer.body["errors"]] == [field]


def in_a_month(offset: str) -> tuple[str, str]:
    """A time with the offset, and the same as it is shown."""
    utc = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    shown = utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if offset == "Z":
        return shown, shown
    hours, minutes = int(offset[1:3]), int(offset[4:])
    distance = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    return f"{(utc + distance).replace(tzinfo=None).isoformat()}{offset}", shown
