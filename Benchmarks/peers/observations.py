"""Solves for many observations on one matrix with `sea` and with SPAMS, in turn."""

import argparse
import json
import subprocess
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

ROWS, COLUMNS, SPARSITY, OBSERVATIONS = 500, 5000, 25, 64


def generate(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A with unit columns, and observations without noise: y = A x, |x_j| uniform on [1, 2]."""
    generator = np.random.default_rng(seed)
    matrix = np.asfortranarray(generator.standard_normal((ROWS, COLUMNS)))
    matrix /= np.linalg.norm(matrix, axis=0)
    truth = np.zeros((COLUMNS, OBSERVATIONS))
    for column in truth.T:
        support = generator.choice(COLUMNS, SPARSITY, replace=False)
        signs = generator.choice([-1, 1], SPARSITY)
        column[support] = signs * generator.uniform(1, 2, SPARSITY)
    return matrix, np.asfortranarray(matrix @ truth), truth


def solve_with_sea(sea: str, folder: Path) -> tuple[float, np.ndarray]:
    """Seconds to solve, loading not counted, and the supports."""
    command = [sea, "solve", "--json", "--backend", "cpu", "--start", "zero"]
    command += ["--matrix", str(folder / "A.npy"), "--observation", str(folder / "Y.npy")]
    done = subprocess.run(
        [*command, "--sparsity", str(SPARSITY)], check=True, capture_output=True, text=True
    )
    reports = json.loads(done.stdout)
    found = np.zeros((COLUMNS, OBSERVATIONS), dtype=bool)
    for place, report in enumerate(reports):
        found[report["support"], place] = True
    return reports[0]["seconds"]["solve"], found


def solve_with_spams(matrix: np.ndarray, observations: np.ndarray) -> tuple[float, np.ndarray]:
    """OMP in C++, on all cores."""
    import spams

    begin = perf_counter()
    found = spams.omp(observations, matrix, L=SPARSITY, eps=1e-20, numThreads=-1)
    return perf_counter() - begin, found.toarray() != 0


def main() -> None:
    """Prints medians, minima and the share of supports found whole."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sea", required=True, help="the tool, as built in release")
    parser.add_argument("--rounds", type=int, default=9, help="counted rounds (default: 9)")
    arguments = parser.parse_args()
    matrix, observations, truth = generate(1)
    with TemporaryDirectory() as name:
        folder = Path(name)
        np.save(folder / "A.npy", matrix)
        np.save(folder / "Y.npy", observations)
        solvers = {"sea": lambda: solve_with_sea(arguments.sea, folder)}
        if find_spec("spams"):
            solvers["SPAMS omp"] = lambda: solve_with_spams(matrix, observations)
        seconds = {solver: [] for solver in solvers}
        found = {}
        for turn in range(arguments.rounds + 1):
            for solver, solve in solvers.items():
                time, found[solver] = solve()
                # The first round warms up.
                if turn:
                    seconds[solver].append(time)
    print(f"{OBSERVATIONS} observations, {ROWS} × {COLUMNS}, k = {SPARSITY}, no noise\n")
    print("| solver | median s | minimum s | supports found |\n|---|--:|--:|--:|")
    for solver, times in seconds.items():
        hits = int(np.all(found[solver] == (truth != 0), axis=0).sum())
        print(
            f"| {solver} | {median(times):.4f} | {min(times):.4f} | {hits} of {OBSERVATIONS} |"
        )


if __name__ == "__main__":
    main()
