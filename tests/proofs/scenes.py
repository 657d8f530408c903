"""The settings in which every route case is tried: conversations and forums."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from tests.person import Document
from tests.proofs.conversation_scene import DIRECT, ConversationScene
from tests.proofs.forum_scene import IN_FORUM, ForumScene
from tests.proofs.personas import (
    CONVERSATION_PERSONAS,
    CONVERSATION_ROLES,
    FORUM_PERSONAS,
    FORUM_ROLES,
    Actor,
    Persona,
    Personas,
)
from tests.proofs.placeholders import Placeholders
from tests.proofs.route_cases import (
    CONVERSATION_CASES,
    FORUM_CASES,
    NO_FORUM,
    NOT_SUBSCRIBED,
    REQUEST_CASES,
    Refusal,
    RouteCase,
)

NOT_ALLOWED: Refusal = (403, "not_allowed")
BLOCKED: Refusal = (403, "blocked")
NOT_FOR_TWO: Refusal = (422, "invalid_members")
OWN_VOTE: Refusal = (403, "own_vote")
TRANSFER: Refusal = (409, "ownership_transfer_required")
NO_MEMBER: Refusal = (404, "member_not_found")

Rules = Mapping[tuple[str, Persona], Refusal]


class Scene(Protocol):
    """`canary`: what is written in it, by another than the one who acts. `secret`: what only its
    moderators may read; empty where it has none.
    """

    @property
    def personas(self) -> Personas: ...
    @property
    def canary(self) -> str: ...
    @property
    def secret(self) -> str: ...
    def stream(self, persona: Persona) -> str: ...
    def placeholders(self, actor: Actor, *, fresh: bool) -> Placeholders: ...
    async def snapshot(self) -> list[Document]: ...
    async def roles(self) -> dict[Persona, str | None]: ...


@dataclass(frozen=True, slots=True)
class SceneKind:
    """`roles`: of the personas who may read it; `direct`: those who are in a direct conversation.
    `rules`: what the policy allows and another rule of the product refuses. `deciding`: the
    personas whose rights differ from those in the other kinds.
    """

    title: str
    cases: Mapping[str, RouteCase]
    personas: tuple[Persona, ...]
    deciding: tuple[Persona, ...]
    roles: Mapping[Persona, str]
    rules: Rules
    create: Callable[..., Awaitable[Scene]]
    direct: Collection[Persona] = ()


CONVERSATION_RULES: Rules = {
    ("send_message", Persona.BLOCKED_PEER): BLOCKED,
    ("send", Persona.BLOCKED_PEER): BLOCKED,
    ("start_conversation", Persona.BLOCKED_PEER): BLOCKED,
    ("add_reaction", Persona.BLOCKED_PEER): BLOCKED,
    ("react", Persona.BLOCKED_PEER): BLOCKED,
    ("pin_message", Persona.BLOCKED_PEER): BLOCKED,
    ("typing", Persona.FORMER_MEMBER): NOT_SUBSCRIBED,
    ("typing", Persona.STRANGER): NOT_SUBSCRIBED,
    ("typing", Persona.OTHER_OWNER): NOT_SUBSCRIBED,
    ("remove_member, of the caller", Persona.OWNER): TRANSFER,
    ("remove_member, of the caller", Persona.PEER): NOT_FOR_TWO,
    ("remove_member, of the caller", Persona.BLOCKED_PEER): NOT_FOR_TWO,
}
FORUM_RULES: Rules = {
    ("leave_forum", Persona.OWNER): TRANSFER,
    ("remove_forum_member, of the caller", Persona.OWNER): TRANSFER,
    ("remove_forum_member, of the caller", Persona.FORMER_MEMBER): NO_MEMBER,
    ("remove_forum_member, of the caller", Persona.STRANGER): NO_MEMBER,
    ("remove_forum_member, of the caller", Persona.OTHER_OWNER): NO_MEMBER,
    ("vote_on_post", Persona.AUTHOR): OWN_VOTE,
    ("vote_on_comment", Persona.AUTHOR): OWN_VOTE,
    ("file_report", Persona.AUTHOR): (422, "invalid_report"),
    **{
        ("make_appeal", persona): (404, "nothing_to_appeal")
        for persona in Persona
        if persona is not Persona.AUTHOR
    },
}

NOT_REQUESTED: Refusal = (409, "not_requested")
MEMBERS = (Persona.OWNER, Persona.ADMIN, Persona.MEMBER, Persona.AUTHOR)
OUTSIDERS = (Persona.FORMER_MEMBER, Persona.STRANGER, Persona.OTHER_OWNER)
PRIVATE_FORUM_RULES: Rules = {
    **FORUM_RULES,
    **{("request_membership", persona): (409, "already_member") for persona in MEMBERS},
    **{("withdraw_membership_request", persona): NOT_REQUESTED for persona in MEMBERS},
    ("request_membership", Persona.BANNED): NO_FORUM,
    ("withdraw_membership_request", Persona.BANNED): NO_FORUM,
}
PUBLIC_FORUM_RULES: Rules = {
    **FORUM_RULES,
    **{("request_membership", persona): (409, "already_member") for persona in MEMBERS},
    **{("request_membership", persona): (403, "requests_not_accepted") for persona in OUTSIDERS},
    **{("withdraw_membership_request", each): NOT_REQUESTED for each in (*MEMBERS, *OUTSIDERS)},
    ("request_membership", Persona.BANNED): NOT_ALLOWED,
    ("withdraw_membership_request", Persona.BANNED): NOT_ALLOWED,
    **{
        ("resolve_membership_request", persona): (404, "membership_request_not_found")
        for persona in (Persona.OWNER, Persona.ADMIN)
    },
}

RESTRICTED_FORUM_RULES: Rules = {
    **{("request_membership", persona): (409, "already_member") for persona in MEMBERS},
    **{("withdraw_membership_request", persona): NOT_REQUESTED for persona in MEMBERS},
    ("request_membership", Persona.BANNED): NOT_ALLOWED,
    ("withdraw_membership_request", Persona.BANNED): NOT_ALLOWED,
}

CONVERSATION = SceneKind(
    "a conversation",
    CONVERSATION_CASES,
    CONVERSATION_PERSONAS,
    CONVERSATION_PERSONAS,
    CONVERSATION_ROLES,
    CONVERSATION_RULES,
    ConversationScene.create,
    direct=DIRECT,
)
PRIVATE_FORUM = SceneKind(
    "a private forum",
    FORUM_CASES,
    FORUM_PERSONAS,
    FORUM_PERSONAS,
    {persona: role for persona, role in FORUM_ROLES.items() if role in IN_FORUM},
    PRIVATE_FORUM_RULES,
    partial(ForumScene.create, visibility="private"),
)
PUBLIC_FORUM = SceneKind(
    "a public forum",
    FORUM_CASES,
    FORUM_PERSONAS,
    (Persona.STRANGER, Persona.BANNED),
    FORUM_ROLES,
    PUBLIC_FORUM_RULES,
    partial(ForumScene.create, visibility="public"),
)
RESTRICTED_FORUM = SceneKind(
    "a restricted forum",
    REQUEST_CASES,
    FORUM_PERSONAS,
    FORUM_PERSONAS,
    FORUM_ROLES,
    RESTRICTED_FORUM_RULES,
    partial(ForumScene.create, visibility="restricted", texts=False),
)
REQUESTS = replace(
    PRIVATE_FORUM,
    title="requests to a private forum",
    cases=REQUEST_CASES,
    create=partial(ForumScene.create, visibility="private", texts=False),
)
KINDS = (CONVERSATION, PRIVATE_FORUM, PUBLIC_FORUM, RESTRICTED_FORUM)
INPUT_KINDS = (CONVERSATION, PUBLIC_FORUM, RESTRICTED_FORUM, REQUESTS)
"""In which each route with input succeeds for somebody."""
