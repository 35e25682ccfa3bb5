"""Options by name, as the C interface takes them."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arrays import aligned, as_array
from ._library import RequestError, check, library

# Lists of columns, which may be masks.
_COLUMNS = {"include", "exclude"}
# Values that are never changed, and equal only where they are one text; with their types, for True equals 1.
_WORDS = (str, bool, int, float, np.generic, type(None))


def as_text(name: str, value: str | bytes | os.PathLike[Any]) -> bytes:
    """A word or a path as C takes it: UTF-8, ended by the only zero byte."""
    text = os.fsencode(value)
    if b"\0" in text:
        raise RequestError(f"{name}: expected a text, found a zero byte in it")
    try:
        text.decode()
    except UnicodeDecodeError:
        raise RequestError(f"{name}: expected a text in UTF-8, found {text!r}") from None
    return text


def listed(value: Any) -> Any:
    """A list of what can only be iterated over, such as a set or an iterator; anything else as it is."""
    return list(value) if hasattr(value, "__iter__") and not hasattr(value, "__getitem__") else value


class Options:
    """Named options, as text or as lists of numbers.

    Attributes
    ----------
    masks : dict of int
        How many columns each list of columns speaks of that is a mask.
    """

    __slots__ = ("_as_parameter_", "masks")

    def __init__(self, values: dict[str, Any]) -> None:
        self._as_parameter_: int | None = library.sr_options_create()
        self.masks: dict[str, int] = {}
        for name, value in values.items():
            if value is not None:
                self._set(name.replace("_", "-"), value)

    def _set(self, name: str, value: Any) -> None:
        if getattr(value, "ndim", None) == 0:
            value = value.item()
        if name in _COLUMNS:
            numbers = np.atleast_1d(numbers_of(name, value))
            if numbers.dtype == bool:
                self.masks[name] = numbers.size
                numbers = np.flatnonzero(numbers)
            self._set_list(name, numbers)
        elif name == "column-groups":
            # Labels of any kind; numbers in ascending order, as the library names them in no message.
            labels = np.asarray(listed(value))
            self._set_list(name, np.unique(labels, return_inverse=True)[1])
        elif isinstance(value, (str, bytes, os.PathLike)):
            self._set_text(name, as_text(name, value))
        elif hasattr(value, "__len__") or hasattr(value, "__iter__"):
            self._set_list(name, numbers_of(name, value))
        elif isinstance(value, bool):
            self._set_text(name, b"true" if value else b"false")
        elif hasattr(value, "__index__"):
            self._set_text(name, b"%d" % value.__index__())
        else:
            # The shortest decimal that names this double and no other.
            self._set_text(name, repr(float(value)).encode())

    def _set_text(self, name: str, text: bytes) -> None:
        check(library.sr_options_set(self, name.encode(), text))

    def _set_list(self, name: str, numbers: NDArray[Any]) -> None:
        doubles = aligned(numbers.ravel(), np.float64)
        check(library.sr_options_set_numbers(self, name.encode(), doubles.ctypes.data, doubles.size))

    @classmethod
    def of(cls, algorithm: str, values: dict[str, Any]) -> Options:
        """Options of these values, made once where all of them are words or numbers."""
        if not values:
            return _known_options(algorithm)
        if all(isinstance(value, _WORDS) for value in values.values()):
            return _known_options(algorithm, tuple((*item, type(item[1])) for item in values.items()))
        return cls({"algorithm": algorithm, **values})

    def __del__(self) -> None:
        handle, self._as_parameter_ = getattr(self, "_as_parameter_", None), None
        if handle:
            library.sr_options_destroy(handle)


def numbers_of(name: str, values: Any, may_be_complex: bool = False) -> NDArray[Any]:
    """The numbers of an option that is a list of them."""
    numbers = as_array(listed(values))
    if numbers.dtype.kind not in ("fiubc" if may_be_complex else "fiub"):
        raise TypeError(f"{name}: expected {'' if may_be_complex else 'real '}numbers, found {numbers.dtype}")
    return numbers


@lru_cache(maxsize=128)
def _known_options(algorithm: str, items: tuple[tuple[str, Any, type], ...] = ()) -> Options:
    return Options({"algorithm": algorithm, **{name: value for name, value, _ in items}})
