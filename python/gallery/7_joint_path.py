"""How many columns do several observations have in common? One path for all of them, and one for each."""

import matplotlib.pyplot as plt
import numpy as np

import sparse_recovery as sr
from sparse_recovery.plotting import plot_path

rng = np.random.default_rng(5)
m, n, k, channels = 60, 120, 6, 6
A = np.asfortranarray(rng.standard_normal((m, n)))
support = np.sort(rng.choice(n, k, replace=False))
X = np.zeros((n, channels))
X[support] = rng.standard_normal((k, channels))
Y = A @ X + 1.2 * rng.standard_normal((m, channels))

problem = sr.Problem(A)
together = problem.path(Y, 12, joint=True, criterion=["ebic", "cv"], folds=5, effort="quick")
apart = problem.path(Y, 12, criterion="ebic", effort="quick")

fig, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
plot_path(together, ax=axes[0])
chosen = [path.best.support for path in apart] + [together.support]
hits = np.array([np.intersect1d(found, support).size for found in chosen])
others = np.array([len(found) for found in chosen]) - hits
places = np.append(np.arange(channels), channels + 0.5)
axes[1].bar(places, hits, color="#1a5fb4", label="true columns")
axes[1].bar(places, others, bottom=hits, color="#c64600", label="other columns")
axes[1].axhline(k, color="#5f6368", linestyle="--", label=f"the {k} that there are")
axes[1].set_xticks(places, [f"{channel + 1}" for channel in range(channels)] + ["all"])
axes[1].set_ylim(0, k + 1)
axes[1].set(xlabel="channel with a path of its own; one path for all", ylabel="columns chosen by EBIC")
axes[1].legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
