#!/usr/bin/env python3
"""Compares supports of groups of columns that `sea --column-groups` finds with those of abess.

    python groups.py SEA [--problems 12] [--output groups.json]

needs numpy, scikit-learn and abess, whose group splicing (Zhang, Zhu, Zhu and Wang 2023) exchanges up to five groups at
once. Both fit an intercept. Losses are sums of squares, or deviances, fitted again on the groups that each selects; times are
those of the solves, on one thread.
"""

import argparse
import json
import subprocess
import tempfile
import time

import numpy as np
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression


def neighbours(random, rows, count, rho):
    z = random.standard_normal((rows, count))
    for j in range(1, count):
        z[:, j] = rho * z[:, j - 1] + np.sqrt(1 - rho**2) * z[:, j]
    return z


def blocks(rows, count, size):
    """Groups of columns that have a part in common, which correlates with that of the next group."""

    def draw(random):
        common = np.repeat(neighbours(random, rows, count, 0.7), size, axis=1)
        a = 0.6 * common + random.standard_normal(common.shape)
        return a, np.repeat(np.arange(count), size)

    return draw


def powers(rows, count, size):
    """The first powers of correlated variables, as additive models have them."""

    def draw(random):
        z = neighbours(random, rows, count, 0.8)
        a = np.concatenate([z[:, [j]] ** np.arange(1, size + 1) for j in range(count)], axis=1)
        return a, np.repeat(np.arange(count), size)

    return draw


def factors(rows, count):
    """Indicators of three to six levels."""

    def draw(random):
        z = neighbours(random, rows, count, 0.8)
        columns, labels = [], []
        for j in range(count):
            levels = int(random.integers(3, 7))
            cuts = np.quantile(z[:, j], np.arange(1, levels) / levels)
            level = np.digitize(z[:, j], cuts)
            columns += [(level == number).astype(float) for number in range(1, levels)]
            labels += [j] * (levels - 1)
        return np.stack(columns, axis=1), np.array(labels)

    return draw


# What draws columns and groups, k, the ratio of variances of signal and noise.
DRAWN = {
    "blocks 150 × 200 · 5": (blocks(150, 200, 5), 8, 2.0),
    "blocks 200 × 150 · 4": (blocks(200, 150, 4), 12, 1.0),
    "powers 200 × 100 · 5": (powers(200, 100, 5), 8, 2.0),
    "factors 300 × 80": (factors(300, 80), 8, 1.0),
    "blocks 500 × 1000 · 5": (blocks(500, 1000, 5), 20, 2.0),
}


def drawn(name, seed, is_logistic):
    draw, k, ratio = DRAWN[name]
    random = np.random.default_rng(seed)
    a, groups = draw(random)
    active = random.permutation(groups[-1] + 1)[:k]
    x = np.where(np.isin(groups, active), random.standard_normal(len(groups)), 0)
    signal = a @ x
    signal -= signal.mean()
    y = signal + random.standard_normal(len(signal)) * signal.std() / np.sqrt(ratio)
    return a, (y > 0).astype(float) if is_logistic else y, groups, k


def real(name):
    """Measurements of which each has several columns, and their powers."""
    if name == "breast cancer":
        a, y = load_breast_cancer(return_X_y=True)
        # Mean, error and worst of ten measurements; and the products of these three.
        parts = [(a[:, j::10] - a[:, j::10].mean(0)) / a[:, j::10].std(0) for j in range(10)]
        parts += [parts[i][:, :1] * parts[j] for i in range(10) for j in range(i + 1)]
        y = y.astype(float)
    else:
        a, y = load_diabetes(return_X_y=True)
        z = a / a.std(0)
        parts = [z[:, [j]] ** np.arange(1, 2 if j == 1 else 5) for j in range(10)]
        parts += [parts[i] * z[:, [j]] for i in range(10) for j in range(i)]
    groups = np.concatenate([[g] * part.shape[1] for g, part in enumerate(parts)])
    return np.concatenate(parts, axis=1), y, groups


def loss(a, y, columns, is_logistic):
    """What is left by a fit on these columns."""
    a = a[:, columns]
    a = (a - a.mean(0)) / a.std(0)
    if not is_logistic:
        a = np.column_stack([np.ones(len(y)), a])
        r = y - a @ np.linalg.lstsq(a, y, rcond=None)[0]
        return float(r @ r)
    fit = LogisticRegression(C=1e10, max_iter=10000, tol=1e-8).fit(a, y)
    p = np.clip(fit.predict_proba(a)[np.arange(len(y)), y.astype(int)], 1e-300, 1)
    return float(-2 * np.log(p).sum())


def by_sea(tool, a, y, groups, k, is_logistic):
    with tempfile.TemporaryDirectory() as folder:
        for name, array in (("A", np.asfortranarray(a)), ("y", y), ("g", groups.astype(float))):
            np.save(f"{folder}/{name}.npy", array)
        words = [tool, "solve", "-m", f"{folder}/A.npy", "-y", f"{folder}/y.npy", "-k", str(k)]
        words += ["--column-groups", f"{folder}/g.npy", "--intercept", "--backend", "cpu"]
        words += ["--threads", "1", "--json", "--quiet"]
        if is_logistic:
            words += ["--loss", "logistic"]
        result = json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
    return np.array(result["support"], dtype=int), result["seconds"]["solve"]


def by_abess(a, y, groups, k, is_logistic):
    import abess

    kind = abess.LogisticRegression if is_logistic else abess.LinearRegression
    model = kind(support_size=k, group=groups, exchange_num=5, important_search=0, thread=1)
    begin = time.perf_counter()
    # It stops at an absolute change of the loss.
    model.fit(a, y if is_logistic else 100 * y)
    took = time.perf_counter() - begin
    return np.flatnonzero(np.isin(groups, np.unique(groups[np.ravel(model.coef_) != 0]))), took


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sea", help="the tool")
    parser.add_argument("--problems", type=int, default=12, help="of each kind that is drawn")
    parser.add_argument("--output", help="a file for all figures")
    options = parser.parse_args()
    rows = []
    cases = [(name, seed) for name in DRAWN for seed in range(options.problems)]
    cases += [(name, k) for name in ("breast cancer", "diabetes") for k in (2, 3, 5, 8)]
    for is_logistic in (False, True):
        for name, number in cases:
            if name in DRAWN:
                a, y, groups, k = drawn(name, number, is_logistic)
                k = k // 3 if is_logistic else k
            elif is_logistic and name == "diabetes":
                continue
            else:
                (a, y, groups), k = real(name), number
            row = dict(problem=name, number=number, rows=len(y), columns=len(groups), groups=k)
            row["loss"] = "logistic" if is_logistic else "squares"
            for who, solve in (("sea", lambda *rest: by_sea(options.sea, *rest)), ("abess", by_abess)):
                columns, took = solve(a, y, groups, k, is_logistic)
                row[who] = dict(loss=loss(a, y, columns, is_logistic), seconds=took)
            rows.append(row)
    print(f"{'problem':24} {'loss':9} {'number':>6} {'better':>6} {'worse':>6} {'ratio':>7} {'sea s':>7} {'abess s':>8}")
    for name, kind in dict.fromkeys((row["problem"], row["loss"]) for row in rows):
        own = [row for row in rows if (row["problem"], row["loss"]) == (name, kind)]
        ratios = np.array([row["sea"]["loss"] / row["abess"]["loss"] for row in own])
        times = [np.median([row[who]["seconds"] for row in own]) for who in ("sea", "abess")]
        better, worse = (ratios < 1 - 1e-6).sum(), (ratios > 1 + 1e-6).sum()
        print(
            f"{name:24} {kind:9} {len(own):6} {better:6} {worse:6} {ratios.mean():7.4f} "
            f"{times[0]:7.3f} {times[1]:8.3f}"
        )
    if options.output:
        with open(options.output, "w") as file:
            json.dump(rows, file, indent=1)


if __name__ == "__main__":
    main()
