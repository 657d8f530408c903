"""The queries whose time is measured: the actions of routes, for a first or a deep page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from cgraph.accounts.people import actions as people
from cgraph.chat.conversations import actions as conversations
from cgraph.chat.conversations.member_list import actions as member_list
from cgraph.chat.conversations.models import ConversationFilter
from cgraph.chat.messages import actions as messages
from cgraph.chat.messages.history import actions as history
from cgraph.chat.messages.models import ListMessagesQuery, MessageDraft
from cgraph.chat.policies import MEMBER
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.ids import SessionId, UserId
from cgraph.core.policies import SIGNED_IN, Policy
from cgraph.forums.comments.tree import actions as tree
from cgraph.forums.comments.tree.models import CommentSort
from cgraph.forums.policies import FORUM_READER
from cgraph.forums.posts.feeds import actions as feeds
from cgraph.forums.posts.feeds.models import ListPostsQuery

Query = Callable[[Transaction], Awaitable[object]]


def caller(user: UUID, policy: Policy) -> Caller:
    return Caller(UserId(user), SessionId(user), policy)


def list_posts(user: UUID, slug: str, **query: object) -> Query:
    asked, reader = ListPostsQuery.model_validate(query), caller(user, FORUM_READER)
    return lambda tx: feeds.list_posts(tx, caller=reader, slug=slug, query=asked)


def list_messages(user: UUID, conversation: UUID, **query: int) -> Query:
    asked, reader = ListMessagesQuery.model_validate(query), caller(user, MEMBER)
    return lambda tx: history.list_messages(
        tx, caller=reader, conversation_id=conversation, query=asked
    )


def show_message(user: UUID, id: UUID) -> Query:
    return lambda tx: messages.show_message(tx, caller=caller(user, MEMBER), id=id)


def send_message(user: UUID, conversation: UUID) -> Query:
    draft = MessageDraft(conversation_id=conversation, content="one more")
    return lambda tx: messages.send_message(tx, caller=caller(user, MEMBER), draft=draft)


def list_conversations(user: UUID, **filter: object) -> Query:
    asked = ConversationFilter.model_validate(filter)
    return lambda tx: conversations.list_conversations(tx, reader=UserId(user), filter=asked)


def list_members(user: UUID, conversation: UUID) -> Query:
    return lambda tx: member_list.list_members(
        tx, caller=caller(user, MEMBER), conversation_id=conversation, cursor=None, limit=50
    )


def list_comments(user: UUID, post: UUID, *, sort: CommentSort) -> Query:
    reader = caller(user, FORUM_READER)
    return lambda tx: tree.list_comments(
        tx, caller=reader, post_id=post, parent=None, sort=sort, cursor=None, limit=20
    )


def show_me(user: UUID) -> Query:
    """Which does not depend on any size: what the least statement takes."""
    reader = caller(user, SIGNED_IN)
    return lambda tx: people.show_me(tx, id=reader.id)
