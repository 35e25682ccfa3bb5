"""What solves and paths return."""

from __future__ import annotations

import ctypes as c
import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._library import SolutionRecord, check, library

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class Solution:
    """The best support found for one observation, and how it was found.

    Attributes
    ----------
    support : ndarray of int64
        The columns selected, in ascending order, counted from zero.
    coefficients : ndarray of float64
        The coefficients of these columns, as given.
    intercept : float
        The constant added to ``A @ x``; 0 where none is fitted.
    residual_norm : float
        ``norm(y - A @ x - intercept)``, weighted where there are weights.
    relative_residual : float
        The same over ``norm(y)``, or over what the intercept and the columns included leave by themselves.
    columns : int
        The columns of A.
    sparsity : int
        The most columns that could be selected.
    iterations, explored, best_iteration, matrix_passes, rounds : int
        Supports evaluated, distinct ones among them, when the one returned was first seen, how often A was
        read from end to end, and rounds of search.
    stop_reason : str
        ``residual``, ``iterations``, ``time``, ``stagnation``, ``converged``, ``interrupted`` or ``failed``.
    found_by : str
        The algorithm whose support this is.
    engine : str
        Where products with A were computed.
    warnings : tuple of str
        What one should know: zero columns, dependent columns, a device that was replaced.
    notices : tuple of str
        What was guessed or done on the way: how a file was read, that a tall table was reduced.
    """

    support: NDArray[np.int64]
    coefficients: NDArray[np.float64]
    intercept: float
    residual_norm: float
    relative_residual: float
    columns: int
    sparsity: int
    iterations: int
    explored: int
    best_iteration: int
    matrix_passes: int
    rounds: int
    stop_reason: str
    found_by: str
    engine: str
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()

    def dense(self) -> NDArray[np.float64]:
        """The coefficients of all columns, zeros outside the support."""
        x = np.zeros(self.columns)
        x[self.support] = self.coefficients
        return x

    def predict(self, A: ArrayLike) -> NDArray[np.float64]:
        """``A @ x + intercept`` for rows like those of the problem: reads the columns of the support alone."""
        rows: Any = A if hasattr(A, "shape") and hasattr(A, "__matmul__") else np.asarray(A)
        chosen = rows.iloc[:, self.support].to_numpy() if hasattr(rows, "iloc") else rows[:, self.support]
        return np.asarray(chosen @ self.coefficients + self.intercept)

    def __repr__(self) -> str:
        shown = ", ".join(f"{j}: {value:.6g}" for j, value in zip(self.support[:8], self.coefficients[:8]))
        more = ", …" if len(self.support) > 8 else ""
        return (
            f"Solution({len(self.support)} of {self.columns} columns {{{shown}{more}}}, "
            f"relative residual {self.relative_residual:.6g}, {self.stop_reason})"
        )

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:right'>{j}</td><td style='text-align:right'>{value:.6g}</td></tr>"
            for j, value in zip(self.support[:50], self.coefficients[:50])
        )
        more = f"<p>{len(self.support) - 50} more columns</p>" if len(self.support) > 50 else ""
        facts = (
            f"relative residual <b>{self.relative_residual:.6g}</b>, "
            f"{self.iterations} supports evaluated, ended: {html.escape(self.stop_reason)}, "
            f"found by {html.escape(self.found_by)} on {html.escape(self.engine)}"
        )
        notes = "".join(f"<li>{html.escape(text)}</li>" for text in self.warnings + self.notices)
        return (
            f"<div><b>{len(self.support)} of {self.columns} columns</b><p>{facts}</p>"
            f"<table><tr><th>column</th><th>coefficient</th></tr>{rows}</table>{more}"
            + (f"<ul>{notes}</ul>" if notes else "")
            + "</div>"
        )

    def plot(self, ax: Axes | None = None, truth: ArrayLike | None = None) -> Axes:
        """Draws the coefficients as stems; see :func:`sparse_recovery.plotting.plot_support`."""
        from .plotting import plot_support

        return plot_support(self, ax=ax, truth=truth)


@dataclass(frozen=True, repr=False, eq=False)
class Path:
    """The solutions for a range of sparsities, and the one chosen.

    Attributes
    ----------
    points : tuple of Solution
        By ascending sparsity.
    chosen : int
        The place of the one that the criterion chose.
    criterion : ndarray or None
        What was compared, for each point: an information criterion, or the mean error held out.
    standard_errors : ndarray or None
        Of the means of cross-validation.
    fold_errors : ndarray or None
        The error held out, one row a fold.
    notices : tuple of str
        What one should know before trusting the choice.
    draws : int
        How many draws of rows were complete: of ``bootstrap``, or the pairs of ``subsample``.
    frequencies : ndarray or None
        How often each column was chosen in the paths of these draws, one row a point: a share from 0 to 1.
    held_out_errors, held_out_deviations : ndarray or None
        The mean error on the rows that a draw left out, and its standard deviation, for each point.
    """

    points: tuple[Solution, ...]
    chosen: int
    criterion: NDArray[np.float64] | None = None
    standard_errors: NDArray[np.float64] | None = None
    fold_errors: NDArray[np.float64] | None = None
    notices: tuple[str, ...] = field(default=())
    draws: int = 0
    frequencies: NDArray[np.float64] | None = None
    held_out_errors: NDArray[np.float64] | None = None
    held_out_deviations: NDArray[np.float64] | None = None

    @property
    def best(self) -> Solution:
        """The solution chosen."""
        return self.points[self.chosen]

    @property
    def sparsities(self) -> NDArray[np.int64]:
        """The sparsity of each point."""
        return np.array([point.sparsity for point in self.points], dtype=np.int64)

    @property
    def relative_residuals(self) -> NDArray[np.float64]:
        """The relative residual of each point."""
        return np.array([point.relative_residual for point in self.points])

    def dense(self) -> NDArray[np.float64]:
        """The coefficients of all columns, one column a point."""
        return np.stack([point.dense() for point in self.points], axis=1)

    def __len__(self) -> int:
        return len(self.points)

    def __getitem__(self, place: int) -> Solution:
        return self.points[place]

    def __repr__(self) -> str:
        first, last = self.points[0].sparsity, self.points[-1].sparsity
        return f"Path(k = {first} … {last}, chosen k = {self.best.sparsity}: {self.best!r})"

    def _repr_html_(self) -> str:
        def row(place: int, point: Solution) -> str:
            value = "" if self.criterion is None else f"{self.criterion[place]:.6g}"
            mark = "<b>chosen</b>" if place == self.chosen else ""
            return (
                f"<tr><td>{point.sparsity}</td><td>{point.relative_residual:.6g}</td>"
                f"<td>{value}</td><td>{mark}</td></tr>"
            )

        rows = "".join(row(place, point) for place, point in enumerate(self.points))
        notes = "".join(f"<li>{html.escape(text)}</li>" for text in self.notices)
        return (
            "<div><table><tr><th>k</th><th>relative residual</th><th>criterion</th><th></th></tr>"
            f"{rows}</table>" + (f"<ul>{notes}</ul>" if notes else "") + "</div>"
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draws the path; see :func:`sparse_recovery.plotting.plot_path`."""
        from .plotting import plot_path

        return plot_path(self, ax=ax)


def _numbers(address: int, count: int, dtype: Any) -> NDArray[Any]:
    # A copy: the memory goes with the results.
    return np.frombuffer(bytearray(c.string_at(address, 8 * count)), dtype=dtype)


@lru_cache(maxsize=64)
def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _lines(line: Callable[[int], bytes | None]) -> tuple[str, ...]:
    """The texts that a function answers with, until it answers with none."""
    if (first := line(0)) is None:
        return ()
    found = [first]
    while (text := line(len(found))) is not None:
        found.append(text)
    return tuple(map(_text, found))


def _list(handle: c.c_void_p, name: bytes) -> NDArray[np.float64] | None:
    values = c.c_void_p()
    count = library.sr_results_numbers(handle, name, c.byref(values))
    return None if count == 0 or values.value is None else _numbers(values.value, count, np.float64)


def read_solutions(handle: c.c_void_p, columns: int, count: int | None = None) -> list[Solution]:
    """The solutions of one call, ``count`` of them where that is known.

    This is what the smallest solves wait for, so that it asks for nothing twice.
    """
    notices = _lines(partial(library.sr_results_notice, handle))
    record = SolutionRecord(size=c.sizeof(SolutionRecord))
    solutions = []
    for place in range(library.sr_results_count(handle) if count is None else count):
        check(library.sr_results_solution(handle, place, c.byref(record)))
        size = record.count
        warnings = _lines(partial(library.sr_results_warning, handle, place)) if record.warnings else ()
        solution = object.__new__(Solution)
        # As __init__ would, which sets one attribute after another of what is frozen.
        solution.__dict__.update(
            support=_numbers(record.support, size, np.int64),
            coefficients=_numbers(record.coefficients, size, np.float64),
            intercept=record.intercept,
            residual_norm=record.residual_norm,
            relative_residual=record.relative_residual,
            columns=columns,
            sparsity=record.sparsity,
            iterations=record.iterations,
            explored=record.explored,
            best_iteration=record.best_iteration,
            matrix_passes=record.matrix_passes,
            rounds=record.rounds,
            stop_reason=_text(record.stop_reason),
            found_by=_text(record.found_by),
            engine=_text(record.engine),
            warnings=warnings,
            notices=notices,
        )
        solutions.append(solution)
    return solutions


def read_path(handle: c.c_void_p, columns: int) -> Path:
    """The path of one call."""
    solutions = read_solutions(handle, columns)
    folds = _list(handle, b"fold_errors")
    draws, frequencies = _list(handle, b"draws"), _list(handle, b"frequencies")
    return Path(
        tuple(solutions),
        library.sr_results_chosen(handle),
        _list(handle, b"criterion"),
        _list(handle, b"standard_errors"),
        None if folds is None else folds.reshape(-1, len(solutions)),
        _lines(partial(library.sr_results_notice, handle)),
        0 if draws is None else int(draws[0]),
        None if frequencies is None else frequencies.reshape(len(solutions), -1),
        _list(handle, b"held_out_errors"),
        _list(handle, b"held_out_deviations"),
    )
