"""Two builds of the tool on the same problems: where is the first worse than the second?"""

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean, median

import numpy as np
from cells import ROUNDING, Cell, Trial
from problem import Answer, solve_with_sea
from quality_solvers import threads
from tally import SAME, dump

HEADINGS = (
    "cell",
    "problems",
    "worse",
    "better",
    "mean s",
    "other's",
    "median s",
    "other's",
)


@dataclass(frozen=True)
class Pair:
    """Both answers to a problem, as returned: relative residuals and seconds."""

    cell: str
    seed: int
    problem: str
    residual: float
    other: float
    seconds: float
    other_seconds: float

    @property
    def ratio(self) -> float:
        """Squared, as losses are, and 1 where both are rounding."""
        return (max(self.residual, ROUNDING) / max(self.other, ROUNDING)) ** 2

    @property
    def worse(self) -> bool:
        return self.ratio > 1 + SAME

    @property
    def better(self) -> bool:
        return 1 / self.ratio > 1 + SAME


def both(cell: str, trial: Trial, tools: tuple[str, str], options: list[str]) -> Pair:
    """Solves with both, the first first on every other problem."""
    answers: dict[int, Answer] = {}
    for which in (0, 1) if trial.seed % 2 else (1, 0):
        answers[which] = solve_with_sea(trial.problem, tools[which], options)
    first, second = (float(residual(trial, answers[which])) for which in (0, 1))
    recipe = trial.problem.recipe
    title = f"{recipe.title}, k = {recipe.sparsity}"
    times = (answers[0].seconds, answers[1].seconds)
    return Pair(cell, trial.seed, title, first, second, *times)


def residual(trial: Trial, answer: Answer) -> float:
    """‖Ax − y‖ / ‖y‖ of the coefficients as returned, of which at most k may count."""
    if np.count_nonzero(answer.coefficients) > trial.problem.sparsity:
        return float("inf")
    return trial.problem.relative_residual(answer.coefficients)


def pair(
    settings: argparse.Namespace,
    selected: list[Cell],
    made: Callable[[Cell, str, range], AbstractContextManager[list[Trial]]],
) -> None:
    """Prints a row a cell, then every problem on which the first is worse. An interrupt ends it."""
    tools = (settings.sea, settings.against)
    options = [*threads(), *settings.variant[0].split()]
    pairs: list[Pair] = []
    print("| " + " | ".join(HEADINGS) + " |\n|---" + "|--:" * (len(HEADINGS) - 1) + "|", flush=True)
    try:
        for cell in selected:
            count = (settings.problems or cell.problems) if cell.problems > 1 else 1
            here: list[Pair] = []
            # One problem at a time: there may be many, and large ones.
            for seed in range(settings.seed, settings.seed + count):
                with made(cell, settings.sea, range(seed, seed + 1)) as trials:
                    here.append(both(cell.name, trials[0], tools, options))
                    pairs.append(here[-1])
            print(line(cell.name, here), flush=True)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    if not pairs:
        return
    print(line("all", pairs))
    worse = sorted((one for one in pairs if one.worse), key=lambda one: -one.ratio)
    print(f"\nThe loss is higher on {len(worse)} of {len(pairs)} problems.")
    if worse:
        print(f"The worst ratio is {worse[0].ratio:.6g}.\n")
        print("| cell | seed | problem | ‖r‖ / ‖y‖ | other's | ratio of losses |")
        print("|---|--:|---|--:|--:|--:|")
    for one in worse:
        numbers = f"{one.residual:.6g} | {one.other:.6g} | {one.ratio:.6g}"
        print(f"| {one.cell} | {one.seed} | {one.problem} | {numbers} |")
    if settings.output:
        write(settings.output, tools, options, pairs, worse)


def line(name: str, pairs: list[Pair]) -> str:
    """A row of the table."""
    mine = [one.seconds for one in pairs]
    others = [one.other_seconds for one in pairs]
    times = [fmean(mine), fmean(others), median(mine), median(others)]
    counts = [len(pairs), sum(one.worse for one in pairs), sum(one.better for one in pairs)]
    fields = [name, *map(str, counts), *(f"{time:.4f}" for time in times)]
    return "| " + " | ".join(fields) + " |"


def write(
    output: Path, tools: tuple[str, str], options: list[str], pairs: list[Pair], worse: list[Pair]
) -> None:
    """The same figures as JSON."""
    report = {
        "schemaVersion": 1,
        "tools": [Path(tool).name for tool in tools],
        "options": options,
        "worse": len(worse),
        "worstRatio": worse[0].ratio if worse else None,
        "pairs": [asdict(one) for one in pairs],
    }
    output.write_text(dump(report))
    print(output)
