"""Signed URLs: CloudFront's form, the same for everybody in one window, and nobody else's."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cgraph.core.settings import settings
from cgraph.media import signatures, signing_key, urls

BASE = "https://media.example"
UPLOAD = UUID("01939c10-0000-7000-8000-000000000001")
OTHER = UUID("01939c10-0000-7000-8000-000000000002")
NOW = 1_000_000_001.5
EXPIRES = 1_000_000_200
"""The second border of the windows of two minutes after NOW."""


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(autouse=True)
def served(
    key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[Path]:
    file = tmp_path / "signing.pem"
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    fields = {
        "media_url": BASE,
        "media_key_id": "K2",
        "media_signing_key": str(file),
        "media_window_seconds": 120,
    }
    given = type("Given", (), fields)()
    for module in (urls, signing_key):
        monkeypatch.setattr(module, settings.__name__, lambda: given)
    _forget()
    yield file
    _forget()


def _forget() -> None:
    signing_key.reset()
    urls._queries.clear()


def private_url(name: str, *, now: float | None = None) -> str:
    return urls.url_of(f"media/{UPLOAD}/{name}", now=now)


def verified(url: str, key: rsa.RSAPrivateKey, *, now: float = NOW, key_id: str = "K2") -> int:
    parts = urlsplit(url)
    keys = {key_id: key.public_key()}
    return signatures.verify(parts.path, parts.query, base=BASE, keys=keys, now=now)


def test_a_url_is_one_that_cloudfront_takes(key: rsa.RSAPrivateKey) -> None:
    signer = CloudFrontSigner("K2", lambda text: key.sign(text, PKCS1v15(), SHA1()))
    policy = signer.build_policy(f"{BASE}/media/{UPLOAD}/*", _at(EXPIRES))
    theirs = signer.generate_presigned_url(f"{BASE}/media/{UPLOAD}/a.webp", policy=policy)

    ours = private_url("a.webp", now=NOW)

    assert urlsplit(ours)[:3] == urlsplit(theirs)[:3]
    assert parse_qs(urlsplit(ours).query) == parse_qs(urlsplit(theirs).query)
    assert not set(urlsplit(ours).query) & set("+/%")


def test_the_public_key_verifies_it(key: rsa.RSAPrivateKey) -> None:
    query = parse_qs(urlsplit(private_url("a.webp", now=NOW)).query)
    signature, policy = (
        base64.b64decode(query[name][0].translate(str.maketrans("-_~", "+=/")))
        for name in ("Signature", "Policy")
    )
    key.public_key().verify(signature, policy, PKCS1v15(), SHA1())
    assert json.loads(policy)["Statement"][0]["Resource"] == f"{BASE}/media/{UPLOAD}/*"


def test_everybody_gets_the_same_url_within_a_window() -> None:
    first, last = 1_000_000_080.0, 1_000_000_199.9
    next_window = private_url("a.webp", now=last + 0.1)
    same = private_url("a.webp", now=first)
    assert same == private_url("a.webp", now=last) != next_window


@pytest.mark.parametrize("second", range(0, 240, 7))
def test_a_url_lives_for_two_to_four_minutes(second: int) -> None:
    assert 120 < urls.expires_at(NOW + second) - (NOW + second) <= 240


def test_it_opens_all_objects_of_the_upload_until_it_expires(key: rsa.RSAPrivateKey) -> None:
    url = private_url("a.webp", now=NOW)
    end = urls.expires_at(NOW)
    assert verified(url, key) == verified(url.replace("a.webp", "w320.webp"), key) == end
    assert verified(url, key, now=end - 0.1) == end
    with pytest.raises(signatures.UrlRefused, match="expired"):
        verified(url, key, now=end)


REFUSED = {
    "no query": lambda url: url.partition("?")[0],
    "another upload's": lambda url: url.replace(str(UPLOAD), str(OTHER)),
    "out of its folder": lambda url: url.replace("a.webp", "../x/a.webp"),
    "escaped out of its folder": lambda url: url.replace("a.webp", "%2e%2e%2fa.webp"),
    "a folder in it": lambda url: url.replace("a.webp", "b/a.webp"),
    "a signature too short": lambda url: url.replace("&Key", "AA&Key").replace(
        "Signature=", "Signature=AA"
    ),
    "no signature": lambda url: url.replace("Signature", "Sign"),
    "an empty signature": lambda url: (
        url.partition("&Signature=")[0] + "&Signature=&Key-Pair-Id=K2"
    ),
    "two signatures": lambda url: url + "&Signature=AAAA",
    "another key's id": lambda url: url.replace("Key-Pair-Id=K2", "Key-Pair-Id=K3"),
    "not base64": lambda url: url.replace("Policy=", "Policy=%00"),
    "the incoming folder": lambda url: url.replace("/media/", "/incoming/"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_signed_is_refused(name: str, key: rsa.RSAPrivateKey) -> None:
    url = private_url("a.webp", now=NOW)
    with pytest.raises(signatures.UrlRefused):
        verified(REFUSED[name](url), key)


def test_a_signature_of_another_key_is_refused(key: rsa.RSAPrivateKey) -> None:
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    query = signatures.signed_query(BASE, str(UPLOAD), expires=EXPIRES, key=another, key_id="K2")
    with pytest.raises(signatures.UrlRefused, match="signature"):
        verified(f"{BASE}/media/{UPLOAD}/a.webp?{query}", key)


def test_a_longer_life_cannot_be_written_into_it(key: rsa.RSAPrivateKey) -> None:
    query = urlsplit(private_url("a.webp", now=NOW)).query
    policy = signatures.policy(BASE, str(UPLOAD), expires=EXPIRES + 86_400)
    forged = signatures._encode(policy) + "&Signature" + query.partition("&Signature")[2]
    with pytest.raises(signatures.UrlRefused, match="signature"):
        verified(f"{BASE}/media/{UPLOAD}/a.webp?Policy={forged}", key)


@pytest.mark.parametrize(
    "resource", ["*", f"{BASE}/media/*", f"https://other.example/media/{UPLOAD}/*"]
)
def test_a_policy_of_another_form_is_refused(resource: str, key: rsa.RSAPrivateKey) -> None:
    """Even where our key signed it: nothing of ours makes one."""
    policy = signatures.policy(BASE, str(UPLOAD), expires=EXPIRES)
    wide = json.loads(policy)
    wide["Statement"][0]["Resource"] = resource
    signed = json.dumps(wide, separators=(",", ":")).encode()
    signature = signatures._encode(key.sign(signed, PKCS1v15(), SHA1()))
    query = f"Policy={signatures._encode(signed)}&Signature={signature}&Key-Pair-Id=K2"
    with pytest.raises(signatures.UrlRefused, match="something else"):
        verified(f"{BASE}/media/{UPLOAD}/a.webp?{query}", key)


def upload_json(folder: str = "media") -> dict[str, object]:
    path = f"{folder}/{UPLOAD}"
    return {
        "id": str(UPLOAD),
        "path": f"{path}/original.webp",
        "url": None,
        "thumbnails": [{"path": f"{path}/w320.webp", "width": 320, "height": 200, "url": None}],
    }


def test_fill_gives_each_upload_its_urls_wherever_it_stands(key: rsa.RSAPrivateKey) -> None:
    page = {
        "items": [{"text": "«1»", "attachments": [upload_json()]}, {"attachments": []}],
        "next": None,
    }
    filled = json.loads(urls.fill(json.dumps(page), now=NOW))
    upload = filled["items"][0]["attachments"][0]
    assert upload["url"] == private_url("original.webp", now=NOW)
    assert verified(upload["thumbnails"][0]["url"], key) == EXPIRES
    assert filled["items"][0]["text"] == "«1»"


def test_a_public_upload_has_a_url_that_stays() -> None:
    filled = json.loads(urls.fill(json.dumps(upload_json("public")), now=NOW))
    assert filled["url"] == f"{BASE}/public/{UPLOAD}/original.webp"


@pytest.mark.parametrize(
    "path", ["incoming/x", f"media/{UPLOAD}/../x", f"media/{UPLOAD}", "https://evil.example/a", ""]
)
def test_nothing_else_in_the_bucket_has_a_url(path: str) -> None:
    with pytest.raises(ValueError, match="nothing is served"):
        urls.url_of(path)


def test_an_upload_that_is_not_ready_has_no_url() -> None:
    pending = upload_json() | {"path": None, "thumbnails": []}
    assert json.loads(urls.fill(json.dumps(pending), now=NOW))["url"] is None


def test_json_without_uploads_is_the_same_text() -> None:
    text = '{"items" : [{"score": 1.0, "text": "a \\"thumbnails\\" b"}]}'
    assert urls.fill(text) is text


def test_without_a_key_answers_have_no_urls(served: Path) -> None:
    served.unlink()
    text = json.dumps(upload_json())
    assert urls.fill(text) == text
    with pytest.raises(signing_key.SigningKeyUnavailable):
        private_url("a.webp")


def test_a_key_that_cloudfront_does_not_take_is_refused() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    pem = small.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="2048"):
        signatures.load_private_key(pem)


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
