"""A photograph in cosines: blocks of 8 × 8 pixels, each as a sum of eight atoms."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_sample_image

import sparse_recovery as sr

image = load_sample_image("china.jpg").mean(axis=2)[80:240, 160:400]

# An overcomplete dictionary: products of cosines of 12 frequencies a direction, for blocks of 8 × 8.
size, frequencies, k = 8, 12, 8
position = np.arange(size) + 0.5
cosines = np.cos(np.pi * np.outer(position, np.arange(frequencies)) / frequencies)
dictionary = np.asfortranarray(np.kron(cosines, cosines))

height, width = (side // size for side in image.shape)
blocks = image.reshape(height, size, width, size).transpose(0, 2, 1, 3).reshape(-1, size * size).T

problem = sr.Problem(dictionary)
approximations = {}
for algorithm in ("omp", "els"):
    solutions = problem.solve(blocks, k, algorithm=algorithm)
    approximations[algorithm] = np.stack([solution.predict(dictionary) for solution in solutions], axis=1)


def assembled(columns):
    return columns.T.reshape(height, width, size, size).transpose(0, 2, 1, 3).reshape(image.shape)


fig, axes = plt.subplots(1, 3, figsize=(11, 2.9), layout="constrained")
axes[0].set_title("photograph", fontsize=10)
axes[0].imshow(image, cmap="gray", vmin=0, vmax=255)
for ax, (algorithm, columns) in zip(axes[1:], approximations.items()):
    error = np.mean((columns - blocks) ** 2)
    ax.imshow(assembled(columns), cmap="gray", vmin=0, vmax=255)
    name = {"omp": "matching pursuit", "els": "exchanges"}[algorithm]
    ax.set_title(f"{name}, {k} of 144 atoms a block: {10 * np.log10(255**2 / error):.2f} dB", fontsize=10)
for ax in axes:
    ax.axis("off")
