#!/usr/bin/env python3
"""Compares the proofs of `sea --algorithm bnb` for wide matrices with those of l0bnb and El0ps.

    python proofs.py SEA [--seconds 60] [--output proofs.json]

needs numpy, and l0bnb and El0ps or one of them. They minimise ½‖y − Ax‖² + λ₀‖x‖₀ + (λ/2)‖x‖² and take no k: here λ₀
is one for which the best support has k columns, by the losses that `sea` proves for k − 1, k and k + 1. They begin
with that support, and have a relative gap of 10⁻⁴ to close; `sea` has 10⁻⁹, and its time is that of the whole process.
"""

import argparse
import contextlib
import io
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np

# Rows, columns, k, signal-to-noise ratio in dB, correlation of neighbours, ridges.
PROBLEMS = [
    (500, 5000, 10, 20, 0.0, [0.1, 0.03, 0.01]),
    (500, 5000, 25, 20, 0.0, [0.1, 0.03]),
    (500, 5000, 10, 7, 0.0, [0.3, 0.1]),
    (1000, 10000, 10, 7, 0.1, [0.1, 0.03]),
    (2000, 20000, 20, 20, 0.0, [0.1, 0.03]),
    (500, 2000, 10, 20, 0.8, [0.1, 0.03]),
]
GAP = 1e-4


def problem(rows, columns, sparsity, snr, rho, seed=0):
    """Columns of unit length, coefficients of magnitude 1 to 2."""
    random = np.random.default_rng(seed)
    a = random.standard_normal((rows, columns))
    for j in range(1, columns if rho else 0):
        a[:, j] = rho * a[:, j - 1] + np.sqrt(1 - rho**2) * a[:, j]
    a /= np.linalg.norm(a, axis=0)
    support = np.sort(random.choice(columns, sparsity, replace=False))
    x = random.uniform(1, 2, sparsity) * random.choice([-1, 1], sparsity)
    image = a[:, support] @ x
    noise = random.standard_normal(rows) * np.linalg.norm(image) / np.sqrt(rows)
    return np.asfortranarray(a), image + noise * 10 ** (-snr / 20)


def ridge_fit(a, y, support, ridge):
    """The least ½‖y − Ax‖² + (λ/2)‖x‖² on a support, and x there."""
    columns = a[:, support]
    x = np.linalg.solve(columns.T @ columns + ridge * np.eye(len(support)), columns.T @ y)
    r = y - columns @ x
    return 0.5 * (r @ r + ridge * x @ x), x


def by_sea(tool, folder, k, ridge, seconds):
    words = [tool, "solve", "-m", f"{folder}/A.npy", "-y", f"{folder}/y.npy", "-k", str(k)]
    words += ["--ridge", str(ridge), "--algorithm", "bnb", "--json", "--quiet"]
    begin = time.perf_counter()
    text = subprocess.run(
        words + ["--time-limit", str(seconds)], check=True, capture_output=True
    ).stdout
    result = json.loads(text)
    return result["support"], result.get("optimalityGap", 1), time.perf_counter() - begin


def nonzeros(x):
    return np.flatnonzero(np.abs(x) > 1e-9 * np.abs(x).max())


def by_l0bnb(a, y, penalty, ridge, start, most, seconds):
    # The package still asks for the name that NumPy 2 dropped.
    vars(np).setdefault("Inf", np.inf)
    from l0bnb import BNBTree

    tree = BNBTree(a, y)
    with contextlib.redirect_stdout(io.StringIO()):
        found = tree.solve(
            penalty, ridge / 2, most, gap_tol=GAP, warm_start=start, time_limit=seconds
        )
    return nonzeros(found[1]), float(found[4])


def by_el0ps(a, y, penalty, ridge, start, most, seconds):
    # One process: MPI, which may be missing, stays out of it.
    sys.modules.setdefault("mpi4py", None)
    import pybnb

    if not isinstance(pybnb.Solver, partial):
        pybnb.Solver = partial(pybnb.Solver, comm=None)
    from el0ps.datafit import Leastsquares
    from el0ps.penalty import L2norm
    from el0ps.solver import BnbSolver

    # Its datafit is ½‖y − Ax‖², its penalty β‖x‖².
    solver = BnbSolver(time_limit=seconds, relative_gap=GAP, verbose=False)
    found = solver.solve(Leastsquares(y), L2norm(ridge / 2), a, penalty, x_init=start)
    # It tells no gap.
    return nonzeros(found.x), 0.0 if found.status.value == "optimal" else np.nan


STRANGERS = {"l0bnb": by_l0bnb, "el0ps": by_el0ps}


def compare(tool, strangers, case, ridge, seconds):
    rows, columns, k, snr, rho, _ = case
    a, y = problem(rows, columns, k, snr, rho)
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/A.npy", a)
        np.save(f"{folder}/y.npy", y)
        found = {n: by_sea(tool, folder, n, ridge, seconds) for n in (k - 1, k, k + 1)}
    support, gap, took = found[k]
    losses = {n: ridge_fit(a, y, found[n][0], ridge)[0] for n in found}
    row = dict(rows=rows, columns=columns, sparsity=k, snr=snr, rho=rho, ridge=ridge)
    row["sea"] = dict(seconds=took, gap=gap, same=True)
    least, most = losses[k] - losses[k + 1], losses[k - 1] - losses[k]
    if least >= most:
        print(f"no penalty selects k = {k}", file=sys.stderr)
        return row
    penalty = float(np.sqrt(max(least, 1e-9) * most))
    x = np.zeros(columns)
    x[support] = ridge_fit(a, y, support, ridge)[1]
    for name, solve in strangers.items():
        begin = time.perf_counter()
        there, gap = solve(a, y, penalty, ridge, x, 1.5 * np.abs(x).max(), seconds)
        took = time.perf_counter() - begin
        row[name] = dict(seconds=took, gap=gap, same=sorted(there) == sorted(support))
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sea", help="the tool")
    parser.add_argument("--seconds", type=float, default=60, help="for each solve")
    parser.add_argument("--output", type=Path, help="a file for the same as JSON")
    options = parser.parse_args()
    strangers = {name: solve for name, solve in STRANGERS.items() if find_spec(name)}
    a, y = problem(30, 40, 3, 20, 0.0)
    for solve in strangers.values():
        # The first call compiles.
        solve(a, y, 0.1, 0.1, np.zeros(40), 5.0, 20)
    table = []
    print("| A | k | dB | ρ | ridge | " + " | ".join(["sea", *strangers]) + " |")
    print("|---" * (6 + len(strangers)) + "|")
    for case in PROBLEMS:
        for ridge in case[-1]:
            row = compare(options.sea, strangers, case, ridge, options.seconds)
            table.append(row)
            cells = [f"{row['rows']} × {row['columns']}", row["sparsity"], row["snr"], row["rho"]]
            for name in ["sea", *strangers]:
                cell = row.get(name)
                text = f"{cell['seconds']:.2f}" if cell else "–"
                if cell and not cell["gap"] <= GAP:
                    text += f", gap {cell['gap']:.1e}" if cell["gap"] > GAP else ", no proof"
                if cell and not cell["same"]:
                    text += ", another support"
                cells.append(text)
            cells.insert(4, ridge)
            print("| " + " | ".join(map(str, cells)) + " |", flush=True)
            if options.output:
                options.output.write_text(json.dumps(table, indent=1) + "\n")


if __name__ == "__main__":
    main()
