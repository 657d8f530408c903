"""What the SAM translator makes of template.yaml, kept for as long as neither changes."""

import hashlib
import importlib.metadata
import json
import logging
from pathlib import Path
from typing import Any

from cgraph_local.template.problems import Problem, TemplateRefused
from cgraph_local.template.yaml_loader import load, mark_local_code

REGION = "us-east-1"


def translate(path: Path, *, cache: Path | None) -> dict[str, Any]:
    """The translator takes a second to import and to run; a kept result takes a millisecond."""
    version = importlib.metadata.version("aws-sam-translator")
    key = hashlib.sha256(path.read_bytes() + version.encode()).hexdigest()
    if cache is not None and cache.is_file():
        kept = json.loads(cache.read_text())
        if kept["key"] == key:
            return dict(kept["template"])
    template = _translate(path)
    if cache is not None:
        fresh = cache.with_suffix(".new")
        fresh.write_text(json.dumps({"key": key, "template": template}))
        fresh.replace(cache)
    return template


def _translate(path: Path) -> dict[str, Any]:
    import boto3
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator

    document = load(path)
    mark_local_code(document)
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    # No map of managed policies: their names stay names, and nothing is asked of AWS.
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=REGION))
    try:
        return dict(translator.translate(document, parameter_values={}))
    except InvalidDocumentException as invalid:
        problems = [Problem("template.yaml", "", cause.message) for cause in invalid.causes]
        raise TemplateRefused(problems or [Problem("template.yaml", "", str(invalid))]) from invalid
