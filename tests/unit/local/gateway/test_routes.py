import pytest

from cgraph_local.gateway.routes import RouteTable
from cgraph_local.template import HttpRoute

TABLE = RouteTable(
    HttpRoute(key.split(" ")[0], key.split(" ")[1], function=key)
    for key in (
        "GET /posts",
        "ANY /posts",
        "GET /posts/{id}",
        "GET /posts/new",
        "ANY /posts/{id}/votes",
        "GET /posts/{post_id}/comments",
        "GET /posts/{id}/comments/{comment}",
        "GET /posts/{rest+}",
        "GET /files/{path+}",
        "DELETE /posts/new",
    )
)


@pytest.mark.parametrize(
    ("request_line", "key", "parameters"),
    [
        ("GET /posts", "GET /posts", None),
        ("PUT /posts", "ANY /posts", None),
        ("GET /posts/new", "GET /posts/new", None),
        ("GET /posts/7", "GET /posts/{id}", {"id": "7"}),
        ("PUT /posts/7/votes", "ANY /posts/{id}/votes", {"id": "7"}),
        ("GET /posts/7/comments", "GET /posts/{post_id}/comments", {"post_id": "7"}),
        (
            "GET /posts/7/comments/8",
            "GET /posts/{id}/comments/{comment}",
            {"id": "7", "comment": "8"},
        ),
        ("GET /posts/7/other", "GET /posts/{rest+}", {"rest": "7/other"}),
        ("GET /posts/new/other", "GET /posts/{rest+}", {"rest": "new/other"}),
        ("GET /files/a/b/c", "GET /files/{path+}", {"path": "a/b/c"}),
    ],
)
def test_the_most_specific_route_matches(
    request_line: str, key: str, parameters: dict[str, str] | None
) -> None:
    found = TABLE.match(*request_line.split(" "))
    assert found is not None
    route, values = found
    assert (route.key, values) == (key, parameters)


@pytest.mark.parametrize(
    "request_line", ["POST /posts/7", "GET /", "GET /posts/", "GET /files/", "HEAD /posts/7"]
)
def test_a_request_without_a_route_does_not_match(request_line: str) -> None:
    assert TABLE.match(*request_line.split(" ")) is None


def test_the_default_route_matches_all_other_requests() -> None:
    table = RouteTable([HttpRoute("ANY", "$default", "Rest"), HttpRoute("GET", "/a", "A")])
    found = table.match("POST", "/a/b")
    assert found is not None
    assert (found[0].key, found[0].function, found[1]) == ("$default", "Rest", None)
