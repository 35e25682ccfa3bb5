"""The Support Exploration Algorithm from zero, as it is written down."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from problem import Vector
from scipy.linalg import cho_factor, cho_solve

Indices = npt.NDArray[np.integer]

ITERATIONS = 1000
TOLERANCE = 1e-12


def explore(
    matrix: Vector,
    observation: Vector,
    sparsity: int,
    project: Callable[[Vector, Vector], Vector],
) -> tuple[Vector, int]:
    """The coefficients of the best support visited, and the passes over A.

    The step size is 1: from zero, it does not change which supports are visited.
    """
    exploratory = np.zeros(matrix.shape[1])
    support = np.arange(sparsity)
    best_loss = np.inf
    best: tuple[Indices, Vector] = support, np.zeros(sparsity)
    passes = 0
    for _ in range(ITERATIONS):
        columns = matrix[:, support]
        coefficients = project(columns, observation)
        residual = columns @ coefficients - observation
        loss = float(np.linalg.norm(residual))
        if loss < best_loss:
            best_loss, best = loss, (support, coefficients)
        if loss <= TOLERANCE * np.linalg.norm(observation):
            break
        gradient = matrix.T @ residual
        gradient[support] = 0
        exploratory -= gradient
        passes += 1
        support = np.argpartition(np.abs(exploratory), -sparsity)[-sparsity:]
    solution = np.zeros_like(exploratory)
    solution[best[0]] = best[1]
    return solution, passes


def normal_equations(columns: Vector, observation: Vector) -> Vector:
    """Least squares by Cholesky, or by SVD where that breaks down."""
    try:
        factor = cho_factor(columns.T @ columns)
    except np.linalg.LinAlgError:
        return least_squares(columns, observation)
    return cho_solve(factor, columns.T @ observation)


def least_squares(columns: Vector, observation: Vector) -> Vector:
    """Least squares by SVD."""
    return np.linalg.lstsq(columns, observation)[0]
