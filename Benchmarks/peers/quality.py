"""Measures what `sea` and other solvers recover, on the same problems and at equal time."""

import argparse
import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from subprocess import CalledProcessError
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from cells import Cell, Trial, cells, data, from_files
from compare import HERE, PATIENCE, ask, versions
from pairing import pair
from problem import Refused
from quality_solvers import Contender, keep_compiled, module, strangers, variants
from tally import Row, best_known, dump, head, lines, scored, summary

DEFAULT_VARIANTS = ["", "--effort thorough --time-limit 5", "--algorithm tabu"]
# No other solver goes on for longer on one problem; first calls may compile for half a minute.
HARD_LIMIT = 90
# No solver with a parameter for time gets less than this.
LEAST_SECONDS = 0.05


class TimeLimit(Exception):
    """A solver that has no answer after so many seconds."""


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Raises `TimeLimit` in Python code after so long; compiled code first comes to its end."""

    def ring(number: int, frame: object) -> None:
        raise TimeLimit(f"{seconds:g}")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds or 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def attempt(contender: Contender, trial: Trial, seconds: float, row: Row, budget: float) -> bool:
    """Solves one problem, and says whether to go on in this cell. Failures are noted."""
    try:
        is_limited = contender.stoppable and not contender.ours
        with limited(max(HARD_LIMIT, 4 * seconds) if is_limited else None):
            answer = contender.solve(trial, seconds)
        score = scored(trial, answer)
    except Refused as refusal:
        row.notes.append(f"refused: {str(refusal).splitlines()[0]}")
        return False
    except CalledProcessError as failure:
        words = (failure.stderr or "").strip().splitlines()
        row.notes.append(f"failed on {trial.seed}: status {failure.returncode} {words[-1:]}")
        return True
    except TimeLimit as limit:
        row.notes.append(f"left out: no answer to {trial.seed} in {limit} s")
        return False
    except Exception as failure:
        words = str(failure).strip().splitlines() or [""]
        row.notes.append(f"failed on {trial.seed}: {type(failure).__name__} {words[0][:80]}")
        # What fails twice in a cell is likely to fail always.
        return len(row.notes) < 2
    row.scores.append(score)
    if score.seconds > max(PATIENCE, 2 * seconds) and not contender.ours:
        row.notes.append(f"left out after {score.seconds:.0f} s on one problem")
        return False
    if sum(score.seconds for score in row.scores) > max(budget, len(row.scores) * seconds * 1.5):
        row.notes.append(f"left out after {budget:g} s in all")
        return False
    return True


def run(contender: Contender, trials: list[Trial], seconds: float, row: Row, budget: float) -> None:
    """Solves one problem after another."""
    for trial in trials:
        if not attempt(contender, trial, seconds, row, budget):
            break
    if len(row.scores) == len(trials):
        # It was about to be left out when there was nothing left.
        row.notes = [note for note in row.notes if not note.startswith("left out")]


@contextmanager
def made(cell: Cell, sea: str, seeds: range) -> Iterator[list[Trial]]:
    """The problems of a cell, in a folder that is removed at the end."""
    with TemporaryDirectory() as folder:
        yield [cell.make(sea, Path(folder) / str(seed), seed) for seed in seeds]


def measure(
    cell: Cell, rows: list[Row], trials: list[Trial], sea: str, settings: argparse.Namespace
) -> None:
    """Fills `rows` as it goes, so that what is there is there when it is interrupted."""
    for option in list(settings.variant):
        contender = variants(sea, [option])[0]
        rows.append(Row(contender.name))
        run(contender, trials, 0, rows[-1], settings.sea_budget)
        if rows[-1].notes[:1] and rows[-1].notes[0].startswith("refused"):
            print(f"{contender.name} is left out, {rows.pop().notes[0]}", file=sys.stderr)
            settings.variant.remove(option)
    equal = max(LEAST_SECONDS, rows[0].seconds if rows and rows[0].scores else 0)
    for contender in settings.others:
        if contender.exact and not cell.small:
            continue
        for seconds in (equal, *settings.seconds) if contender.timed else (0.0,):
            rows.append(Row(contender.name, granted=seconds if contender.timed else None))
            run(contender, trials, seconds, rows[-1], settings.budget)


def chosen(every: list[Cell], patterns: list[str], pairing: bool) -> list[Cell]:
    """The cells whose names begin with a pattern or match it; without patterns, the usual ones."""
    if not patterns:
        return [cell for cell in every if cell.default or pairing]
    found = [
        cell
        for cell in every
        if any(cell.name.startswith(one) or fnmatch(cell.name, one) for one in patterns)
    ]
    if not found:
        raise SystemExit("no such cell; there are: " + ", ".join(cell.name for cell in every))
    return found


def options() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--sea", required=True, help="the tool, as built in release")
    add(
        "--against",
        metavar="SEA",
        help="another build of the tool: compare both, and no other solver, on the same problems",
    )
    add(
        "--variant",
        action="append",
        metavar="OPTIONS",
        help="options of `sea solve`, a row for each (write --variant='--algorithm sp'); with "
        "--against, the first is used; default: " + ", ".join(repr(v) for v in DEFAULT_VARIANTS),
    )
    add(
        "--cells",
        nargs="+",
        default=[],
        metavar="CELL",
        help="only cells whose name begins so, or matches with * and ?; --cells list prints all",
    )
    add("--problems", type=int, help="problems a cell (default: 60, 20 or 10, by the cell)")
    add("--seed", type=int, default=1, help="seed of the first problem (default: 1)")
    add(
        "--module",
        action="append",
        type=Path,
        default=[],
        metavar="FILE.py",
        help="a solver: solve(A, y, k, seconds, seed) returns a support and what else it likes",
    )
    add(
        "--seconds",
        action="append",
        type=float,
        default=[],
        help="another row, with so much time, for solvers with a parameter for it",
    )
    add("--no-strangers", action="store_true", help="only `sea` and modules")
    add(
        "--without",
        nargs="+",
        default=[],
        metavar="SOLVER",
        help="leave out solvers whose name begins so; skscope's have no time limit",
    )
    add(
        "--budget",
        type=float,
        default=60,
        help="another solver begins no problem of a cell after so many seconds (default: 60)",
    )
    add(
        "--sea-budget",
        type=float,
        default=float("inf"),
        metavar="SECONDS",
        help="the same for `sea` (default: none)",
    )
    add("--data", nargs=2, type=Path, metavar=("A.npy", "Y.npy"), help="one more cell: your data")
    add("--sparsities", default="5,10,20", help="k of these data (default: 5,10,20)")
    add("--best", action="append", type=Path, default=[], help="earlier JSON: its best residuals")
    add("--output", type=Path, help="the JSON, in Benchmarks/results if not given")
    return parser.parse_args()


def earlier(files: list[Path]) -> dict[str, dict[int, float]]:
    """The best known residuals of earlier reports, by cell and seed."""
    found: dict[str, dict[int, float]] = {}
    for file in files:
        for cell in json.loads(file.read_text())["cells"]:
            known = found.setdefault(cell["cell"], {})
            for seed, residual in cell["best"].items():
                known[int(seed)] = min(residual, known.get(int(seed), np.inf))
    return found


def write(report: dict[str, Any], output: Path) -> None:
    """The JSON, and its tables beside it."""
    output.write_text(dump(report))
    tables = [line for cell in report["cells"] for line in lines(cell["cell"], cell["rows"])]
    output.with_suffix(".md").write_text("\n".join([*head(), *tables]) + "\n")


def measure_all(
    report: dict[str, Any], settings: argparse.Namespace, selected: list[Cell], output: Path
) -> None:
    """Measures one cell after another, prints and writes each. An interrupt ends it."""
    known = earlier(settings.best)
    print("\n".join(head()), flush=True)
    rows: list[Row] = []
    stopped = False
    for cell in selected:
        count = settings.problems or cell.problems
        seeds = range(settings.seed, settings.seed + (count if cell.problems > 1 else 1))
        rows = []
        trials: list[Trial] = []
        try:
            with made(cell, settings.sea, seeds) as trials:
                measure(cell, rows, trials, settings.sea, settings)
        except KeyboardInterrupt:
            stopped = True
            report["interrupted"] = cell.name
        except CalledProcessError as failure:
            print(f"{cell.name} cannot be made: {failure}", file=sys.stderr)
        if any(row.scores for row in rows):
            best = best_known(trials, rows, known.get(cell.name, {}))
            reports = [summary(row, trials, best) for row in rows if row.scores or row.notes]
            print("\n".join(lines(cell.name, reports)), flush=True)
            report["cells"].append({"cell": cell.name, "best": best, "rows": reports})
            write(report, output)
        if stopped:
            break


def main() -> None:
    """Reads the options, measures, prints tables and writes JSON and Markdown."""
    settings = options()
    settings.variant = settings.variant or list(DEFAULT_VARIANTS)
    every = cells()
    if settings.data:
        sparsities = [int(one) for one in settings.sparsities.split(",")]
        read = partial(from_files, *settings.data)
        every += data(settings.data[0].stem, read, sparsities)
    if settings.cells == ["list"]:
        print("\n".join(cell.name for cell in every))
        return
    selected = chosen(every, settings.cells, bool(settings.against))
    if settings.against:
        pair(settings, selected, made)
        return
    processor = json.loads(ask(settings.sea, "devices", "--json"))["cpu"]
    slug = re.sub(r"[^a-z0-9]+", "-", processor["device"].lower()).strip("-")
    about = {
        "machine": processor
        | {
            "cores": os.cpu_count(),
            "load": os.getloadavg()[0],
            "threads": os.environ.get("OPENBLAS_NUM_THREADS"),
        },
        "versions": {"sea": ask(settings.sea, "--version")} | versions(),
    }
    compiled = TemporaryDirectory()
    keep_compiled(compiled)
    known = [] if settings.no_strangers else strangers()
    settings.others = [one for one in known if not one.name.startswith(tuple(settings.without))]
    settings.others += [module(file) for file in settings.module]
    report: dict[str, Any] = {"schemaVersion": 1, **about, "seed": settings.seed, "cells": []}
    output = settings.output or HERE.parent / "results" / f"{slug}-quality.json"
    measure_all(report, settings, selected, output)
    print(f"\n{output}\n{output.with_suffix('.md')}")


if __name__ == "__main__":
    main()
