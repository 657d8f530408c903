"""How the gateway answers where no function does."""

import httpx


def assert_problem(response: httpx.Response, status: int, code: str, message: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    document = response.json()
    assert document.pop("detail")
    assert document == {
        "type": "about:blank",
        "title": message,
        "status": status,
        "code": code,
        "message": message,
    }
