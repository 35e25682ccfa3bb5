"""Solves the same files with `sea` and with other solvers, in turn, and reports medians."""

import argparse
import json
import os
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from problem import RECIPES, Answer, Problem, Refused
from solvers import BASELINE, Solver, solvers

HERE = Path(__file__).parent
# A solver that takes longer than so many seconds to warm up is not run again.
PATIENCE = 25
HEADINGS = (
    "solver",
    "runs",
    "median s",
    "minimum s",
    "ratio",
    "hits",
    "relative residual",
    "passes",
    "load s",
)


def compare(problem: Problem, candidates: list[Solver], rounds: int) -> list[dict[str, Any]]:
    """One row for each solver. The first round warms up; it counts for those that it exhausts.

    Variants that the tool refuses are named and left out.
    """
    answers = {}
    for solver in candidates:
        try:
            answers[solver.name] = [solver.solve(problem)]
        except Refused as refusal:
            print(f"{solver.name} is left out: {refusal}", file=sys.stderr)
    known = [solver for solver in candidates if solver.name in answers]
    patient = [solver for solver in known if answers[solver.name][0].seconds < PATIENCE]
    for solver in patient:
        answers[solver.name].clear()
    for _ in range(rounds):
        for solver in patient:
            answers[solver.name].append(solver.solve(problem))
    rows = [row(name, runs, problem) for name, runs in answers.items()]
    baseline = next((one["median"] for one in rows if one["solver"] == BASELINE), None)
    for one in rows:
        one["ratio"] = one["median"] / baseline if baseline else None
    return rows


def row(name: str, runs: list[Answer], problem: Problem) -> dict[str, Any]:
    """What is reported of the counted runs of a solver."""
    last = runs[-1]
    seconds = [run.seconds for run in runs]
    loads = [run.load_seconds for run in runs if run.load_seconds is not None]
    return {
        "solver": name,
        "median": median(seconds),
        "minimum": min(seconds),
        "seconds": seconds,
        "hits": problem.hits(last.coefficients),
        "relativeResidual": problem.relative_residual(last.coefficients),
        "passes": last.passes,
        "load": median(loads) if loads else None,
    }


def table(rows: list[dict[str, Any]], sparsity: int) -> str:
    """The rows in Markdown."""

    def cell(number: float | None, form: str) -> str:
        return "–" if number is None else format(number, form)

    lines = ["| " + " | ".join(HEADINGS) + " |", "|---" + "|--:" * (len(HEADINGS) - 1) + "|"]
    for one in rows:
        cells = (
            one["solver"],
            str(len(one["seconds"])),
            cell(one["median"], ".4f"),
            cell(one["minimum"], ".4f"),
            cell(one["ratio"], ".2f"),
            f"{one['hits']} of {sparsity}",
            cell(one["relativeResidual"], ".2g"),
            cell(one["passes"], "d"),
            cell(one["load"], ".3f"),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def versions() -> dict[str, str]:
    """The installed ones of the packages in requirements.txt, and the BLAS of NumPy."""
    found = {}
    for line in (HERE / "requirements.txt").read_text().splitlines():
        package = line.split("==")[0]
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return found | {"BLAS of numpy": f"{blas['name']} {blas['version']}"}


def ask(sea: str, *options: str) -> str:
    """What the tool says of itself."""
    done = subprocess.run([sea, *options], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def main() -> None:
    """Reads the options, runs everything, prints tables and writes JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sea", required=True, help="the tool, as built in release")
    parser.add_argument("--rounds", type=int, default=7, help="counted rounds (default: 7)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the problems (default: 1)")
    parser.add_argument("--output", type=Path, help="the JSON, in Benchmarks/results if not given")
    arguments = parser.parse_args()
    processor = json.loads(ask(arguments.sea, "devices", "--json"))["cpu"]
    slug = re.sub(r"[^a-z0-9]+", "-", processor["device"].lower()).strip("-")
    report = {
        "machine": processor | {"cores": os.cpu_count(), "load": os.getloadavg()[0]},
        "versions": {"sea": ask(arguments.sea, "--version")} | versions(),
        "rounds": arguments.rounds,
        "seed": arguments.seed,
        "problems": [],
    }
    for recipe in RECIPES:
        with TemporaryDirectory() as folder:
            problem = Problem.generate(recipe, arguments.sea, Path(folder), arguments.seed)
            rows = compare(problem, solvers(arguments.sea), arguments.rounds)
        print(f"{recipe.title}\n\n{table(rows, recipe.sparsity)}\n", flush=True)
        report["problems"].append(
            {"title": recipe.title, "sparsity": recipe.sparsity, "rows": rows}
        )
    output = arguments.output or HERE.parent / "results" / f"peers-{slug}.json"
    output.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")
    print(output)


if __name__ == "__main__":
    main()
