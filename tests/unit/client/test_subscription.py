from __future__ import annotations

import asyncio
import time

import pytest

from cgraph_client import Client, Gone, ProtocolError, State, Unauthenticated, feed
from tests.unit.client.conftest import QUICK
from tests.unit.client.reader import Reader
from tests.unit.client.small_server import SmallServer


async def test_messages_are_told_as_they_are_sent(ada: Client, grace: Client) -> None:
    async with Reader(grace) as reader:
        talk = await ada.create_conversation("grace")
        for n in range(10):
            await ada.send(talk.id, f"hello {n}")
        await reader.until(lambda: len(reader.messages) == 10)
    assert reader.contents == [f"hello {n}" for n in range(10)]
    assert reader.states == [State.CONNECTED, State.CLOSED]


async def test_bad_delivery_leaves_equal_histories(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    server.faults.duplicated = server.faults.reordered = 0.2
    server.faults.dropped = 0.1
    server.faults.heartbeat_ms = 300
    server.faults.page = 17
    async with Reader(ada) as mine, Reader(grace) as theirs:
        for n in range(300):
            await (ada if n % 2 else grace).send(talk.id, f"message {n}")
            if n % 60 == 30:
                server.cut(0.7)
        await mine.until(lambda: len(mine.messages) >= 300)
        await theirs.until(lambda: len(theirs.messages) >= 300)
    assert server.counts["dropped"] and server.counts["duplicated"] and server.counts["reordered"]
    assert server.counts["sockets"] > 2 and server.counts["POST /sync"] > 0
    assert mine.contents == theirs.contents == [f"message {n}" for n in range(300)]


async def test_it_survives_the_servers_restart(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    async with Reader(grace) as reader:
        await server.stop()
        await reader.until(lambda: State.RECONNECTING in reader.states)
        assert reader.subscription.trouble
        ada_id = (user := server.world.by_name("ada"))["id"]
        assert user and server.world.may_see(ada_id, f"conv:{talk.id}")
        server.deeds.write(ada_id, {"conversation_id": talk.id, "content": "while away"})
        await server.start()
        await reader.until(lambda: reader.contents == ["while away"])
        assert reader.states[-1] is State.CONNECTED


async def test_a_lost_push_is_noticed_by_the_next_heartbeat(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    server.faults.heartbeat_ms = 200
    async with Reader(grace) as reader:
        server.faults.dropped = 1.0
        await ada.send(talk.id, "the last word")
        await reader.until(lambda: reader.contents == ["the last word"], seconds=3)


async def test_cursors_resume_where_the_reader_stood(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    async with Reader(grace) as first:
        await ada.send(talk.id, "one")
        await first.until(lambda: first.contents == ["one"])
        cursors = first.subscription.cursors
    await ada.send(talk.id, "two")
    other = await ada.create_conversation("grace", name="other")
    await ada.send(other.id, "three")
    async with Reader(grace, cursors) as second:
        await second.until(lambda: sorted(second.contents) == ["three", "two"])
    assert second.subscription.cursors[f"conv:{other.id}"] == 1


async def test_cursors_show_what_was_handed_out_not_what_came_in(
    ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    async with grace.subscribe(backoff=QUICK) as changes:
        for n in range(3):
            await ada.send(talk.id, f"{n}")
        await asyncio.sleep(0.1)
        assert changes.cursors == {}
        seen = 0
        async for change in changes:
            if change.stream == f"conv:{talk.id}":
                assert changes.cursors[change.stream] == seen
                seen += 1
            if seen > 3:
                break


async def test_far_behind_it_gets_a_snapshot_and_goes_on(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    for n in range(80):
        await ada.send(talk.id, f"{n}")
    server.faults.snapshot_above = 60
    async with Reader(grace, {f"conv:{talk.id}": 0}) as reader:
        await reader.until(lambda: bool(reader.snapshots))
        await ada.send(talk.id, "new")
        await reader.until(lambda: reader.contents == ["new"])
    snapshot = reader.snapshots[0]
    assert (snapshot.head, snapshot.unread_count, len(snapshot.messages)) == (80, 80, 50)


async def test_who_leaves_hears_no_more_and_who_returns_hears_what_was_missed(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    stream = f"conv:{talk.id}"
    async with Reader(grace) as reader:
        await ada.send(talk.id, "one")
        server.leave(talk.id, "grace")
        await reader.until(lambda: Gone(stream) in reader.changes)
        assert stream not in reader.subscription.cursors
        await ada.send(talk.id, "two")
        server.join(talk.id, "grace")
        await reader.until(lambda: reader.contents == ["one", "two"])


async def test_on_a_reconnect_frame_the_new_socket_opens_before_the_old_one_closes(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    async with Reader(grace) as reader:
        old = server.counts["sockets"]
        data = {"reason": "max_age", "within_ms": 60_000, "jitter_ms": 100}
        await server.tell_all({"type": "reconnect", "data": data})
        async with asyncio.timeout(5):
            while server.counts["sockets"] == old or server.open_sockets > 1:
                await ada.send(talk.id, "still here")
        await reader.until(lambda: len(reader.messages) == len(server.world.messages(talk.id)))
    assert server.most_open == 2
    assert reader.states == [State.CONNECTED, State.CLOSED]


async def test_a_socket_the_server_forgot_is_replaced(server: SmallServer, ada: Client) -> None:
    server.faults.heartbeat_ms = 100
    async with Reader(ada) as reader:
        server.forget_sockets = True
        await reader.until(lambda: State.RECONNECTING in reader.states)
        assert "no longer knows this socket" in reader.subscription.trouble
        server.forget_sockets = False
        await reader.until(lambda: reader.states[-1] is State.CONNECTED)


async def test_with_more_conversations_than_a_hello_names_it_starts_from_all_heads(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    server.faults.heads_in_hello = 2
    talks = [await ada.create_conversation("grace", name=f"{n}") for n in range(5)]
    for talk in talks:
        await ada.send(talk.id, "before")
    async with Reader(grace) as reader:
        await ada.send(talks[0].id, "after")
        await ada.send(talks[4].id, "after")
        await reader.until(lambda: len(reader.messages) == 2)
    assert reader.contents == ["after", "after"]


async def test_after_a_snapshot_of_the_own_stream_memberships_are_looked_up(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    server.faults.heads_in_hello = 1
    me = await grace.me()
    talks = [await ada.create_conversation("grace", name=f"{n}") for n in range(4)]
    await ada.send(talks[0].id, "found")
    server.faults.snapshot_above = 2
    lost = f"conv:{'0' * 36}"
    server.world.conversations[lost.removeprefix("conv:")] = {"members": []}
    async with Reader(grace, {f"user:{me.id}": 0, lost: 3}) as reader:
        await reader.until(lambda: reader.contents == ["found"])
        await reader.until(lambda: Gone(lost) in reader.changes)
        await reader.until(lambda: len(reader.subscription.cursors) == 5)


async def test_each_stream_is_watched_in_its_turn(server: SmallServer, ada: Client) -> None:
    server.faults.heads_in_hello = 0
    for n in range(120):
        await ada.create_conversation("ada", name=f"{n}")
    async with ada.subscribe(backoff=QUICK) as changes:
        changes.focus = [f"conv:{next(iter(server.world.conversations))}"]
        asked = [changes._focus.watched() for _ in range(3)]
    assert [len(streams) for streams in asked] == [50, 50, 50]
    assert all(streams[0] in changes.focus for streams in asked)
    assert len({stream for streams in asked for stream in streams}) == 120


async def test_near_the_end_of_its_life_a_socket_is_replaced_unasked(
    server: SmallServer, ada: Client
) -> None:
    server.faults.life_seconds = 0.5
    async with Reader(ada) as reader:
        server.faults.life_seconds = 7_200
        await reader.until(lambda: server.counts["sockets"] == 2)
        await reader.until(lambda: server.open_sockets == 1)
    assert server.most_open == 2
    assert reader.states == [State.CONNECTED, State.CLOSED]


async def test_a_socket_that_says_nothing_is_left(
    server: SmallServer, ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cgraph_client.socket.ANSWER_SECONDS", 0.2)
    server.faults.heartbeat_ms = 100
    async with Reader(ada) as reader:
        server.faults.mute = True
        await reader.until(lambda: State.RECONNECTING in reader.states)
        assert "no answer to ping" in reader.subscription.trouble
        server.faults.mute = False
        await reader.until(lambda: reader.states[-1] is State.CONNECTED)


async def test_hundreds_of_cursors_travel_in_fragments(server: SmallServer, ada: Client) -> None:
    me = await ada.me()
    cursors = {f"user:{me.id}": 0} | {f"conv:{n:036d}": n for n in range(1_000)}
    for stream in cursors:
        server.world.conversations[stream.removeprefix("conv:")] = {"members": []}
    async with Reader(ada, cursors) as reader:
        await reader.until(lambda: len(reader.changes) == 1_000)
    assert all(isinstance(change, Gone) for change in reader.changes)


async def test_a_slow_reader_loses_nothing(
    server: SmallServer, ada: Client, grace: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "ROOM", 20)
    talk = await ada.create_conversation("grace")
    async with grace.subscribe(backoff=QUICK) as changes:
        for n in range(100):
            await ada.send(talk.id, f"{n}")
        seen: list[str] = []
        async with asyncio.timeout(10):
            async for change in changes:
                message = getattr(change, "message", None)
                if message is not None:
                    seen.append(message.content)
                if len(seen) == 100:
                    break
    assert seen == [f"{n}" for n in range(100)]
    assert server.counts["POST /sync"] > 0


async def test_an_ended_session_ends_the_iteration_with_its_error(
    server: SmallServer, ada: Client
) -> None:
    async with ada.subscribe(backoff=QUICK) as changes:
        server.world.access.clear()
        await server.tell_all({"type": "closing", "data": {"reason": "session_revoked"}})
        server.cut()
        with pytest.raises(Unauthenticated):
            async for _ in changes:
                pass
        assert changes.state is State.CLOSED


async def test_a_frame_without_sense_is_not_swallowed(server: SmallServer, ada: Client) -> None:
    with pytest.raises(ProtocolError):
        async with ada.subscribe(backoff=QUICK) as changes:
            await server.tell_all({"type": "event", "stream": "conv:x"})
            await asyncio.sleep(0.2)
            assert changes.state is State.CLOSED


async def test_frames_of_a_later_version_are_ignored(server: SmallServer, ada: Client) -> None:
    async with Reader(ada) as reader:
        await server.tell_all({"type": "confetti", "data": {}})
        await server.tell_all({"message": "Internal server error", "requestId": "r"})
        talk = await ada.create_conversation("ada")
        await ada.send(talk.id, "fine")
        await reader.until(lambda: reader.contents == ["fine"])


async def test_leaving_is_quick_even_while_connecting(server: SmallServer, ada: Client) -> None:
    server.faults.mute = True
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2), ada.subscribe(backoff=QUICK):
            pass
    assert time.monotonic() - began < 3
