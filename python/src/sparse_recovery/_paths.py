"""What paths return."""

from __future__ import annotations

import ctypes as c
import html
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ._library import library
from ._results import REAL, Found, Solution, numbers_at, read_solutions

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, repr=False, eq=False)
class _Judged:
    """What paths of one observation and of several have in common: what was chosen, and by what."""

    points: tuple[Any, ...]
    chosen: int
    criterion: NDArray[np.float64] | None = None
    standard_errors: NDArray[np.float64] | None = None
    fold_errors: NDArray[np.float64] | None = None
    notices: tuple[str, ...] = field(default=())
    draws: int = 0
    frequencies: NDArray[np.float64] | None = None
    held_out_errors: NDArray[np.float64] | None = None
    held_out_deviations: NDArray[np.float64] | None = None
    criteria: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    choices: dict[str, int] = field(default_factory=dict)

    @property
    def _leads(self) -> list[Solution]:
        """A solution of every point, that of the first observation."""
        raise NotImplementedError

    @property
    def supports(self) -> list[NDArray[np.int64]]:
        """The columns selected at each point."""
        return [lead.support for lead in self._leads]

    @property
    def sparsities(self) -> NDArray[np.int64]:
        """The sparsity of each point."""
        return np.array([lead.sparsity for lead in self._leads], dtype=np.int64)

    def __len__(self) -> int:
        return len(self.points)

    def _first(self, count: int) -> Any:
        """The same with its first points alone, before anything is compared."""
        return replace(self, points=self.points[:count])

    def _table(self, relative_residuals: NDArray[np.float64]) -> str:
        names = list(self.choices) or ["none"]
        heads = "".join(f"<th>{'' if name == 'none' else html.escape(name)}</th>" for name in names)

        def cell(name: str, place: int) -> str:
            values = self.criteria.get(name)
            text = "" if values is None else f"{values[place]:.6g}"
            if name == "cv" and self.standard_errors is not None:
                text += f" ± {self.standard_errors[place]:.2g}"
            if place == self.choices.get(name, self.chosen):
                text = f"<b>{text} chosen</b>"
            return f"<td style='text-align:right;white-space:nowrap'>{text}</td>"

        rows = "".join(
            f"<tr><td>{lead.sparsity}</td><td>{relative_residuals[place]:.6g}</td>"
            + "".join(cell(name, place) for name in names)
            + f"<td style='text-align:left'>{_listed(lead.support)}</td></tr>"
            for place, lead in enumerate(self._leads)
        )
        notes = "".join(f"<li>{html.escape(text)}</li>" for text in self.notices)
        return (
            f"<div><table><tr><th>k</th><th>relative residual</th>{heads}<th>support</th></tr>{rows}</table>"
            + (f"<ul>{notes}</ul>" if notes else "")
            + "</div>"
        )


def _listed(support: NDArray[np.int64]) -> str:
    return ", ".join(map(str, support[:12])) + (", …" if len(support) > 12 else "")


@dataclass(frozen=True, repr=False, eq=False)
class Path(_Judged):
    """The solutions for a range of sparsities, and the one chosen.

    Attributes
    ----------
    points : tuple of Solution
        By ascending sparsity.
    chosen : int
        The place of the one that the criterion chose, the first of several.
    criterion : ndarray or None
        What was compared, for each point: an information criterion, or the mean error held out.
    criteria : dict of ndarray
        The same for each criterion, by its name.
    choices : dict of int
        The place of the point that each criterion chose, by its name.
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

    @property
    def _leads(self) -> list[Solution]:
        return list(self.points)

    @property
    def best(self) -> Solution:
        """The solution chosen."""
        return self.points[self.chosen]

    def best_by(self, criterion: str) -> Solution:
        """The solution that one of several criteria chose."""
        return self.points[self.choices[criterion]]

    @property
    def relative_residuals(self) -> NDArray[np.float64]:
        """The relative residual of each point."""
        return np.array([point.relative_residual for point in self.points])

    def dense(self) -> NDArray[Any]:
        """The coefficients of all columns, one column a point."""
        return np.stack([point.dense() for point in self.points], axis=1)

    def __getitem__(self, place: int) -> Solution:
        return self.points[place]

    def __repr__(self) -> str:
        first, last = self.points[0].sparsity, self.points[-1].sparsity
        return f"Path(k = {first} … {last}, chosen k = {self.best.sparsity}: {self.best!r})"

    def _repr_html_(self) -> str:
        return self._table(self.relative_residuals)

    def plot(self, ax: Axes | None = None, criterion: str | None = None) -> Axes:
        """Draws the path; see :func:`sparse_recovery.plotting.plot_path`."""
        from .plotting import plot_path

        return plot_path(self, ax=ax, criterion=criterion)


@dataclass(frozen=True, repr=False, eq=False)
class JointPath(_Judged):
    """The solutions of several observations with one support for a range of sparsities, and the sparsity chosen.

    Attributes
    ----------
    points : tuple of tuple of Solution
        By ascending sparsity: one solution for each observation, all with one support.
    residual_norms, relative_residuals : ndarray
        Of all observations together, for each point.
    chosen, criterion, criteria, choices, standard_errors, fold_errors, notices, draws, frequencies, \
held_out_errors, held_out_deviations
        Those of :class:`Path`, which count all observations.
    """

    points: tuple[tuple[Solution, ...], ...]
    residual_norms: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    relative_residuals: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))

    @property
    def _leads(self) -> list[Solution]:
        return [point[0] for point in self.points]

    @property
    def best(self) -> tuple[Solution, ...]:
        """The solutions of the sparsity chosen, one for each observation."""
        return self.points[self.chosen]

    def best_by(self, criterion: str) -> tuple[Solution, ...]:
        """The solutions of the sparsity that one of several criteria chose."""
        return self.points[self.choices[criterion]]

    def _first(self, count: int) -> Any:
        return replace(
            self,
            points=self.points[:count],
            residual_norms=self.residual_norms[:count],
            relative_residuals=self.relative_residuals[:count],
        )

    @property
    def support(self) -> NDArray[np.int64]:
        """The support chosen."""
        return self.best[0].support

    def dense(self) -> NDArray[Any]:
        """The coefficients of all columns: columns of A × points × observations."""
        return np.stack(
            [np.stack([solution.dense() for solution in point], axis=1) for point in self.points], axis=1
        )

    def __getitem__(self, place: int) -> tuple[Solution, ...]:
        return self.points[place]

    def __repr__(self) -> str:
        first, last = self.sparsities[[0, -1]]
        return (
            f"JointPath({len(self.best)} observations, k = {first} … {last}, chosen k = "
            f"{self.best[0].sparsity}: {{{_listed(self.support)}}}, "
            f"relative residual {self.relative_residuals[self.chosen]:.6g})"
        )

    def _repr_html_(self) -> str:
        return self._table(self.relative_residuals)

    def plot(self, ax: Axes | None = None, criterion: str | None = None) -> Axes:
        """Draws the path; see :func:`sparse_recovery.plotting.plot_path`."""
        from .plotting import plot_path

        return plot_path(self, ax=ax, criterion=criterion)


def _list(found: Found, name: bytes) -> NDArray[np.float64] | None:
    numbers = _array(found, name)
    return numbers if numbers.size else None


def _array(found: Found, name: bytes) -> NDArray[np.float64]:
    values = c.c_void_p()
    count = library.sr_results_numbers(found, name, c.byref(values))
    return np.empty(0) if values.value is None else numbers_at(values.value, count, REAL)


def read_path(
    found: Found, columns: int, criteria: Sequence[str], together: int | None = None
) -> Path | JointPath:
    """One path of a call: a joint one where so many observations have one support."""
    solutions = read_solutions(found, columns)
    observations = together or 1
    places = range(0, len(solutions), observations)
    folds = _list(found, b"fold_errors")
    draws, frequencies = _list(found, b"draws"), _list(found, b"frequencies")
    notices = solutions[0].notices
    compared = {name: _list(found, name.encode()) for name in criteria}
    judged: dict[str, Any] = {
        "chosen": library.sr_results_chosen(found) // observations,
        "criterion": _list(found, b"criterion"),
        "standard_errors": _list(found, b"standard_errors"),
        "fold_errors": None if folds is None else folds.reshape(-1, len(places)),
        "notices": notices,
        "draws": 0 if draws is None else int(draws[0]),
        "frequencies": None if frequencies is None else frequencies.reshape(len(places), -1),
        "held_out_errors": _list(found, b"held_out_errors"),
        "held_out_deviations": _list(found, b"held_out_deviations"),
        "criteria": {name: values for name, values in compared.items() if values is not None},
        "choices": {
            name: library.sr_results_chosen_by(found, name.encode()) // observations for name in criteria
        },
    }
    if together is None:
        return Path(tuple(solutions), **judged)
    return JointPath(
        tuple(tuple(solutions[place : place + observations]) for place in places),
        residual_norms=_array(found, b"residual_norms"),
        relative_residuals=_array(found, b"relative_residuals"),
        **judged,
    )
