#!/usr/bin/env python3
"""Compares supports of complex columns that `sea` finds with those of PyLops.

    python complex.py SEA [--problems 12] [--output complex.json]

needs numpy and pylops, whose orthogonal matching pursuit and FISTA take complex matrices. FISTA is run for 20 penalties, each to
1000 iterations; the k largest magnitudes of every solution are fitted, and the best of the 20 counts. What is left is
‖y − A x‖², fitted again on the columns that each selects; times are those of the solves, on one thread.
"""

import argparse
import json
import os
import subprocess
import tempfile
import time

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402


def normal(random, *shape):
    return (random.standard_normal(shape) + 1j * random.standard_normal(shape)) / np.sqrt(2)


def gaussian(rows, columns):
    return lambda random: normal(random, rows, columns)


def fourier(rows, columns):
    """Some rows of a Fourier matrix, as of a spectrum that is measured in part."""

    def draw(random):
        chosen = np.sort(random.permutation(columns)[:rows])
        return np.exp(-2j * np.pi * np.outer(chosen, np.arange(columns)) / columns)

    return draw


def array(antennas, directions):
    """Responses of an array of antennas half a wavelength apart to waves from directions on a grid of sines."""

    def draw(_):
        sines = np.linspace(-1, 1, directions, endpoint=False)
        return np.exp(1j * np.pi * np.outer(np.arange(antennas), sines))

    return draw


def channel(pilots, carriers, delays):
    """Responses of pilot carriers, which are irregular, to echoes with delays on a grid finer than a sample."""

    def draw(random):
        chosen = np.sort(random.permutation(carriers)[:pilots])
        grid = np.arange(delays) * (carriers / 4) / delays
        return np.exp(-2j * np.pi * np.outer(chosen, grid) / carriers)

    return draw


# What draws A, k, the ratio of the variances of signal and noise.
DRAWN = {
    "Gaussian 60 × 500": (gaussian(60, 500), 12, 10.0),
    "Gaussian 100 × 400": (gaussian(100, 400), 30, 100.0),
    "Fourier 64 × 512": (fourier(64, 512), 14, 10.0),
    "array 32 × 256": (array(32, 256), 5, 10.0),
    "array 64 × 1024": (array(64, 1024), 8, 30.0),
    "channel 64 × 400": (channel(64, 1024, 400), 6, 10.0),
}


def drawn(name, seed):
    draw, k, ratio = DRAWN[name]
    random = np.random.default_rng(seed)
    a = draw(random)
    x = np.zeros(a.shape[1], complex)
    x[random.permutation(len(x))[:k]] = np.exp(2j * np.pi * random.random(k)) * (0.5 + random.random(k))
    signal = a @ x
    noise = normal(random, len(signal)) * np.linalg.norm(signal) / np.sqrt(len(signal) * ratio)
    return a, signal + noise, k


def left(a, y, columns):
    r = y - a[:, columns] @ np.linalg.lstsq(a[:, columns], y, rcond=None)[0]
    return float(np.linalg.norm(r) ** 2)


def by_sea(tool, a, y, k, *words):
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/A.npy", np.asfortranarray(a))
        np.save(f"{folder}/y.npy", y)
        command = [tool, "solve", "-m", f"{folder}/A.npy", "-y", f"{folder}/y.npy", "-k", str(k)]
        command += ["--backend", "cpu", "--threads", "1", "--json", "--quiet", *words]
        result = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return np.array(result["support"], dtype=int), result["seconds"]["solve"]


def by_pursuit(a, y, k):
    import pylops

    operator = pylops.MatrixMult(a / np.linalg.norm(a, axis=0), dtype=complex)
    begin = time.perf_counter()
    x = pylops.optimization.sparsity.omp(operator, y, niter_outer=k, sigma=0)[0]
    return np.flatnonzero(x), time.perf_counter() - begin


def by_fista(a, y, k):
    import pylops

    scaled = a / np.linalg.norm(a, axis=0)
    operator = pylops.MatrixMult(scaled, dtype=complex)
    largest = np.abs(scaled.conj().T @ y).max()
    step = 1 / np.linalg.norm(scaled, 2) ** 2
    begin, best = time.perf_counter(), (np.inf, None)
    for penalty in largest * np.geomspace(0.9, 0.01, 20):
        # It minimises ‖y − A x‖² + penalty ‖x‖₁ with half the step.
        x = pylops.optimization.sparsity.fista(
            operator, y, niter=1000, eps=2 * penalty, alpha=step / 2, tol=1e-8
        )[0]
        columns = np.argsort(-np.abs(x), kind="stable")[:k]
        best = min(best, (left(a, y, columns), tuple(columns)))
    return np.array(best[1]), time.perf_counter() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sea", help="the tool")
    parser.add_argument("--problems", type=int, default=12, help="of each kind")
    parser.add_argument("--output", help="a file for all figures")
    options = parser.parse_args()
    solvers = {
        "sea": lambda *given: by_sea(options.sea, *given),
        "sea omp": lambda *given: by_sea(options.sea, *given, "--algorithm", "omp"),
        "PyLops OMP": by_pursuit,
        "PyLops FISTA": by_fista,
    }
    rows = []
    for name in DRAWN:
        for seed in range(options.problems):
            a, y, k = drawn(name, seed)
            row = dict(problem=name, seed=seed, rows=a.shape[0], columns=a.shape[1], k=k)
            for who, solve in solvers.items():
                columns, took = solve(a, y, k)
                row[who] = dict(loss=left(a, y, columns), seconds=took)
            rows.append(row)
    print(f"{'problem':20} {'against':14} {'number':>6} {'better':>6} {'worse':>6} {'ratio':>7} {'sea s':>7} {'s':>8}")
    for name in DRAWN:
        own = [row for row in rows if row["problem"] == name]
        for other in list(solvers)[1:]:
            ratios = np.array([row["sea"]["loss"] / row[other]["loss"] for row in own])
            times = [np.median([row[who]["seconds"] for row in own]) for who in ("sea", other)]
            better, worse = (ratios < 1 - 1e-6).sum(), (ratios > 1 + 1e-6).sum()
            print(
                f"{name:20} {other:14} {len(own):6} {better:6} {worse:6} {ratios.mean():7.4f} "
                f"{times[0]:7.3f} {times[1]:8.3f}"
            )
    if options.output:
        with open(options.output, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
