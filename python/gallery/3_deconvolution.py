"""Spikes behind a blur: neighbouring columns are nearly equal, which is where greedy methods fail."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import toeplitz

import sparse_recovery as sr

n, k, width = 300, 12, 3.0
kernel = np.exp(-(np.arange(n) ** 2) / (2 * width**2))
A = np.asfortranarray(toeplitz(kernel))
rng = np.random.default_rng(3)
truth = np.zeros(n)
truth[rng.choice(n - 20, k, replace=False) + 10] = rng.uniform(0.5, 1.5, k)
y = A @ truth + 0.005 * rng.standard_normal(n)

problem = sr.Problem(A, nonnegative=True)
estimates = {
    "portfolio": problem.solve(y, k),
    "orthogonal matching pursuit": problem.solve(y, k, algorithm="omp"),
}
fig, axes = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained")
for ax, (name, found) in zip(axes, estimates.items()):
    ax.fill_between(np.arange(n), y, color="#9aa0a6", alpha=0.35, label="observation")
    places = np.flatnonzero(truth)
    ax.plot(places, truth[places], "o", color="#5f6368", markersize=9, fillstyle="none", label="truth")
    ax.vlines(found.support, 0, found.coefficients, color="#1a5fb4")
    ax.plot(found.support, found.coefficients, "o", color="#1a5fb4", markersize=4, label="found")
    hits = np.intersect1d(found.support, places).size
    ax.set_title(
        f"{name}: {hits} of {k} found, relative residual {found.relative_residual:.3g}",
        fontsize=10,
        loc="left",
    )
axes[0].legend(loc="upper right", fontsize=9)
axes[1].set_xlabel("position")
