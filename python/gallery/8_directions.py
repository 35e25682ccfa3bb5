"""Directions of radio waves: 24 antennas place two sources that a beam turned over them shows elsewhere."""

import matplotlib.pyplot as plt
import numpy as np

import sparse_recovery as sr

rng = np.random.default_rng(5)
antennas, directions, k = 24, 361, 4
# What a wave from each direction makes of antennas half a wavelength apart, at one moment.
degrees = np.linspace(-90, 90, directions)
A = np.exp(1j * np.pi * np.outer(np.arange(antennas), np.sin(np.radians(degrees))))
sources = np.array([-30.5, -26.5, 12.0, 40.0])
strengths = np.array([1.0, 0.8, 0.9, 0.6]) * np.exp(2j * np.pi * rng.random(k))
support = np.searchsorted(degrees, sources)
noise = rng.standard_normal(antennas) + 1j * rng.standard_normal(antennas)
y = A[:, support] @ strengths + 0.1 * noise

beam = np.abs(A.conj().T @ y) / antennas
found = {"omp": sr.solve(A, y, k, algorithm="omp"), "the default": sr.solve(A, y, k)}
fig, axes = plt.subplots(2, 1, figsize=(8, 4.5), sharex=True, layout="constrained")
for ax, (name, solution) in zip(axes, found.items()):
    ax.plot(degrees, beam, color="0.7", label="a beam turned over all directions")
    ax.plot(
        sources, np.abs(strengths), "o", color="#c64600", markersize=8, fillstyle="none", label="the sources"
    )
    ax.vlines(
        degrees[solution.support], 0, np.abs(solution.coefficients), color="#1a5fb4", linewidth=2, label=name
    )
    ax.set_title(f"{name}: relative residual {solution.relative_residual:.3f}", fontsize=10, loc="left")
    ax.set_ylabel("magnitude")
axes[0].legend(fontsize=8, frameon=False, loc="upper left")
axes[1].set_xlabel("direction in degrees")
