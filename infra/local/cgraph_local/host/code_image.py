"""What a code image is made of: a process that has imported the code of layers and functions."""

import contextlib
import gc
import importlib
import os
import pkgutil
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel


def import_code(
    *, variables: Mapping[str, str], code: str, layers: Sequence[str], handlers: Sequence[str]
) -> None:
    """Imports all modules in the folders of the layers, and the modules of the functions in the
    folder `code`. `variables`: those that all these functions have. A module that cannot be
    imported is left to the functions that import it, which then tell why.
    """
    gc.disable()
    os.environ.clear()
    os.environ.update(variables)
    paths = [code, *layers]
    sys.path[:0] = paths
    layer_modules = [each.name for each in pkgutil.walk_packages(layers, onerror=lambda _: None)]
    for name in (*layer_modules, *handlers):
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    _build_models()
    del sys.path[: len(paths)]
    sys.stdout.flush()
    sys.stderr.flush()
    gc.collect()
    gc.freeze()
    gc.enable()


def _build_models() -> None:
    """Those that wait for their first use: building takes time and memory in each environment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for model in _subclasses(BaseModel):
            with contextlib.suppress(Exception):  # left to the function that uses it
                model.model_rebuild()


def _subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from _subclasses(each)
