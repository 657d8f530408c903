"""What a code image is made of: a process that has imported the code of the layers."""

import contextlib
import gc
import importlib
import os
import pkgutil
import sys
from collections.abc import Mapping, Sequence


def import_code(*, variables: Mapping[str, str], paths: Sequence[str]) -> None:
    """Imports all modules in `paths`, the folders of layers. `variables`: those that all functions
    with these layers have. A module that cannot be imported is left to the functions that import
    it, which then tell why.
    """
    os.environ.clear()
    os.environ.update(variables)
    sys.path[:0] = paths
    for package in pkgutil.walk_packages(paths, onerror=lambda _: None):
        with contextlib.suppress(Exception):
            importlib.import_module(package.name)
    del sys.path[: len(paths)]
    sys.stdout.flush()
    sys.stderr.flush()
    gc.collect()
    gc.freeze()
