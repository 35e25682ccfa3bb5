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


# The kinds of types whose values are real numbers, and those with complex ones.
_REAL = "fiub"
_NUMBERS = _REAL + "c"


def aligned(values: Any, dtype: Any) -> NDArray[Any]:
    """An array of this type in column-major order, at an address that its numbers may have."""
    a = np.asfortranarray(values, dtype=dtype)
    return a if a.flags.aligned else a.copy("F")


def _matrix(values: Any) -> NDArray[Any]:
    a = as_array(values)
    if a.ndim != 2:
        raise DataError(f"expected a matrix, found an array of {a.ndim} dimensions")
    if a.dtype.kind not in _NUMBERS:
        raise TypeError(f"expected a matrix of numbers, found {a.dtype}")
    return a


def as_matrix(values: Any, is_complex: bool = False) -> NDArray[Any]:
    """A column-major matrix of single or double precision: ``values`` itself where it is one.

    It is one of complex numbers where ``values`` is, or where that is asked for.
    """
    a = _matrix(values)
    dtype: Any = np.float32 if a.dtype == np.float32 else np.float64
    if is_complex or np.iscomplexobj(a):
        dtype = np.complex64 if a.dtype in (np.float32, np.complex64) else np.complex128
    return a if a.dtype == dtype and _is_column_major(a) else aligned(a, dtype)


def as_observations(values: Any) -> NDArray[Any]:
    """One observation, or several, one a column, in column-major order: of double or complex128."""
    y = as_array(values)
    if y.ndim not in (1, 2):
        raise DataError(f"expected an observation or a matrix of them, found an array of {y.ndim} dimensions")
    if y.dtype.kind not in _NUMBERS:
        raise TypeError(f"expected an observation of numbers, found {y.dtype}")
    return aligned(y, np.complex128 if y.dtype.kind == "c" else np.float64)


def require_real(what: str, numbers: NDArray[Any]) -> None:
    """Refuses complex numbers, whose imaginary parts NumPy would drop."""
    if np.iscomplexobj(numbers):
        raise TypeError(f"expected {what} of real numbers, found {numbers.dtype}")


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


def sparse_columns(
    values: Any, is_complex: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]:
    """The starts, rows and numbers of a sparse matrix by columns, as ``sr_problem_of_sparse`` takes them.

    The numbers are complex where those of the matrix are, or where that is asked for.
    """
    matrix = values.tocsc()
    is_complex = is_complex or np.iscomplexobj(matrix.data)
    return (
        aligned(matrix.indptr, np.int64),
        aligned(matrix.indices, np.int64),
        aligned(matrix.data, np.complex128 if is_complex else np.float64),
    )


def multiplied(values: Any, columns: NDArray[np.int64], x: NDArray[Any]) -> NDArray[Any]:
    """The product of some columns of a matrix or an operator, which alone are read where that can be, and ``x``."""
    if is_operator(values):
        unfolded = np.zeros(values.shape[1], dtype=x.dtype)
        unfolded[columns] = x
        product = _by_parts(values.matvec, unfolded) if np.iscomplexobj(x) else values.matvec(unfolded)
    elif is_sparse(values):
        product = values.tocsc()[:, columns] @ x
    elif hasattr(values, "iloc"):
        product = _matrix(values.iloc[:, columns]) @ x
    else:
        product = _matrix(values)[:, columns] @ x
    return _vector(product, np.iscomplexobj(x))


def _vector(product: Any, is_complex: bool) -> NDArray[Any]:
    """What a product with a matrix is, in one dimension: complex, or real, where it must be so."""
    numbers = np.ravel(product)
    if np.iscomplexobj(numbers) and not is_complex:
        raise TypeError("expected a matrix of real numbers, found one with complex products")
    return np.asarray(numbers, dtype=np.complex128 if is_complex else np.float64)


def _by_parts(function: Any, x: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """The product of what may take real numbers alone, and a complex vector."""
    real, imaginary = (np.ravel(function(np.ascontiguousarray(part))) for part in (x.real, x.imag))
    return np.asarray(real + 1j * imaginary, dtype=np.complex128)


class CallbackOperator:
    """A linear operator of SciPy as ``sr_operator``.

    What a function raises is kept, and raised again once the solve has ended.
    """

    def __init__(self, values: Any, is_complex: bool = False) -> None:
        self.shape: tuple[int, int] = values.shape
        self.source = values
        self.error: BaseException | None = None
        self._lock = threading.Lock()
        m, n = self.shape
        # One that is declared to be complex is asked for what it is made for.
        given = np.complex128 if getattr(getattr(values, "dtype", None), "kind", None) == "c" else np.float64
        product = values.matvec(np.cos(np.arange(n)).astype(given))
        # A complex one is known by either; a real one may be asked for as complex.
        self._takes_complex = given is np.complex128 or np.iscomplexobj(product)
        self.is_complex = is_complex or self._takes_complex
        self._type: Any = np.complex128 if self.is_complex else np.float64
        if self.is_complex and getattr(values, "clinear", True) is False:  # PyLops says so
            raise TypeError("expected an operator linear in complex numbers, found one in real numbers")
        fingerprint = zlib.crc32(_vector(product, self.is_complex).tobytes())
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

    def _unit_products(self, columns: NDArray[np.int64]) -> NDArray[Any]:
        result = np.empty((self.shape[0], len(columns)), dtype=self._type, order="F")
        for place, j in enumerate(columns):
            unit = np.zeros(self.shape[1], dtype=np.complex128 if self._takes_complex else np.float64)
            unit[j] = 1
            result[:, place] = _vector(self.source.matvec(unit), self.is_complex)
        return result

    def _copy_columns(self, _: Any, columns: Any, count: int, target: int) -> int:
        def copy() -> None:
            wanted = np.array(columns[:count], dtype=np.int64)
            found = self._unit_products(wanted)
            self._view(target, self.shape[0] * count)[:] = found.ravel(order="F")

        return self._answer(copy)

    def _product(self, function: Any, x: int, length: int, y: int, height: int) -> int:
        def multiply() -> None:
            given = self._view(x, length)
            by_parts = self.is_complex and not self._takes_complex
            product = _by_parts(function, given) if by_parts else function(given)
            self._view(y, height)[:] = _vector(product, self.is_complex)

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

    def _view(self, address: int, count: int) -> NDArray[Any]:
        """So many numbers in memory of C."""
        doubles = 2 * count if self.is_complex else count
        return np.ctypeslib.as_array(c.cast(address, c.POINTER(c.c_double)), (doubles,)).view(self._type)
