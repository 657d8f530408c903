"""A forum to try with, for the events of forums: one of the demo's people owns it, somebody new
writes there, reports, is banned and appeals.
"""

from functools import cached_property
from typing import Any
from uuid import uuid4

from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import PASSWORD


class Board:
    """Each thing is made when it is first asked for. `owner`: their access token."""

    def __init__(self, cloud: RunningCloud, *, owner: str) -> None:
        self._cloud = cloud
        self._owner = owner

    @property
    def slug(self) -> str:
        return str(self._forum["slug"])

    @property
    def id(self) -> str:
        return str(self._forum["id"])

    @cached_property
    def post_id(self) -> str:
        return self._post(self._owner)

    @cached_property
    def others_post_id(self) -> str:
        return self._post(self._visitor)

    @cached_property
    def poll_id(self) -> str:
        return self._post(self._owner, kind="poll", poll={"options": ["Filter", "Espresso"]})

    @cached_property
    def comment_id(self) -> str:
        return self._comment(self._owner)

    @cached_property
    def others_comment_id(self) -> str:
        return self._comment(self._visitor)

    @cached_property
    def report_id(self) -> str:
        """Of the one case that is open."""
        report = {"target": {"kind": "post", "id": self.post_id}, "reason": "spam"}
        self._cloud.ask("POST", "/reports", report, token=self._visitor)
        return str(self._ask("GET", f"/forums/{self.slug}/reports")["items"][0]["id"])

    @cached_property
    def banned_access_token(self) -> str:
        """Of somebody who may appeal."""
        banned = self._new_person()
        path = f"/forums/{self.slug}/bans/{banned['user']['id']}"
        self._ask("PUT", path, {"days": 1, "reason": "To try with"})
        return str(banned["access_token"])

    @cached_property
    def appeal_id(self) -> str:
        appeal = {"against": {"kind": "forum", "id": self.id}, "content": "It was not me."}
        made = self._cloud.ask("POST", "/appeals", appeal, token=self.banned_access_token)
        return str(made["id"])

    def new_member(self) -> str:
        return self._appointed("members")

    def new_moderator(self) -> str:
        return self._appointed("moderators")

    @cached_property
    def _forum(self) -> dict[str, Any]:
        draft = {"slug": f"forum-{uuid4().hex[:12]}", "name": "A forum to try with"}
        return dict(self._ask("POST", "/forums", draft))

    @cached_property
    def _visitor(self) -> str:
        return str(self._new_person()["access_token"])

    def _appointed(self, role: str) -> str:
        path = f"/forums/{self.slug}/{role}/{self._new_person()['user']['id']}"
        return str(self._ask("PUT", path)["id"])

    def _new_person(self) -> dict[str, Any]:
        name = f"visitor-{uuid4().hex[:12]}"
        account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        return dict(self._cloud.ask("POST", "/auth/register", account))

    def _post(self, author: str, **more: object) -> str:
        draft = {"title": "Which grinder?", "body": "For *filter*.", **more}
        path = f"/forums/{self.slug}/posts"
        return str(self._cloud.ask("POST", path, draft, token=author)["id"])

    def _comment(self, author: str) -> str:
        path = f"/posts/{self.post_id}/comments"
        return str(self._cloud.ask("POST", path, {"body": "A burr one."}, token=author)["id"])

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        return self._cloud.ask(method, path, body, token=self._owner)
