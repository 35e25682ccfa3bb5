"""What solves return."""

from __future__ import annotations

import ctypes as c
import html
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._arrays import multiplied
from ._library import RequestError, SolutionRecord, SparseRecoveryError, check, library

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Found:
    """What one call has found, in the memory of C for as long as somebody may ask for measures of it."""

    __slots__ = ("_as_parameter_", "_problem", "loss")

    def __init__(self, handle: c.c_void_p, problem: Callable[[], Any], loss: str) -> None:
        self._as_parameter_ = handle
        self._problem = problem
        self.loss = loss

    def __del__(self, destroy: Any = library.sr_results_destroy) -> None:
        destroy(self._as_parameter_)

    def measure(self, place: int, name: str) -> float:
        """What the solution at a place is worth; Cp reads the matrix, all others need nothing of it."""
        value = c.c_double()
        problem = self._problem() if name == "cp" else None
        check(library.sr_results_measure(self, place, name.encode(), problem, c.byref(value)))
        return value.value


def mean_of(loss: str, predictor: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is expected of y at a linear predictor: a probability, an expected count, or the predictor itself."""
    if loss == "logistic":
        # Of e^η and e^-η only the one below 1 is formed.
        small = np.exp(-np.abs(predictor))
        return np.asarray(np.where(predictor > 0, 1.0, small) / (1 + small))
    if loss == "poisson":
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(predictor))
    return predictor


def twice_loss(
    loss: str, predictor: NDArray[np.float64], y: NDArray[np.float64], threshold: float | None
) -> NDArray[np.float64]:
    """Twice the loss of every row at a linear predictor: squares, deviances of counts, or twice Huber's loss."""
    if loss == "poisson":
        # y log y, which is 0 for none.
        entropy = y * np.log(np.where(y > 0, y, 1.0))
        return np.asarray(2 * (mean_of(loss, predictor) - y * predictor + entropy - y))
    error = predictor - y
    if loss == "huber" and threshold is not None:
        size = np.abs(error)
        return np.asarray(np.where(size <= threshold, size**2, threshold * (2 * size - threshold)))
    return np.asarray(error**2)


@dataclass(frozen=True, repr=False, eq=False)
class Solution:
    """The best support found for one observation, and how it was found.

    Attributes
    ----------
    support : ndarray of int64
        The columns selected, in ascending order, counted from zero.
    coefficients : ndarray of float64 or complex128
        The coefficients of these columns, as given.
    intercept : float
        The constant added to ``A @ x``; 0 where none is fitted.
    residual_norm : float
        ``norm(y - A @ x - intercept)``, weighted where there are weights; the root of twice another loss.
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
    observation : int
        Which of several observations it is for, counted from zero.
    alternatives : tuple of Solution
        The supports of the same size that explain y next best, where ``alternatives`` of them were asked for.
    optimality_gap : float or None
        No support of at most ``sparsity`` columns has a loss, ridge included, that is smaller by more than this
        share of it: 0, but for rounding, where the support is proved to be the best. None where nothing is proved.
    loss_name : str
        What was minimised: ``squares``, ``logistic``, ``poisson`` or ``huber``.

    Notes
    -----
    ``loss``, ``deviance``, ``explained_loss``, ``explained_deviance``, ``aic``, ``bic``, ``ebic``, ``gic``, ``cp``,
    ``r_squared`` and ``adjusted_r_squared`` are computed when they are asked for, and refused with a
    :class:`RequestError` where they are not defined.
    """

    support: NDArray[np.int64]
    coefficients: NDArray[Any]
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
    observation: int = 0
    alternatives: tuple[Solution, ...] = ()
    optimality_gap: float | None = None
    loss_name: str = "squares"

    # Where it is in memory of C; no part of what is compared or printed.
    _found: ClassVar[Found | None] = None
    _place: ClassVar[int] = 0

    def _measure(self, name: str) -> float:
        known: dict[str, float | str] = self.__dict__.setdefault("_measures", {})
        if name not in known:
            if self._found is None:
                raise RequestError(f"{name}: expected a solution as a solve returned it, found a copy")
            known[name] = self._found.measure(self._place, name)
        value = known[name]
        if isinstance(value, str):
            raise RequestError(value)
        return value

    def _measure_if(self, name: str) -> float | None:
        try:
            return self._measure(name)
        except RequestError:
            return None

    @property
    def loss(self) -> float:
        """What is minimised, without a ridge: half the sum of squares, half the deviance, or the loss of Huber."""
        return self._measure("loss")

    @property
    def explained_loss(self) -> float:
        """1 less the share of the loss of the null model that is left: the intercept with the columns included."""
        return self._measure("explained_loss")

    @property
    def deviance(self) -> float:
        """Twice the loss of labels, or of counts."""
        return self._measure("deviance")

    @property
    def explained_deviance(self) -> float:
        """1 less the share of the deviance of the null model that is left, in the place of R²."""
        return self._measure("explained_deviance")

    @property
    def aic(self) -> float:
        """Akaike's information criterion, m log(RSS / m) + 2 p: of two supports the smaller is better.

        Of labels and counts this and the others have the deviance in the place of m log(RSS / m).
        """
        return self._measure("aic")

    @property
    def bic(self) -> float:
        """Schwarz's information criterion, m log(RSS / m) + p log m."""
        return self._measure("bic")

    @property
    def ebic(self) -> float:
        """The extended BIC of Chen and Chen with gamma = 1, BIC + 2 log C(n, k): a choice among n has its price."""
        return self._measure("ebic")

    @property
    def gic(self) -> float:
        """The criterion of splicing, m log(RSS / m) + p log n log log m, for three rows or more."""
        return self._measure("gic")

    @property
    def cp(self) -> float:
        """Mallows' Cp, RSS / s² - m + 2 p, with s² of the fit of all columns.

        That fit costs m n² operations, once for an observation, and reads A: A, or the :class:`Problem`, must still
        be there, and A as it was. It needs more rows than columns, and plain least squares.
        """
        return self._measure("cp")

    @property
    def r_squared(self) -> float:
        """The share of the variance of y that is explained, where there is an intercept."""
        return self._measure("r_squared")

    @property
    def adjusted_r_squared(self) -> float:
        """The same with a price for every column."""
        return self._measure("adjusted_r_squared")

    def __getstate__(self) -> dict[str, Any]:
        """All but the memory of C: what it would answer goes along, Cp only once it was asked for."""
        state = dict(self.__dict__)
        if state.pop("_found", None) is not None:
            measures: dict[str, float | str] = dict(state.get("_measures", {}))
            for name in (*_CHEAP, "loss", "explained_loss"):
                try:
                    measures[name] = self._measure(name)
                except SparseRecoveryError as reason:
                    measures[name] = str(reason)
            state["_measures"] = measures
        return state

    def dense(self) -> NDArray[Any]:
        """The coefficients of all columns, zeros outside the support."""
        x = np.zeros(self.columns, dtype=self.coefficients.dtype)
        x[self.support] = self.coefficients
        return x

    def predict(self, A: Any) -> NDArray[Any]:
        """What is expected of y for rows like those of the problem: reads the columns of the support alone.

        That is ``A @ x + intercept``, or the probability of label 1 or the expected count at that. A may be what a
        :class:`Problem` takes, but for a path.
        """
        return mean_of(self.loss_name, self.linear_predictor(A))

    def linear_predictor(self, A: Any) -> NDArray[Any]:
        """``A @ x + intercept``."""
        return multiplied(A, self.support, self.coefficients) + self.intercept

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
        measures = ", ".join(
            f"{label} {value:.6g}"
            for name, label in _CHEAP.items()
            if (value := self._measure_if(name)) is not None
        )
        return (
            f"<div><b>{len(self.support)} of {self.columns} columns</b><p>{facts}</p><p>{measures}</p>"
            f"<table><tr><th>column</th><th>coefficient</th></tr>{rows}</table>{more}"
            + (f"<ul>{notes}</ul>" if notes else "")
            + "</div>"
        )

    def plot(self, ax: Axes | None = None, truth: ArrayLike | None = None) -> Axes:
        """Draws the coefficients as stems; see :func:`sparse_recovery.plotting.plot_support`."""
        from .plotting import plot_support

        return plot_support(self, ax=ax, truth=truth)


# What needs no matrix: shown, and pickled with a solution.
_CHEAP = {
    "deviance": "deviance",
    "explained_deviance": "explained deviance",
    "aic": "AIC",
    "bic": "BIC",
    "ebic": "EBIC",
    "gic": "GIC",
    "r_squared": "R²",
    "adjusted_r_squared": "adjusted R²",
}

INTEGER, REAL = np.dtype(np.int64), np.dtype(np.float64)


def numbers_at(address: int, count: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    """A copy of numbers of 64 bits, since their memory goes with the results."""
    return np.frombuffer(bytearray(c.string_at(address, 8 * count)), dtype)


@lru_cache(maxsize=64)
def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _lines(line: Callable[[int], bytes | None], count: int) -> tuple[str, ...]:
    """The texts that a function answers with."""
    if not count:
        return ()
    return tuple(_text(text) for text in map(line, range(count)) if text is not None)


def _coefficients(record: SolutionRecord) -> NDArray[Any]:
    real = numbers_at(record.coefficients, record.count, REAL)
    if record.imaginary_parts is None:
        return real
    numbers = real.astype(np.complex128)
    numbers.imag = numbers_at(record.imaginary_parts, record.count, REAL)
    return numbers


def read_solutions(found: Found, columns: int, count: int | None = None) -> list[Solution]:
    """The solutions of one call, ``count`` of them where that is known.

    This is what the smallest solves wait for, so that it asks for nothing twice.
    """
    record = SolutionRecord(size=c.sizeof(SolutionRecord))
    solutions = []
    notices: tuple[str, ...] | None = None
    for place in range(library.sr_results_count(found) if count is None else count):
        check(library.sr_results_solution(found, place, c.byref(record)))
        size = record.count
        if notices is None:
            notices = _lines(partial(library.sr_results_notice, found), record.notices)
        solution = object.__new__(Solution)
        # As __init__ would, which sets one attribute after another of what is frozen.
        fields = dict(
            support=numbers_at(record.support, size, INTEGER),
            coefficients=_coefficients(record),
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
            warnings=_lines(partial(library.sr_results_warning, found, place), record.warnings),
            notices=notices,
            observation=record.observation,
            alternatives=(),
            optimality_gap=None if record.optimality_gap != record.optimality_gap else record.optimality_gap,
            loss_name=found.loss,
            _found=found,
            _place=place,
        )
        object.__setattr__(solution, "__dict__", fields)
        solutions.append(solution)
    return solutions
