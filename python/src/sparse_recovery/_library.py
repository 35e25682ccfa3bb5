"""The C interface of sparse_recovery.h, by ctypes: a function called through CDLL releases the GIL."""

from __future__ import annotations

import ctypes as c
import os
from pathlib import Path
from typing import Any

ABI = 1


class SparseRecoveryError(Exception):
    """What the solver refused, or could not do."""


class DataError(SparseRecoveryError, ValueError):
    """The numbers given."""


class RequestError(SparseRecoveryError, ValueError):
    """The options given."""


class DeviceError(SparseRecoveryError, RuntimeError):
    """The device wanted."""


class InternalError(SparseRecoveryError, RuntimeError):
    """The solver itself."""


class OutOfMemoryError(SparseRecoveryError, MemoryError):
    """Memory that this machine does not give."""


class FileError(SparseRecoveryError, OSError):
    """A file that cannot be read or written."""


_ERRORS: dict[int, type[SparseRecoveryError]] = {
    -1: DataError,
    -2: RequestError,
    -3: DeviceError,
    -4: InternalError,
    -5: OutOfMemoryError,
    -6: FileError,
}


class Operator(c.Structure):
    """``sr_operator``."""

    COPY_COLUMNS = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(c.c_int64), c.c_int64, c.c_void_p)
    PRODUCT = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.c_void_p, c.c_void_p)
    _fields_ = [
        ("size", c.c_int64),
        ("rows", c.c_int64),
        ("columns", c.c_int64),
        ("fingerprint", c.c_uint64),
        ("context", c.c_void_p),
        ("copy_columns", COPY_COLUMNS),
        ("apply", PRODUCT),
        ("adjoint", PRODUCT),
        ("gram", c.c_void_p),
        ("squared_norms", c.c_void_p),
    ]


class Report(c.Structure):
    """``sr_report``."""

    _fields_ = [
        ("iteration", c.c_int64),
        ("observation", c.c_int64),
        ("support", c.POINTER(c.c_int64)),
        ("count", c.c_int64),
        ("relative_residual", c.c_double),
        ("best_relative_residual", c.c_double),
        ("seconds", c.c_double),
        ("is_new", c.c_int32),
        ("reserved", c.c_int32),
        ("solver", c.c_char_p),
    ]


class Watch(c.Structure):
    """``sr_watch``."""

    OBSERVE = c.CFUNCTYPE(c.c_int32, c.c_void_p, c.POINTER(Report))
    _fields_ = [
        ("stop", c.c_int32),
        ("reserved", c.c_int32),
        ("iteration", c.c_int64),
        ("best", c.c_double),
        ("observe", OBSERVE),
        ("context", c.c_void_p),
    ]


class SolutionRecord(c.Structure):
    """``sr_solution``."""

    _fields_ = [
        ("size", c.c_int64),
        ("sparsity", c.c_int64),
        ("count", c.c_int64),
        ("support", c.c_void_p),
        ("coefficients", c.c_void_p),
        ("intercept", c.c_double),
        ("residual_norm", c.c_double),
        ("relative_residual", c.c_double),
        ("iterations", c.c_int64),
        ("best_iteration", c.c_int64),
        ("explored", c.c_int64),
        ("matrix_passes", c.c_int64),
        ("rounds", c.c_int64),
        ("warnings", c.c_int64),
        ("stop_reason", c.c_char_p),
        ("found_by", c.c_char_p),
        ("engine", c.c_char_p),
        ("observation", c.c_int64),
        ("notices", c.c_int64),
        ("optimality_gap", c.c_double),
        ("imaginary_parts", c.c_void_p),
    ]


class DeviceRecord(c.Structure):
    """``sr_device``."""

    _fields_ = [
        ("size", c.c_int64),
        ("name", c.c_char_p),
        ("platform", c.c_char_p),
        ("vendor", c.c_char_p),
        ("driver", c.c_char_p),
        ("kind", c.c_char_p),
        ("memory", c.c_int64),
        ("has_double", c.c_int32),
        ("reserved", c.c_int32),
    ]


_P, _I32, _I64, _TEXT = c.c_void_p, c.c_int32, c.c_int64, c.c_char_p
_FUNCTIONS: list[tuple[str, Any, list[Any]]] = [
    ("sr_abi_version", _I32, []),
    ("sr_use_this_processor", _I32, []),
    ("sr_version", _TEXT, []),
    ("sr_last_error", _TEXT, []),
    ("sr_options_create", _P, []),
    ("sr_options_destroy", None, [_P]),
    ("sr_options_set", _I32, [_P, _TEXT, _TEXT]),
    ("sr_options_set_numbers", _I32, [_P, _TEXT, _P, _I64]),
    ("sr_problem_create", _I32, [_P, _I32, _I64, _I64, _I64, _P, c.POINTER(_P)]),
    ("sr_problem_open", _I32, [_TEXT, _P, c.POINTER(_P)]),
    ("sr_problem_of_sparse", _I32, [_I64, _I64, _P, _P, _P, _P, c.POINTER(_P)]),
    ("sr_problem_of_operator", _I32, [c.POINTER(Operator), _P, c.POINTER(_P)]),
    ("sr_problem_rows", _I64, [_P]),
    ("sr_problem_columns", _I64, [_P]),
    ("sr_problem_is_complex", _I32, [_P]),
    ("sr_problem_destroy", None, [_P]),
    ("sr_reduced_create", _I32, [_I64, _I64, c.POINTER(_P)]),
    ("sr_reduced_add", _I32, [_P, _P, _I32, _I64, _I64, _P, _I64, _P]),
    ("sr_reduced_merge", _I32, [_P, _P]),
    ("sr_reduced_rows", _I64, [_P]),
    ("sr_reduced_width", _I64, [_P]),
    ("sr_reduced_contents", _I32, [_P, _P, _P, c.POINTER(c.c_double)]),
    ("sr_reduced_destroy", None, [_P]),
    ("sr_solve", _I32, [_P, _P, _I64, _I64, _I64, _I64, _P, _P, c.POINTER(_P)]),
    ("sr_paths", _I32, [_P, _P, _I64, _I64, _I64, _I64, _I64, _P, _P, c.POINTER(_P)]),
    ("sr_results_count", _I64, [_P]),
    ("sr_results_solution", _I32, [_P, _I64, c.POINTER(SolutionRecord)]),
    ("sr_results_warning", _TEXT, [_P, _I64, _I64]),
    ("sr_results_notice", _TEXT, [_P, _I64]),
    ("sr_results_chosen", _I64, [_P]),
    ("sr_results_chosen_by", _I64, [_P, _TEXT]),
    ("sr_results_measure", _I32, [_P, _I64, _TEXT, _P, c.POINTER(c.c_double)]),
    ("sr_results_numbers", _I64, [_P, _TEXT, c.POINTER(_P)]),
    ("sr_results_destroy", None, [_P]),
    ("sr_device_count", _I64, []),
    ("sr_device_describe", _I32, [_I64, c.POINTER(DeviceRecord)]),
    ("sr_algorithm_name", _TEXT, [_I64]),
    ("sr_algorithm_summary", _TEXT, [_I64]),
    ("sr_option_name", _TEXT, [_TEXT, _I64]),
    ("sr_option_help", _TEXT, [_TEXT, _I64]),
]


def _load() -> c.CDLL:
    # Another build of the library may be named, for those who work on it.
    path = os.environ.get("SPARSE_RECOVERY_LIBRARY") or Path(__file__).with_name("libsparse_recovery.so")
    library = c.CDLL(os.fspath(path))
    for name, result, arguments in _FUNCTIONS:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    found = library.sr_abi_version()
    if found != ABI:
        raise ImportError(f"{path}: expected version {ABI} of the C interface, found {found}")
    # The OpenBLAS inside is older than some processors, and would use a fraction of their speed.
    library.sr_use_this_processor()
    return library


library = _load()


def check(status: int) -> None:
    """Raises what a call that returned ``status`` refused."""
    if status:
        message = (library.sr_last_error() or b"").decode("utf-8", "replace")
        raise _ERRORS.get(status, SparseRecoveryError)(message or f"status {status}")
