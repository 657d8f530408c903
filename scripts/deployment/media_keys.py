"""`make media-key`: a key pair with which URLs of private files are signed.

The public half is a parameter of the stack, the private half goes into the secret that the stack
makes for it. In between, the private half is in a file that only its owner can read: if the command
stops there, running it again goes on with the same pair.
"""

from dataclasses import replace
from pathlib import Path

import boto3
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from scripts.deployment.account import Account, parameters
from scripts.deployment.commands import Choice, deploy
from scripts.deployment.stage import Stage
from scripts.deployment.steps import ROOT, CommandError, print_line

BITS = 2048
"""CloudFront takes RSA keys of this size only."""
FOLDER = ROOT / "build"
PARAMETERS = {"first": "FirstMediaKey", "second": "SecondMediaKey"}


def make_media_key(stage: Stage, choice: Choice, *, name: str) -> None:
    """`name`: first or second, which are there for a rotation. Raises CommandError."""
    if name not in PARAMETERS:
        raise CommandError(f"KEY={name}: a stage has a first and a second key")
    file = FOLDER / f"media-{stage.name}-{name}.pem"
    if not choice.dry:
        _refuse_another(stage, name, resumes=file.exists())
    private = _private_key(file, dry=choice.dry)
    parameter = PARAMETERS[name]
    deploy(stage.with_parameter(parameter, public_half(private)), replace(choice, tested=False))
    secret = f"{stage.stack}-media-{name}"
    print_line(f"\nThe private half goes into the secret {secret}")
    if choice.dry:
        return
    client = boto3.client("secretsmanager", region_name=stage.region)
    client.put_secret_value(SecretId=secret, SecretString=pem(private))
    file.unlink()


def _refuse_another(stage: Stage, name: str, *, resumes: bool) -> None:
    """Whatever a key has signed would be refused at once if another one took its place."""
    stack = Account(stage.region).stack(stage.stack)
    if stack is None:
        raise CommandError(f"There is no {stage.stack}: make deploy STAGE={stage.name} first")
    if parameters(stack).get(PARAMETERS[name]) and not resumes:
        raise CommandError(
            f"{stage.stack} has a {name} key. To rotate it, make the other one: "
            f"KEY={'second' if name == 'first' else 'first'} (docs/operations.md, Keys of media)"
        )


def _private_key(file: Path, *, dry: bool) -> rsa.RSAPrivateKey:
    """That of the file, if there is one; otherwise a new one, which is written there."""
    if file.exists():
        loaded = serialization.load_pem_private_key(file.read_bytes(), password=None)
        assert isinstance(loaded, rsa.RSAPrivateKey), "this command has written it"
        return loaded
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    if not dry:
        file.parent.mkdir(exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(pem(key))
    return key


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_half(key: rsa.RSAPrivateKey) -> str:
    """As the parameter has it: the lines of the PEM without its first and last one, with commas."""
    written = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return ",".join(written.decode().splitlines()[1:-1])
