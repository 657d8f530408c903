"""Translates a SAM template to CloudFormation with AWS's own translator, with a cache."""

import hashlib
import importlib.metadata
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cgraph_local.template.problems import Problem, TemplateRefused
from cgraph_local.template.pseudo_parameters import REGION
from cgraph_local.template.yaml_loader import load_template, mark_local_code


def translate(path: Path, *, cache: Path | None) -> dict[str, Any]:
    """Returns the CloudFormation template. Raises TemplateRefused.

    `cache`: a file for the result, valid until the template or the translator changes. It takes a
    millisecond to read; the translator takes a second to import and to run.
    """
    version = importlib.metadata.version("aws-sam-translator")
    key = hashlib.sha256(path.read_bytes() + version.encode()).hexdigest()
    if cache is not None and cache.is_file():
        cached = json.loads(cache.read_text())
        if cached["key"] == key:
            return dict(cached["template"])
    template = _translate(path)
    if cache is not None:
        temporary = cache.with_suffix(".new")
        temporary.write_text(json.dumps({"key": key, "template": template}))
        temporary.replace(cache)
    return template


def _translate(path: Path) -> dict[str, Any]:
    import boto3
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    document = load_template(path)
    mark_local_code(document)
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # Each parameter stands for itself: the translator would write some defaults into the result.
    unresolved = {name: {"Ref": name} for name in document.get("Parameters", {})}
    # Without a map of managed policies their names stay names, and no request goes to AWS.
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    try:
        with _uncopied_documents():
            return dict(translator.translate(document, parameter_values=unresolved))
    except InvalidDocumentException as invalid:
        problems = [Problem("template.yaml", "", cause.message) for cause in invalid.causes]
        raise TemplateRefused(problems or [Problem("template.yaml", "", str(invalid))]) from invalid


@contextmanager
def _uncopied_documents() -> Iterator[None]:
    """For each route the translator copies the whole OpenAPI document three times, and then uses
    only the copy. With a hundred routes that is four fifths of its time.
    """
    from samtranslator.open_api import open_api

    copy = open_api._deepcopy
    open_api._deepcopy = lambda document: document
    try:
        yield
    finally:
        open_api._deepcopy = copy
