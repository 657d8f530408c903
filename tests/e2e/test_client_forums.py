"""The reference client in a forum: members, posts, comments, votes and moderation, against the
running system."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cgraph_client import Client, Conflict, Forbidden, NotFound
from tests.person import PASSWORD, Person
from tests.system import System


async def signed_in(stack: AsyncExitStack, system: System, person: Person) -> Client:
    client = await stack.enter_async_context(Client(system.url))
    await client.log_in(person.username, password=PASSWORD)
    return client


@pytest.mark.timeout(300)  # forty functions start
async def test_a_forum_from_its_first_post_to_an_appeal(system: System) -> None:
    ada, eve = await system.people(2)
    async with AsyncExitStack() as stack:
        owner, member = [await signed_in(stack, system, each) for each in (ada, eve)]
        slug = f"forum-{uuid4().hex[:12]}"
        forum = await owner.forums.create(slug, name="Tea", visibility="restricted")
        with pytest.raises(Forbidden):
            await member.forums.join(slug)
        await owner.forums.change(slug, join_requests=True)
        asked = await member.forums.request_membership(slug, message="please")
        assert (await owner.forums.membership_requests(slug)).items == (asked,)
        accepted = await owner.forums.resolve_membership_request(slug, eve.id, "accept")
        assert accepted.state == "accepted"
        assert (await member.forums.show(slug)).role == "member"

        post = await member.posts.create(slug, "Which pot?", body="*Iron* or clay?")
        assert (post.forum.slug, post.author.id) == (forum.slug, eve.id)
        post = await member.posts.edit(post.id, version=1, title="Which tea pot?")
        await owner.posts.hide_version(post.id, 1)
        (version,) = (await owner.posts.versions(post.id)).items
        assert version.hidden_at is not None
        comment = await owner.comments.create(post.id, "Clay.")
        reply = await member.comments.create(post.id, "Why?", parent_id=comment.id)
        tree = await owner.comments.list(post.id)
        assert tree.items[0].replies is not None
        assert [each.id for each in tree.items[0].replies.items] == [reply.id]
        assert [each.id for each in (await owner.comments.show(reply.id)).ancestors] == [comment.id]
        assert (await member.comments.vote(comment.id, 1)).score == 1
        assert (await owner.posts.vote(post.id, 1)).my_vote == 1
        assert (await member.posts.accept(post.id, comment.id)).accepted_comment_id == comment.id
        ends = datetime.now(UTC) + timedelta(days=1)
        poll = await member.posts.create_poll(slug, "When?", ["now", "later"], closes_at=ends)
        chosen = (await owner.posts.choose(poll.id, [1])).poll
        assert chosen is not None and chosen.options[1].votes == 1 and chosen.my_choices == (1,)
        listed = await owner.posts.list(slug, sort="new")
        assert [each.title for each in listed.items] == ["When?", "Which tea pot?"]

        await member.moderation.report("comment", comment.id, "other", note="cold")
        await owner.moderation.report("post", post.id, "off_topic")
        (own, case) = (await owner.moderation.forum_reports(slug)).items
        case = await owner.moderation.show_report(case.id if case.target.id == post.id else own.id)
        assert (case.evidence[0].title, case.reasons) == ("Which tea pot?", {"off_topic": 1})
        await owner.moderation.claim_report(case.id)
        resolved = await owner.moderation.resolve_report(case.id, "remove", note="off topic")
        assert (resolved.state, resolved.action) == ("resolved", "remove")
        appeal = await member.moderation.appeal("post", post.id, "It is about tea")
        assert (await owner.moderation.resolve_appeal(appeal.id, "accept")).state == "accepted"
        assert (await member.posts.show(post.id)).removed_at is None

        ban = await owner.moderation.ban(slug, eve.id, days=1, reason="enough", remove="all")
        assert ban.removal is not None and ban.removal.removed == 3
        assert ban.until is not None
        assert len((await owner.moderation.bans(slug)).items) == 1
        assert (await owner.moderation.unban(slug, eve.id, restore=True)).restored == 3
        warning = await owner.moderation.warn(slug, eve.id, "quietly", target=("post", post.id))
        assert warning.target is not None and warning.target.id == post.id
        with pytest.raises(Conflict):
            await owner.moderation.restore_post(post.id)
        await owner.forums.set_filters(slug, words=["coffee"], action="hold")
        held = await member.posts.create(slug, "Coffee?")
        assert held.withheld == "approval"
        await owner.moderation.approve_post(held.id)
        assert (await member.posts.show(held.id)).withheld is None
        log = await owner.forums.audit_log(slug, limit=100)
        assert {"ban_user", "resolve_report", "hide_version"} <= {each.action for each in log.items}
        with pytest.raises(NotFound):
            await owner.forums.show(f"{slug}-x")
        assert (await owner.limits()).content_characters == 4_000
        assert (await member.change_me(display_name="Eve")).display_name == "Eve"
