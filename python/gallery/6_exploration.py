"""What SEA does: it does not converge, it explores, and returns the best support that it saw."""

import matplotlib.pyplot as plt
import numpy as np

import sparse_recovery as sr
from sparse_recovery.plotting import plot_support, plot_trace

rng = np.random.default_rng(8)
m, n, k = 200, 600, 48
A = np.asfortranarray(rng.standard_normal((m, n)))
truth = np.zeros(n)
truth[rng.choice(n, k, replace=False)] = rng.choice([-1.0, 1.0], k) * rng.uniform(1, 2, k)
y = A @ truth + 0.5 * rng.standard_normal(m)

reports = []
found = sr.solve(A, y, k, algorithm="sea", iterations=1000, observe=reports.append)

fig, axes = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
plot_trace(reports, ax=axes[0])
plot_support(found, ax=axes[1], truth=truth)
