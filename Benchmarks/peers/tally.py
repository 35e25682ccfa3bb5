"""What is reported of a cell: counts with their intervals, means, and tables in Markdown."""

import json
import re
from dataclasses import dataclass, field
from math import exp, log, sqrt
from statistics import fmean, median
from typing import Any

import numpy as np
from cells import ROUNDING, Indices, Trial
from problem import Answer

# Residuals closer than this are the same.
SAME = 1e-9
HEADINGS = (
    "cell",
    "solver",
    "problems",
    "exact",
    "95 %",
    "missed",
    "at goal",
    "95 %",
    "residual / best",
    "mean s",
    "median s",
    "note",
)


@dataclass(frozen=True)
class Score:
    """One answer. `missed` is the share of the truth that it misses, where that is known."""

    seed: int
    seconds: float
    residual: float
    missed: float | None
    exact: bool


@dataclass
class Row:
    """A contender in a cell."""

    name: str
    scores: list[Score] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    granted: float | None = None

    @property
    def seconds(self) -> float:
        return fmean(score.seconds for score in self.scores)


def scored(trial: Trial, answer: Answer) -> Score:
    """Judges the support of an answer: at most its k largest coefficients, fitted here."""
    coefficients = np.abs(answer.coefficients)
    order = np.argsort(-coefficients, kind="stable")[: trial.problem.sparsity]
    support: Indices = np.sort(order[coefficients[order] > 0])
    residual = trial.residual(support)
    if not trial.known:
        return Score(trial.seed, answer.seconds, residual, None, False)
    left = len(np.setdiff1d(trial.truth, support))
    exact = left == 0 and len(support) == len(trial.truth)
    return Score(trial.seed, answer.seconds, residual, left / len(trial.truth), exact)


def wilson(successes: int, count: int, quantile: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share."""
    share, square = successes / count, quantile**2
    middle = share + square / (2 * count)
    half = quantile * sqrt(share * (1 - share) / count + square / (4 * count**2))
    scale = 1 + square / count
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def best_known(trials: list[Trial], rows: list[Row], before: dict[int, float]) -> dict[int, float]:
    """The least relative residual of every problem: of all answers, the truth and earlier runs."""
    best = {}
    for trial in trials:
        seen = [score.residual for row in rows for score in row.scores if score.seed == trial.seed]
        if trial.known:
            seen.append(trial.residual(trial.truth))
        if trial.seed in before:
            seen.append(before[trial.seed])
        if seen:
            best[trial.seed] = min(seen)
    return best


def summary(row: Row, trials: list[Trial], best: dict[int, float]) -> dict[str, Any]:
    """Every figure of a row. The goal is rounding without noise, the truth's residual with noise,
    and the best known one for data."""
    by_seed = {trial.seed: trial for trial in trials}
    reached, ratios = 0, []
    for score in row.scores:
        trial = by_seed[score.seed]
        goal = best[score.seed]
        if trial.noisy and trial.known:
            goal = trial.residual(trial.truth)
        reached += score.residual <= max(goal * (1 + SAME), ROUNDING)
        if best[score.seed] > ROUNDING:
            ratios.append(max(1.0, score.residual / best[score.seed]))
    missed = [score.missed for score in row.scores if score.missed is not None]
    exact = sum(score.exact for score in row.scores)
    count = len(row.scores)
    report: dict[str, Any] = {"solver": row.name, "problems": count}
    if row.granted is not None:
        report["grantedSeconds"] = row.granted
    if count:
        report |= {
            "exact": exact / count if missed else None,
            "exactInterval": wilson(exact, count) if missed else None,
            "missed": fmean(missed) if missed else None,
            "atGoal": reached / count,
            "atGoalInterval": wilson(reached, count),
            "residualRatio": exp(fmean(log(ratio) for ratio in ratios)) if ratios else None,
            "meanSeconds": row.seconds,
            "medianSeconds": median(score.seconds for score in row.scores),
            "seeds": [score.seed for score in row.scores],
            "seconds": [float(f"{score.seconds:.4g}") for score in row.scores],
            "relativeResiduals": [score.residual for score in row.scores],
        }
    return report | {"notes": row.notes}


def lines(cell: str, reports: list[dict[str, Any]]) -> list[str]:
    """The rows of a cell in Markdown."""

    def number(value: float | None, form: str) -> str:
        return "–" if value is None else format(value, form)

    def interval(ends: tuple[float, float] | None) -> str:
        return "–" if ends is None else f"{ends[0]:.2f}–{ends[1]:.2f}"

    found = []
    for one in reports:
        granted = one.get("grantedSeconds")
        name = one["solver"] + ("" if granted is None else f", {granted:.3g} s")
        fields = [
            cell,
            name,
            str(one["problems"]),
            number(one.get("exact"), ".2f"),
            interval(one.get("exactInterval")),
            number(one.get("missed"), ".3f"),
            number(one.get("atGoal"), ".2f"),
            interval(one.get("atGoalInterval")),
            number(one.get("residualRatio"), ".4f"),
            number(one.get("meanSeconds"), ".4f"),
            number(one.get("medianSeconds"), ".4f"),
            "; ".join(one["notes"]),
        ]
        found.append("| " + " | ".join(fields) + " |")
    return found


def head() -> list[str]:
    """The first two lines of a table."""
    marks = ["---", "---", *["--:"] * (len(HEADINGS) - 3), "---"]
    return ["| " + " | ".join(HEADINGS) + " |", "|" + "|".join(marks) + "|"]


def dump(report: dict[str, Any]) -> str:
    """JSON with every list of plain values on one line."""
    text = json.dumps(report, indent=1, ensure_ascii=False)
    flat = re.compile(r"\[\s+([^\[\]{}]*?)\s+\]")
    return flat.sub(lambda match: "[" + re.sub(r"\n\s+", " ", match[1]) + "]", text) + "\n"
