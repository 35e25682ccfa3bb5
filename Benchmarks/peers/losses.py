#!/usr/bin/env python3
"""Compares `sea --loss logistic|poisson` with abess on the same files, and its fits with scikit-learn.

    python losses.py SEA [--problems 15] [--output losses.json]

needs abess, scikit-learn and numpy. Planted problems have 300 rows, 400 columns with correlations ρ^|i − j| and 10
columns behind y; the data are scikit-learn's breast cancer with the squares and products of its columns. Every support is
refitted here by Newton's method, so that losses do not depend on who stops when.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

ROWS, COLUMNS, SPARSITY = 300, 400, 10


def planted(loss, rho, seed):
    """A, y and the support behind it."""
    random = np.random.default_rng(seed)
    noise = random.standard_normal((ROWS, COLUMNS))
    a = noise.copy()
    for j in range(1, COLUMNS):
        a[:, j] = rho * a[:, j - 1] + np.sqrt(1 - rho**2) * noise[:, j]
    support = np.sort(random.choice(COLUMNS, SPARSITY, replace=False))
    size = 1.5 if loss == "logistic" else 0.3
    x = size * random.choice([-1.0, 1.0], SPARSITY) * random.uniform(0.7, 1.3, SPARSITY)
    scores = a[:, support] @ x + (0 if loss == "logistic" else 0.5)
    if loss == "logistic":
        y = (random.uniform(size=ROWS) < 1 / (1 + np.exp(-scores))).astype(float)
    else:
        y = random.poisson(np.exp(scores)).astype(float)
    return a, y, support


def cancer():
    """The breast cancer data with squares and products, in standard deviations."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    z = (data.data - data.data.mean(0)) / data.data.std(0)
    products = [z[:, i] * z[:, j] for i in range(30) for j in range(i, 30)]
    a = np.column_stack([z] + products)
    return (a - a.mean(0)) / a.std(0), data.target.astype(float)


def value(loss, scores, y):
    if loss == "logistic":
        return np.sum(np.logaddexp(0, np.where(y == 1, -scores, scores)))
    logs = np.where(y > 0, y * np.log(np.maximum(y, 1)), 0)
    return np.sum(np.exp(scores) - y * scores + logs - y)


def refit(loss, a, y, support):
    """The least loss on a support, with a constant: Newton steps, halved until the loss falls."""
    z = np.column_stack([a[:, support], np.ones(len(y))])
    c = np.zeros(z.shape[1])
    least = value(loss, z @ c, y)
    for _ in range(200):
        with np.errstate(over="ignore"):
            mean = 1 / (1 + np.exp(-(z @ c))) if loss == "logistic" else np.exp(z @ c)
        curvature = mean * (1 - mean) if loss == "logistic" else mean
        h = z.T @ (curvature[:, None] * z) + 1e-12 * np.eye(len(c))
        step = np.linalg.lstsq(h, z.T @ (mean - y), rcond=None)[0]
        t, before = 1.0, least
        while t > 1e-12:
            with np.errstate(over="ignore"):
                there = value(loss, z @ (c - t * step), y)
            if there < least:
                c, least = c - t * step, there
                break
            t /= 2
        if before - least <= 1e-13 * before:
            break
    return c, least


def by_sea(tool, folder, loss, k):
    words = [tool, "solve", "-m", f"{folder}/A.npy", "-y", f"{folder}/y.npy", "-k", str(k)]
    words += ["--loss", loss, "--intercept", "--json"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return result, seconds


def by_abess(loss, a, y, k):
    from abess import LogisticRegression, PoissonRegression

    model = (LogisticRegression if loss == "logistic" else PoissonRegression)(support_size=k)
    begin = time.process_time()
    model.fit(a, y)
    return np.flatnonzero(model.coef_), time.process_time() - begin


def difference_to_scikit(loss, a, y, result):
    """The largest difference of a coefficient to scikit-learn's without a penalty, beside the largest coefficient."""
    from sklearn.linear_model import LogisticRegression, PoissonRegressor

    if loss == "logistic":
        model = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000, solver="newton-cholesky")
    else:
        model = PoissonRegressor(alpha=0, tol=1e-12, max_iter=10000, solver="newton-cholesky")
    fit = model.fit(a[:, result["support"]], y)
    theirs = np.append(np.ravel(fit.coef_), np.ravel(fit.intercept_))
    ours = np.append(result["coefficients"], result["intercept"])
    return float(np.max(np.abs(ours - theirs)) / np.max(np.abs(theirs)))


def compare(tool, name, loss, a, y, k, truth=None):
    with tempfile.TemporaryDirectory() as folder:
        np.save(f"{folder}/A.npy", np.asfortranarray(a))
        np.save(f"{folder}/y.npy", y)
        result, seconds = by_sea(tool, folder, loss, k)
    theirs, their_seconds = by_abess(loss, a, y, k)
    ours = np.array(result["support"])
    own, other = refit(loss, a, y, ours)[1], refit(loss, a, y, theirs)[1]
    row = {
        "problem": name, "loss": loss, "k": k, "sea": own, "abess": other, "seaSeconds": seconds,
        "abessSeconds": their_seconds, "reported": result["loss"]["value"],
        "unbounded": any("minimum" in w for w in result["warnings"]),
        "support": result["support"], "abessSupport": theirs.tolist(),
        "foundBy": result["attempts"][result["bestAttempt"]]["solver"],
    }
    if truth is not None:
        row["seaHit"] = bool(np.array_equal(ours, truth))
        row["abessHit"] = bool(np.array_equal(theirs, truth))
        row["truthLoss"] = refit(loss, a, y, truth)[1]
    if not row["unbounded"]:
        row["scikit"] = difference_to_scikit(loss, a, y, result)
    print({k: v for k, v in row.items() if "upport" not in k}, file=sys.stderr)
    return row


def wilson(count, total):
    z, p = 1.959963984540054, count / total
    centre, half = p + z * z / (2 * total), z * np.sqrt(p * (1 - p) / total + z * z / (4 * total**2))
    return [(centre - half) / (1 + z * z / total), (centre + half) / (1 + z * z / total)]


def summary(rows):
    count = len(rows)
    # Losses are refits to some 1e-10 of themselves; below 1e-6 nothing is left to explain.
    def differs(a, b):
        return a < b * (1 - 1e-8) - 1e-6

    smaller = int(sum(differs(r["sea"], r["abess"]) for r in rows))
    larger = int(sum(differs(r["abess"], r["sea"]) for r in rows))
    line = {
        "problems": count, "smaller": smaller, "larger": larger,
        "smallerInterval": wilson(smaller, count), "largerInterval": wilson(larger, count),
        "seaSeconds": float(np.median([r["seaSeconds"] for r in rows])),
        "abessSeconds": float(np.median([r["abessSeconds"] for r in rows])),
        "scikit": max((r["scikit"] for r in rows if "scikit" in r), default=None),
    }
    if "seaHit" in rows[0]:
        line["seaHits"] = sum(r["seaHit"] for r in rows)
        line["abessHits"] = sum(r["abessHit"] for r in rows)
        for name in ["sea", "abess"]:
            line[f"{name}HitInterval"] = wilson(line[f"{name}Hits"], count)
    return line


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sea")
    parser.add_argument("--problems", type=int, default=15, help="planted problems for each loss")
    parser.add_argument("--output", type=Path)
    arguments = parser.parse_args()
    warnings.filterwarnings("ignore")
    groups = {}
    for loss in ["logistic", "poisson"]:
        rows = []
        for number in range(arguments.problems):
            rho = [0, 0.5, 0.9][number % 3]
            a, y, truth = planted(loss, rho, 1000 + number)
            rows.append(compare(arguments.sea, f"rho {rho}", loss, a, y, SPARSITY, truth))
        groups[f"planted, {loss}"] = rows
    a, y = cancer()
    groups["breast cancer, logistic"] = [
        compare(arguments.sea, "cancer", "logistic", a, y, k) for k in range(1, 9)
    ]
    result = {name: summary(rows) for name, rows in groups.items()}
    print(json.dumps(result, indent=1))
    if arguments.output:
        arguments.output.write_text(json.dumps({"summary": result, "rows": groups}))


if __name__ == "__main__":
    main()
