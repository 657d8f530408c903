"""`make media-key`, as far as it can be tried without an account."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from scripts.deployment.media_keys import FOLDER, pem, public_half
from tests.contract.test_deployment import run_command


def test_the_plan_deploys_the_public_half_and_names_the_secret() -> None:
    done = run_command("media-key", "--stage", "trial", "--dry", "1")

    assert done.returncode == 0, done.stderr
    assert "FirstMediaKey=MII" in done.stdout
    assert "secret cgraph-trial-media-first" in done.stdout
    assert "PRIVATE KEY" not in done.stdout
    assert not (FOLDER / "media-trial-first.pem").exists()


def test_a_stage_has_two_keys() -> None:
    second = run_command("media-key", "--stage", "trial", "--key", "second", "--dry", "1")
    assert "SecondMediaKey=MII" in second.stdout
    third = run_command("media-key", "--stage", "trial", "--key", "third", "--dry", "1")
    assert "a first and a second key" in third.stderr
    assert "Name the stage" in run_command("media-key").stderr


def test_the_parameter_and_the_secret_are_halves_of_one_pair() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    lines = "\n".join(public_half(key).split(","))
    public = serialization.load_pem_public_key(
        f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n".encode()
    )
    private = serialization.load_pem_private_key(pem(key).encode(), password=None)
    assert private.public_key() == public
