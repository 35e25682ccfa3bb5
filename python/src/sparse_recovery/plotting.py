"""Pictures, where matplotlib is installed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ._paths import JointPath, Path
from ._results import Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_TRUTH, _FOUND, _OTHER = "#9aa0a6", "#1a5fb4", "#c64600"


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1]


def plot_support(solution: Solution, ax: Axes | None = None, truth: ArrayLike | None = None) -> Axes:
    """Draws the coefficients as stems, over those of the truth where it is known; of complex ones the moduli.

    Parameters
    ----------
    solution : Solution
    ax : matplotlib.axes.Axes, default=None
        Where to draw; a figure of its own if None.
    truth : array of shape (n,), default=None
        The true coefficients of all columns.
    """
    ax = _axes(ax)
    is_complex = np.iscomplexobj(solution.coefficients) or (truth is not None and np.iscomplexobj(truth))
    if truth is not None:
        x = np.abs(truth) if is_complex else np.asarray(truth, dtype=np.float64)
        places = np.flatnonzero(x)
        lines = ax.stem(places, x[places], linefmt=_TRUTH, markerfmt="o", basefmt=" ", label="truth")
        lines.markerline.set(color=_TRUTH, markersize=9, fillstyle="none")
    found = ax.stem(
        solution.support,
        np.abs(solution.coefficients) if is_complex else solution.coefficients,
        linefmt=_FOUND,
        markerfmt="o",
        basefmt=" ",
        label="found",
    )
    found.markerline.set(color=_FOUND, markersize=4)
    ax.axhline(0, color="#5f6368", linewidth=0.8)
    name = "modulus of the coefficient" if is_complex else "coefficient"
    ax.set(xlabel="column", ylabel=name, xlim=(-0.5, solution.columns - 0.5))
    ax.set_title(
        f"{len(solution.support)} of {solution.columns} columns, "
        f"relative residual {solution.relative_residual:.3g}"
    )
    if truth is not None:
        ax.legend()
    return ax


def plot_path(path: Path | JointPath, ax: Axes | None = None, criterion: str | None = None) -> Axes:
    """Draws the relative residual of every sparsity, a criterion beside it, and what each criterion chose.

    Parameters
    ----------
    path : Path or JointPath
    ax : matplotlib.axes.Axes, default=None
        Where to draw; a figure of its own if None.
    criterion : str, default=None
        Which of several criteria is drawn; the first if None.
    """
    ax = _axes(ax)
    k = path.sparsities
    handles: list[Any] = ax.plot(
        k, path.relative_residuals, color=_FOUND, marker="o", markersize=3, label="relative residual"
    )
    ax.set(xlabel="sparsity k", ylabel="relative residual")
    ax.set_ylim(bottom=0)
    ax.locator_params(axis="x", integer=True)
    name = next(iter(path.choices), "") if criterion is None else criterion
    values = path.criterion if criterion is None else path.criteria[criterion]
    if values is not None:
        other = ax.twinx()
        errors = path.standard_errors if name == "cv" else None
        label = "error held out" if name == "cv" else name
        style: dict[str, Any] = {"color": _OTHER, "marker": "s", "markersize": 3, "label": label}
        handles.append(
            other.plot(k, values, **style)[0]
            if errors is None
            else other.errorbar(k, values, errors, capsize=2, **style)
        )
        other.set_ylabel(label)
    places: dict[int, list[str]] = {}
    for chooser, place in path.choices.items():
        places.setdefault(place, []).append(chooser)
    if len(path.choices) < 2:
        places = {path.chosen: []}
    for (place, choosers), line in zip(places.items(), itertools.cycle(["--", ":", "-."])):
        label = " by ".join(["chosen", *([", ".join(choosers)] if choosers else [])])
        handles.append(ax.axvline(k[place], color="#5f6368", linestyle=line, label=label))
    # Above the axes, where no curve is.
    columns = len(handles) if len(handles) < 4 else 2
    ax.legend(handles=handles, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns, frameon=False)
    return ax


def plot_trace(reports: Iterable[dict[str, Any]], ax: Axes | None = None) -> Axes:
    """Draws the relative residuals of the supports that a solve evaluated, and the best so far.

    Parameters
    ----------
    reports : iterable of dict
        What ``observe`` of :meth:`Problem.solve` was called with.
    ax : matplotlib.axes.Axes, default=None
        Where to draw; a figure of its own if None.
    """
    ax = _axes(ax)
    residuals = np.array([report["relative_residual"] for report in reports])
    ax.plot(residuals, ".", color=_TRUTH, markersize=2, label="support evaluated")
    ax.plot(np.minimum.accumulate(residuals), color=_FOUND, label="best so far")
    ax.set(xlabel="supports evaluated", ylabel="relative residual")
    if len(residuals) and residuals.min() > 0 and residuals.max() > 100 * residuals.min():
        ax.set_yscale("log")
    ax.legend()
    return ax
