"""A forum for sample events: a demo account owns it; a second user posts, comments and reports; a
third one is banned and appeals.
"""

from functools import cached_property
from typing import Any
from uuid import uuid4

from cgraph_local.core.running_cloud import RunningCloud
from cgraph_local.demo.accounts import new_account


class DemoForum:
    """Each resource is created when it is first read. `owner_token`: the owner's access token."""

    def __init__(self, cloud: RunningCloud, *, owner_token: str) -> None:
        self._cloud = cloud
        self._owner_token = owner_token

    @property
    def slug(self) -> str:
        return str(self._forum["slug"])

    @property
    def id(self) -> str:
        return str(self._forum["id"])

    @cached_property
    def post_id(self) -> str:
        """A post by the owner."""
        return self._create_post(self._owner_token)

    @cached_property
    def others_post_id(self) -> str:
        """A post by another user."""
        return self._create_post(self._member_token)

    @cached_property
    def poll_id(self) -> str:
        poll = {"options": ["Filter", "Espresso"]}
        return self._create_post(self._owner_token, kind="poll", poll=poll)

    @cached_property
    def comment_id(self) -> str:
        """A comment by the owner."""
        return self._create_comment(self._owner_token)

    @cached_property
    def others_comment_id(self) -> str:
        """A comment by another user."""
        return self._create_comment(self._member_token)

    @cached_property
    def pinned_post_id(self) -> str:
        self._request("PUT", f"/posts/{self.others_post_id}/pin")
        return self.others_post_id

    @cached_property
    def locked_post_id(self) -> str:
        self._request("PUT", f"/posts/{self.others_post_id}/lock")
        return self.others_post_id

    @cached_property
    def removed_post_id(self) -> str:
        self._request("PUT", f"/posts/{self.others_post_id}/removal", {})
        return self.others_post_id

    @cached_property
    def removed_comment_id(self) -> str:
        self._request("PUT", f"/comments/{self.others_comment_id}/removal", {})
        return self.others_comment_id

    @cached_property
    def edited_post_id(self) -> str:
        """A post by another user, which has an earlier version."""
        edit = {"version": 1, "title": "Which grinder, please?"}
        path = f"/posts/{self.others_post_id}"
        self._cloud.request("PATCH", path, edit, token=self._member_token)
        return self.others_post_id

    @cached_property
    def hidden_version_post_id(self) -> str:
        """A post by another user, whose earlier version is hidden."""
        self._request("PUT", f"/posts/{self.edited_post_id}/versions/1/hidden")
        return self.edited_post_id

    @cached_property
    def held_post_id(self) -> str:
        """A post by another user that waits for approval."""
        self._hold("espresso")
        return self._create_post(self._member_token, body="Or an espresso?")

    @cached_property
    def held_comment_id(self) -> str:
        """A comment by another user that waits for approval."""
        self._hold("burr")
        return self._create_comment(self._member_token)

    def _hold(self, word: str) -> None:
        """Lets a filter hold texts with this word for approval."""
        self._request("PUT", f"/forums/{self.slug}/filters", {"words": [word], "action": "hold"})

    @cached_property
    def claimed_report_id(self) -> str:
        self._request("POST", f"/reports/{self.report_id}/claim")
        return self.report_id

    @cached_property
    def report_id(self) -> str:
        """The open report of another user's post."""
        report = {"target": {"kind": "post", "id": self.others_post_id}, "reason": "spam"}
        self._request("POST", "/reports", report)
        return str(self._request("GET", f"/forums/{self.slug}/reports")["items"][0]["id"])

    @cached_property
    def banned_access_token(self) -> str:
        """The access token of a banned user, who may appeal."""
        banned = self._register()
        path = f"/forums/{self.slug}/bans/{banned['user']['id']}"
        self._request("PUT", path, {"days": 1, "reason": "A sample ban"})
        return str(banned["access_token"])

    @cached_property
    def appeal_id(self) -> str:
        """An appeal against the ban."""
        appeal = {"against": {"kind": "forum", "id": self.id}, "content": "It was not me."}
        created = self._cloud.request("POST", "/appeals", appeal, token=self.banned_access_token)
        return str(created["id"])

    def banned_user_id(self) -> str:
        """The id of a user who has just been banned."""
        id = str(self._register()["user"]["id"])
        self._request("PUT", f"/forums/{self.slug}/bans/{id}", {"days": 1})
        return id

    @cached_property
    def restricted_forum_slug(self) -> str:
        """Of another forum, which accepts requests."""
        draft = {
            "slug": f"forum-{uuid4().hex[:12]}",
            "name": "Demo forum for members",
            "visibility": "restricted",
            "join_requests": True,
        }
        return str(self._request("POST", "/forums", draft)["slug"])

    @cached_property
    def outsider_access_token(self) -> str:
        """The access token of a user who is a member of no forum."""
        return str(self._outsider["access_token"])

    @cached_property
    def requested_forum_slug(self) -> str:
        """Of the forum of which the outsider has asked to become a member."""
        self._ask()
        return self.restricted_forum_slug

    @cached_property
    def requester_id(self) -> str:
        """The id of the outsider, who has asked to become a member."""
        self._ask()
        return str(self._outsider["user"]["id"])

    @cached_property
    def _outsider(self) -> dict[str, Any]:
        return self._register()

    def _ask(self) -> None:
        path = f"/forums/{self.restricted_forum_slug}/membership/request"
        self._cloud.request("PUT", path, {}, token=self.outsider_access_token)

    def new_member(self) -> str:
        """The id of a user who has just been made a member."""
        return self._add_user("members")

    def new_moderator(self) -> str:
        """The id of a user who has just been made a moderator."""
        return self._add_user("moderators")

    @cached_property
    def _forum(self) -> dict[str, Any]:
        draft = {"slug": f"forum-{uuid4().hex[:12]}", "name": "Demo forum"}
        return dict(self._request("POST", "/forums", draft))

    @cached_property
    def _member_token(self) -> str:
        return str(self._register()["access_token"])

    def _add_user(self, collection: str) -> str:
        path = f"/forums/{self.slug}/{collection}/{self._register()['user']['id']}"
        return str(self._request("PUT", path)["id"])

    def _register(self) -> dict[str, Any]:
        return dict(self._cloud.request("POST", "/auth/register", new_account("forum-user")))

    def _create_post(self, author_token: str, **fields: object) -> str:
        draft = {"title": "Which grinder?", "body": "For *filter*.", **fields}
        path = f"/forums/{self.slug}/posts"
        return str(self._cloud.request("POST", path, draft, token=author_token)["id"])

    def _create_comment(self, author_token: str) -> str:
        path = f"/posts/{self.post_id}/comments"
        draft = {"body": "A burr one."}
        return str(self._cloud.request("POST", path, draft, token=author_token)["id"])

    def _request(self, method: str, path: str, body: object = None) -> Any:
        return self._cloud.request(method, path, body, token=self._owner_token)
