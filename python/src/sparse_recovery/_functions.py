"""Functions of the package that need no object."""

from __future__ import annotations

import ctypes as c
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ._arrays import as_array
from ._library import DeviceRecord, check, library
from ._problem import Problem


@lru_cache
def option_names(owner: str) -> frozenset[str]:
    """The names of :func:`options`, with underscores, asked for once."""
    return frozenset(name.replace("-", "_") for name in options(owner))


def _stated(A: Any, y: Any, given: dict[str, Any]) -> tuple[Problem, Any, dict[str, Any]]:
    """The problem, with the options that are its own, ``threads`` among them; y, and all other options.

    Of a complex y A is taken as complex.
    """
    own = option_names("problem")
    problem = {name: value for name, value in given.items() if name in own}
    others = {name: value for name, value in given.items() if name not in own}
    y = as_array(y)
    if np.iscomplexobj(y):
        problem.setdefault("complex", True)
    return Problem(A, **problem), y, others


def solve(A: Any, y: Any, k: int, **options: Any) -> Any:
    """Finds the at most ``k`` columns of ``A`` that explain ``y`` best.

    Parameters
    ----------
    A : array of shape (m, n), path, sparse matrix or linear operator
        See :class:`Problem`.
    y : array of shape (m,) or (m, L)
        One observation, or several, one a column. Where one of A and y is complex, both are taken as such.
    k : int
        The most columns to select.
    **options
        Those of :class:`Problem`, such as ``intercept``, ``loss``, ``ridge``, ``backend``, and those of
        :meth:`Problem.solve`, such as ``algorithm``, ``time_limit``, ``joint``.

    Returns
    -------
    Solution, or a list of them for a matrix of observations

    Examples
    --------
    >>> import numpy as np
    >>> import sparse_recovery as sr
    >>> A = np.eye(4)
    >>> sr.solve(A, [0, 5, 0, -2], 2, algorithm="omp").support
    array([1, 3])
    """
    problem, y, others = _stated(A, y, options)
    return problem.solve(y, k, **others)


def path(A: Any, y: Any, k: Any, **options: Any) -> Any:
    """Solves every sparsity of a range, and chooses one of them: see :meth:`Problem.path`.

    Parameters
    ----------
    A : array of shape (m, n), path, sparse matrix or linear operator
        See :class:`Problem`.
    y : array of shape (m,) or (m, L)
        One observation, or several, one a column. Where one of A and y is complex, both are taken as such.
    k : int, (int, int) or range
        The largest sparsity, of a range from 1; or the smallest and the largest.
    **options
        Those of :class:`Problem` and of :meth:`Problem.path`.

    Returns
    -------
    Path, or a list of them for a matrix of observations, or a JointPath for one with ``joint``

    Examples
    --------
    >>> import numpy as np
    >>> import sparse_recovery as sr
    >>> rng = np.random.default_rng(0)
    >>> A = rng.standard_normal((100, 20))
    >>> y = A[:, [3, 8, 11]] @ [2, -1, 3] + 0.1 * rng.standard_normal(100)
    >>> sr.path(A, y, 6).best.support
    array([ 3,  8, 11])
    """
    problem, y, others = _stated(A, y, options)
    return problem.path(y, k, **others)


@dataclass(frozen=True)
class Device:
    """An OpenCL device: what ``device=`` takes the number or a part of the name of."""

    number: int
    name: str
    platform: str
    vendor: str
    driver: str
    kind: str
    memory: int
    has_double: bool


def devices() -> list[Device]:
    """The OpenCL devices of this machine, GPUs first. Looked for at the first call."""
    found = []
    record = DeviceRecord(size=c.sizeof(DeviceRecord))
    for number in range(library.sr_device_count()):
        check(library.sr_device_describe(number, c.byref(record)))
        texts = (record.name, record.platform, record.vendor, record.driver, record.kind)
        name, platform, vendor, driver, kind = (text.decode("utf-8", "replace") for text in texts)
        found.append(
            Device(number, name, platform, vendor, driver, kind, record.memory, bool(record.has_double))
        )
    return found


def _table(name: Any, help: Any, *owner: Any) -> dict[str, str]:
    table: dict[str, str] = {}
    while (text := name(*owner, len(table))) is not None:
        table[text.decode()] = help(*owner, len(table)).decode()
    return table


def algorithms() -> dict[str, str]:
    """The name of every algorithm, with a line about it."""
    return _table(library.sr_algorithm_name, library.sr_algorithm_summary)


def options(owner: str) -> dict[str, str]:
    """The options of an algorithm by its name, or of every ``"solve"``, ``"path"`` or ``"problem"``.

    They are given with underscores: ``time_limit=10``.
    """
    return _table(library.sr_option_name, library.sr_option_help, owner.encode())
