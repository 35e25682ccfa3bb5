"""Spikes from few measurements: 28 of 400 coefficients from 100 numbers."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.linear_model import LassoCV, orthogonal_mp

import sparse_recovery as sr

rng = np.random.default_rng(0)
m, n, k = 100, 400, 28
A = np.asfortranarray(rng.standard_normal((m, n)) / np.sqrt(m))
truth = np.zeros(n)
truth[rng.choice(n, k, replace=False)] = rng.choice([-1.0, 1.0], k)
y = A @ truth + 0.01 * rng.standard_normal(m)

found = sr.solve(A, y, k)

lasso = LassoCV(fit_intercept=False, cv=5).fit(A, y).coef_
estimates = {
    "sparse_recovery.solve": found.dense(),
    "orthogonal matching pursuit": orthogonal_mp(A, y, n_nonzero_coefs=k),
    "lasso, the 28 largest": np.where(np.abs(lasso) >= np.sort(np.abs(lasso))[-k], lasso, 0),
}
fig, axes = plt.subplots(3, 1, figsize=(8, 6.5), sharex=True, sharey=True, layout="constrained")
for ax, (name, x) in zip(axes, estimates.items()):
    places = np.flatnonzero(truth)
    ax.plot(places, truth[places], "o", color="#9aa0a6", markersize=9, fillstyle="none", label="truth")
    ax.vlines(np.flatnonzero(x), 0, x[x != 0], color="#1a5fb4")
    ax.plot(np.flatnonzero(x), x[x != 0], "o", color="#1a5fb4", markersize=4, label="found")
    hits = np.intersect1d(places, np.flatnonzero(x)).size
    ax.set_title(f"{name}: {hits} of {k} found", fontsize=10, loc="left")
    ax.set_ylabel("coefficient")
axes[-1].set_xlabel("column")
axes[0].legend(loc="upper right", ncols=2, fontsize=9)
