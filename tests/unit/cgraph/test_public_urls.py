"""The URLs of public pictures in JSON."""

from __future__ import annotations

import json

import pytest

from cgraph.media import public_urls
from cgraph.media.public_urls import fill_public

PATH = "public/01939c10-0000-7000-8000-000000000000/original.webp"
PRIVATE = PATH.replace("public", "media")


@pytest.fixture(autouse=True)
def _media_url(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_at(monkeypatch, "https://media.example")


def serve_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    given = type("Given", (), {"media_url": url})()
    monkeypatch.setattr(public_urls, "settings", lambda: given)


def picture(path: str | None = PATH) -> dict[str, object]:
    return {"path": path, "url": None, "thumbnails": [{"path": path, "url": None}]}


def test_each_public_path_gets_its_url_at_any_depth() -> None:
    page = {"items": [{"author": {"avatar": picture()}}]}
    filled = json.loads(fill_public(json.dumps(page)))["items"][0]["author"]["avatar"]
    url = f"https://media.example/{PATH}"
    assert (filled["url"], filled["thumbnails"][0]["url"]) == (url, url)


@pytest.mark.parametrize("path", [PRIVATE, "public/../x", "public/x", f"{PATH}/more", None])
def test_what_is_not_public_gets_no_url(path: str | None) -> None:
    page = [picture(path), picture()]
    first, second = json.loads(fill_public(json.dumps(page)))
    assert first == picture(path)
    assert second["url"] is not None


def test_json_without_public_pictures_is_the_same_text() -> None:
    text = json.dumps({"content": 'see "path": "public/', "avatar": None})
    assert fill_public(text) is text


def test_without_media_urls_stay_null(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_at(monkeypatch, "")
    assert json.loads(fill_public(json.dumps(picture()))) == picture()
