"""A as people have it, as the C interface takes it."""

from __future__ import annotations

import ctypes as c
import threading
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._library import DataError, Operator


def as_array(values: Any) -> NDArray[Any]:
    """A NumPy array of host memory: without a copy where ``values`` has that, by one copy from a device."""
    if type(values) is np.ndarray:
        return values
    refuse_masked(values)
    if isinstance(values, np.ndarray):  # np.matrix, whose slices and products are matrices
        return np.asarray(values)
    if hasattr(values, "iloc"):
        return _frame_numbers(values)
    module = type(values).__module__.partition(".")[0]
    if module == "cupy":
        return np.asarray(values.get())
    if module == "torch":
        return np.asarray(values.detach().cpu().numpy())
    if hasattr(values, "__dlpack__") and not hasattr(values, "__array__"):
        return np.from_dlpack(values)
    return np.asarray(values)


def refuse_masked(values: Any) -> None:
    """Refuses an array of NumPy with masked entries, which have no number."""
    if np.ma.is_masked(values):
        raise DataError("expected numbers, found masked entries: fill them, or leave their rows out")


def _frame_numbers(frame: Any) -> NDArray[Any]:
    """The numbers of a frame or series of pandas: NaN where one is missing."""
    numbers: NDArray[Any] = frame.to_numpy()
    if numbers.dtype == object and all(kind.kind in _REAL for kind in np.atleast_1d(frame.dtypes)):
        # Types of several kinds, or of pandas itself.
        numbers = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    return numbers


# The kinds of types whose values are real numbers.
_REAL = "fiub"


def aligned(values: Any, dtype: Any) -> NDArray[Any]:
    """An array of this type in column-major order, at an address that its numbers may have."""
    a = np.asfortranarray(values, dtype=dtype)
    return a if a.flags.aligned else a.copy("F")


def _real_matrix(values: Any) -> NDArray[Any]:
    a = as_array(values)
    if a.ndim != 2:
        raise DataError(f"expected a matrix, found an array of {a.ndim} dimensions")
    if a.dtype.kind not in _REAL:
        raise TypeError(f"expected a matrix of real numbers, found {a.dtype}")
    return a


def as_matrix(values: Any) -> NDArray[Any]:
    """A column-major matrix of single or double precision: ``values`` itself where it is one."""
    a = _real_matrix(values)
    if a.dtype not in (np.float32, np.float64) or not _is_column_major(a):
        a = aligned(a, np.float32 if a.dtype == np.float32 else np.float64)
    return a


def as_observations(values: Any) -> NDArray[np.float64]:
    """One observation, or several, one a column, in column-major order."""
    y = as_array(values)
    if y.ndim not in (1, 2):
        raise DataError(f"expected an observation or a matrix of them, found an array of {y.ndim} dimensions")
    if y.dtype.kind not in _REAL:
        raise TypeError(f"expected an observation of real numbers, found {y.dtype}")
    return aligned(y, np.float64)


def address(array: Any) -> Any:
    """Where the numbers of an array lie, as C takes it; the array must live on."""
    try:
        # A quarter of the time of array.ctypes, which the smallest solves would wait for.
        return c.byref(c.c_char.from_buffer(array))
    except (TypeError, ValueError):  # read-only, in several columns, or empty
        return array.ctypes.data


def _is_column_major(a: NDArray[Any]) -> bool:
    (m, n), step = a.shape, a.itemsize
    return bool(
        a.flags.aligned
        and a.dtype.isnative
        and (m <= 1 or a.strides[0] == step)
        and (n <= 1 or (a.strides[1] >= max(m, 1) * step and a.strides[1] % step == 0))
    )


def is_sparse(values: Any) -> bool:
    """Whether ``values`` is a sparse matrix of SciPy, or of anybody with its methods."""
    return not isinstance(values, np.ndarray) and hasattr(values, "tocsc")


def is_operator(values: Any) -> bool:
    """Whether ``values`` is a linear operator of SciPy, or of anybody with its methods."""
    if isinstance(values, np.ndarray) or hasattr(values, "__array__"):
        return False
    return hasattr(values, "matvec") and hasattr(values, "rmatvec")


def sparse_columns(values: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """The starts, rows and numbers of a sparse matrix by columns, as ``sr_problem_of_sparse`` takes them."""
    matrix = values.tocsc()
    if np.iscomplexobj(matrix.data):
        raise TypeError("expected a matrix of real numbers, found complex ones")
    return (
        aligned(matrix.indptr, np.int64),
        aligned(matrix.indices, np.int64),
        aligned(matrix.data, np.float64),
    )


def multiplied(values: Any, columns: NDArray[np.int64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """The product of some columns of a matrix or an operator, which alone are read where that can be, and ``x``."""
    if is_operator(values):
        unfolded = np.zeros(values.shape[1])
        unfolded[columns] = x
        product = values.matvec(unfolded)
    elif is_sparse(values):
        product = values.tocsc()[:, columns] @ x
    elif hasattr(values, "iloc"):
        product = _real_matrix(values.iloc[:, columns]) @ x
    else:
        product = _real_matrix(values)[:, columns] @ x
    return _real_vector(product)


def _real_vector(product: Any) -> NDArray[np.float64]:
    """What a product with a matrix is, in one dimension, where that is real."""
    numbers = np.ravel(product)
    if np.iscomplexobj(numbers):
        raise TypeError("expected a matrix of real numbers, found one with complex products")
    return np.asarray(numbers, dtype=np.float64)


class CallbackOperator:
    """A linear operator of SciPy as ``sr_operator``.

    What a function raises is kept, and raised again once the solve has ended.
    """

    def __init__(self, values: Any) -> None:
        self.shape: tuple[int, int] = values.shape
        self.source = values
        self.error: BaseException | None = None
        self._lock = threading.Lock()
        probe = np.cos(np.arange(values.shape[1], dtype=np.float64))
        fingerprint = zlib.crc32(_real_vector(values.matvec(probe)).tobytes())
        m, n = self.shape
        self.record = Operator(
            size=c.sizeof(Operator),
            rows=m,
            columns=n,
            fingerprint=fingerprint,
            context=None,
            copy_columns=Operator.COPY_COLUMNS(self._copy_columns),
            apply=Operator.PRODUCT(
                lambda _, x, y: self._product(values.matvec, x, n, y, m)  # type: ignore[misc]
            ),
            adjoint=Operator.PRODUCT(
                lambda _, r, z: self._product(values.rmatvec, r, m, z, n)  # type: ignore[misc]
            ),
        )

    def _unit_products(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        result = np.empty((self.shape[0], len(columns)), order="F")
        for place, j in enumerate(columns):
            unit = np.zeros(self.shape[1])
            unit[j] = 1
            result[:, place] = _real_vector(self.source.matvec(unit))
        return result

    def _copy_columns(self, _: Any, columns: Any, count: int, target: int) -> int:
        def copy() -> None:
            wanted = np.array(columns[:count], dtype=np.int64)
            found = self._unit_products(wanted)
            _view(target, self.shape[0] * count)[:] = found.ravel(order="F")

        return self._answer(copy)

    def _product(self, function: Any, x: int, length: int, y: int, height: int) -> int:
        def multiply() -> None:
            _view(y, height)[:] = _real_vector(function(_view(x, length)))

        return self._answer(multiply)

    def _answer(self, compute: Any) -> int:
        try:
            compute()
            return 0
        except BaseException as error:  # it must not pass through C
            with self._lock:
                self.error = self.error or error
            return 1

    def raise_error(self) -> None:
        """Raises what a function has raised meanwhile."""
        with self._lock:
            error, self.error = self.error, None
        if error is not None:
            raise error


def _view(address: int, count: int) -> NDArray[np.float64]:
    return np.ctypeslib.as_array(c.cast(address, c.POINTER(c.c_double)), (count,))
