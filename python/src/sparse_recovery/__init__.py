"""Sparse support recovery: the at most k columns of A that explain y best.

>>> import numpy as np
>>> import sparse_recovery as sr
>>> A = np.random.default_rng(0).standard_normal((50, 200))
>>> found = sr.solve(A, 3 * A[:, 7] - A[:, 42], 2)
>>> found.support, found.coefficients.round(6)
(array([ 7, 42]), array([ 3., -1.]))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._functions import Device, algorithms, devices, options, path, solve
from ._library import (
    DataError,
    DeviceError,
    FileError,
    InternalError,
    OutOfMemoryError,
    RequestError,
    SparseRecoveryError,
)
from ._library import (
    library as _library,
)
from ._paths import JointPath, Path
from ._problem import Interrupted, Problem
from ._reduced import ReducedTable
from ._results import Solution

if TYPE_CHECKING:
    from ._estimators import SEARegressor, SparseClassifier, SparsePathCV, SparseRegressor
    from ._pursuit import orthogonal_mp, orthogonal_mp_gram

__version__: str = _library.sr_version().decode()

__all__ = [
    "DataError",
    "Device",
    "DeviceError",
    "FileError",
    "InternalError",
    "Interrupted",
    "JointPath",
    "OutOfMemoryError",
    "Path",
    "Problem",
    "ReducedTable",
    "RequestError",
    "SEARegressor",
    "Solution",
    "SparseClassifier",
    "SparsePathCV",
    "SparseRecoveryError",
    "SparseRegressor",
    "algorithms",
    "devices",
    "options",
    "orthogonal_mp",
    "orthogonal_mp_gram",
    "path",
    "solve",
]

# What messages and pickles call them: the name that people import.
for _class in (
    *(DataError, DeviceError, FileError, InternalError, Interrupted, OutOfMemoryError, RequestError),
    *(SparseRecoveryError, Device, JointPath, Path, Problem, ReducedTable, Solution),
):
    _class.__module__ = __name__

_ESTIMATORS = {"SEARegressor", "SparseClassifier", "SparsePathCV", "SparseRegressor"}
_PURSUITS = {"orthogonal_mp", "orthogonal_mp_gram"}


def __getattr__(name: str) -> Any:
    # scikit-learn takes a second to import: only who asks for an estimator waits for it.
    if name in _ESTIMATORS:
        from . import _estimators

        return getattr(_estimators, name)
    if name in _PURSUITS:
        from . import _pursuit

        return getattr(_pursuit, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_ESTIMATORS, *_PURSUITS])
