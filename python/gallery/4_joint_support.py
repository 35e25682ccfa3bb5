"""One support for several observations: what a single noisy channel does not show, eight of them do."""

import matplotlib.pyplot as plt
import numpy as np

import sparse_recovery as sr

rng = np.random.default_rng(11)
m, n, k, channels = 40, 200, 10, 8
A = np.asfortranarray(rng.standard_normal((m, n)))
support = np.sort(rng.choice(n, k, replace=False))
X = np.zeros((n, channels))
X[support] = rng.standard_normal((k, channels))
Y = A @ X + 0.8 * rng.standard_normal((m, channels))

problem = sr.Problem(A)
found = {
    "each channel on its own": problem.solve(Y, k, algorithm="sea"),
    "one support for all": problem.solve(Y, k, algorithm="sea", joint=True),
}
fig, axes = plt.subplots(2, 1, figsize=(8, 4.5), sharex=True, layout="constrained")
for ax, (name, solutions) in zip(axes, found.items()):
    hits = [np.intersect1d(solution.support, support).size for solution in solutions]
    for column in support:
        ax.axvline(column, color="#c64600", alpha=0.35, linewidth=3)
    for channel, solution in enumerate(solutions):
        ax.plot(solution.support, np.full(len(solution.support), channel), "s", color="#1a5fb4", markersize=4)
    ax.set_title(f"{name}: {np.mean(hits):.1f} of {k} found on average", fontsize=10, loc="left")
    ax.set_ylabel("channel")
axes[1].set_xlabel("column; those of the true support are marked")
