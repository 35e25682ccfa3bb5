"""Tables larger than memory, taken in part after part."""

from __future__ import annotations

import ctypes as c
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arrays import aligned, as_array, as_matrix, as_observations, require_real
from ._library import DataError, check, library


class ReducedTable:
    """A tall table A, y in few rows: what least squares know of all rows taken in.

    Rows are taken in part after part, so that the table may be larger than memory. What becomes of them is a
    table of ``n + 1 + L`` rows with one weight for all: under any model of least squares a support has the same
    coefficients, the same loss and, with ``frequency_weights=True``, the same criteria there. What needs single
    rows is lost: other weights, folds and draws.

    Parameters
    ----------
    columns : int
        n, the columns of A.
    observations : int
        L, how many there are.

    Examples
    --------
    >>> import numpy as np
    >>> import sparse_recovery as sr
    >>> rng = np.random.default_rng(0)
    >>> table = sr.ReducedTable(20)
    >>> for _ in range(5):  # parts of a file, say
    ...     A = rng.standard_normal((10_000, 20))
    ...     table.add(A, 3 * A[:, 7] - A[:, 12] + rng.standard_normal(10_000))
    >>> A, y, weights = table.contents()
    >>> A.shape
    (22, 20)
    >>> sr.solve(A, y, 2, weights=weights, frequency_weights=True, intercept=True).support
    array([ 7, 12])
    """

    def __init__(self, columns: int, observations: int = 1) -> None:
        self._as_parameter_ = handle = c.c_void_p()
        check(library.sr_reduced_create(int(columns), int(observations), c.byref(handle)))
        self.columns, self.observations = int(columns), int(observations)

    def __del__(self) -> None:
        handle = self.__dict__.pop("_as_parameter_", None)
        if handle is not None:
            library.sr_reduced_destroy(handle)

    def __repr__(self) -> str:
        return f"ReducedTable({self.rows} rows, {self.columns} columns, {self.observations} observations)"

    def add(self, A: Any, y: Any, weights: Any = None) -> None:
        """Takes rows in.

        Parameters
        ----------
        A : array of shape (m, n)
            Copied once where it is not in Fortran order.
        y : array of shape (m,) or (m, L)
        weights : array of shape (m,)
            How many rows each row counts as, at least 0; ones unless given.
        """
        a, targets = as_matrix(A), as_observations(y)
        m = a.shape[0]
        count = 1 if targets.ndim == 1 else targets.shape[1]
        if (a.shape[1], count) != (self.columns, self.observations):
            raise DataError(
                f"expected {self.columns} columns and {self.observations} observations, "
                f"found {a.shape[1]} and {count}"
            )
        if targets.shape[0] != m:
            raise DataError(f"expected an observation with {m} numbers, found {targets.shape[0]}")
        w = None if weights is None else as_array(weights)
        require_real("rows", a)
        require_real("an observation", targets)
        if w is not None:
            require_real("weights", w)
            w = aligned(w, np.float64)
        if w is not None and w.shape != (m,):
            raise DataError(f"expected {m} weights, found an array of shape {w.shape}")
        stride = a.strides[1] // a.itemsize if a.shape[1] > 1 else max(m, 1)
        check(
            library.sr_reduced_add(
                self,
                a.ctypes.data,
                a.itemsize,
                m,
                stride,
                targets.ctypes.data,
                max(m, 1),
                None if w is None else w.ctypes.data,
            )
        )

    def merge(self, other: ReducedTable) -> None:
        """Takes in all rows of another table, which stays as it is."""
        if not isinstance(other, ReducedTable):
            raise TypeError(f"expected a ReducedTable, found {type(other).__name__}")
        check(library.sr_reduced_merge(self, other))

    @property
    def rows(self) -> int:
        """How many rows of positive weight were taken in."""
        return int(library.sr_reduced_rows(self))

    def contents(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """The few rows.

        Returns
        -------
        A : array of shape (N, n)
            In Fortran order, with N = n + 1 + L.
        y : array of shape (N,), or (N, L) of several observations
        weights : array of shape (N,)
            All the same; they sum to the number of rows taken in, or to their weights.
        """
        rows = int(library.sr_reduced_width(self))
        a = np.empty((rows, self.columns), order="F")
        y = np.empty((rows, self.observations), order="F")
        weight = c.c_double()
        check(library.sr_reduced_contents(self, a.ctypes.data, y.ctypes.data, c.byref(weight)))
        return a, y[:, 0] if self.observations == 1 else y, np.full(rows, weight.value)
