"""Sparse Bayesian learning and reweighted ℓ1 minimisation, from their equations, in NumPy."""

import warnings
from collections.abc import Callable
from functools import partial
from time import perf_counter

import numpy as np
from problem import Vector
from scipy.linalg import cho_factor, solve_triangular

# What minimises for given weights of the magnitudes.
Step = Callable[[Vector], Vector]

# Neither goes on after so many seconds.
LIMIT = 25
# Squared residuals up to so many ‖y‖² are rounding.
ROUNDING = 1e-22


def largest(coefficients: Vector, sparsity: int) -> Vector:
    """The k largest magnitudes, the rest zero."""
    kept = np.argpartition(np.abs(coefficients), -sparsity)[-sparsity:]
    found = np.zeros_like(coefficients)
    found[kept] = coefficients[kept]
    return found


def loss(matrix: Vector, observation: Vector, coefficients: Vector) -> float:
    """Squared residual of least squares on the support of `coefficients`, over ‖y‖²."""
    basis = np.linalg.qr(matrix[:, coefficients != 0])[0]
    rest = observation - basis @ (basis.T @ observation)
    rest -= basis @ (basis.T @ rest)
    return float(rest @ rest / (observation @ observation))


def bayesian_learning(
    matrix: Vector, observation: Vector, sparsity: int, noiseless: bool, iterations: int = 500
) -> Vector:
    """The k largest means of the posterior, with a variance learned for every coefficient.

    The fixed point of MacKay: γᵢ = 1 − Σᵢᵢ/gᵢ, gᵢ = μᵢ²/γᵢ, σ² = ‖y − Aμ‖²/(m − Σγ), as in
    M. E. Tipping, "Sparse Bayesian learning and the relevance vector machine", JMLR 1 (2001),
    equations 12, 13 and 16 to 18. Σ comes from C = σ²I + A diag(g) Aᵀ, of size m, by Woodbury:
    then γᵢ = gᵢ aᵢᵀC⁻¹aᵢ. Without noise σ² stays at 1e-10 ‖y‖²/m. Columns are dropped when their
    variance is 1e-10 of the largest.
    """
    begin = perf_counter()
    rows, columns = matrix.shape
    power = float(observation @ observation)
    outside = 0.0
    if rows > columns:
        # What A cannot explain counts as noise only.
        basis, matrix = np.linalg.qr(matrix)
        observation = basis.T @ observation
        outside = max(0.0, power - float(observation @ observation))
    noise = (1e-10 if noiseless else 0.1) * power / rows
    active = np.arange(columns)
    part = matrix
    variances = np.full(columns, power / sparsity)
    means: Vector = np.zeros(columns)
    for _ in range(iterations):
        covariance = (part * variances) @ part.T
        covariance.flat[:: len(covariance) + 1] += noise
        try:
            factor = cho_factor(covariance, lower=True, overwrite_a=True)[0]
        except np.linalg.LinAlgError:
            break
        whitened = solve_triangular(factor, part, lower=True, check_finite=False)
        target = solve_triangular(factor, observation, lower=True, check_finite=False)
        means = variances * (whitened.T @ target)
        # 1 − Σᵢᵢ/gᵢ: how well the data determine a coefficient.
        determined = np.clip(variances * np.einsum("ij,ij->j", whitened, whitened), 1e-12, 1)
        updated = means**2 / determined
        if not noiseless:
            rest = observation - part @ means
            freedom = max(rows - determined.sum(), 1e-3 * rows)
            noise = max((float(rest @ rest) + outside) / freedom, 1e-10 * power / rows)
        change = np.abs(updated - variances).max() / updated.max()
        kept = updated > 1e-10 * updated.max()
        if np.count_nonzero(kept) < sparsity:
            break
        variances, means = updated[kept], means[kept]
        if not kept.all():
            active, part = active[kept], np.asfortranarray(part[:, kept])
        if change < 1e-6 or perf_counter() - begin > LIMIT:
            break
    found = np.zeros(columns)
    found[active] = means
    return largest(found, sparsity)


def reweighted_l1(
    matrix: Vector, observation: Vector, sparsity: int, noiseless: bool, rounds: int = 8
) -> Vector:
    """The best k largest magnitudes of any round of minimising Σ wᵢ|xᵢ|, wᵢ = 1/(|xᵢ| + ε).

    E. J. Candès, M. B. Wakin, S. P. Boyd, "Enhancing sparsity by reweighted ℓ1 minimization",
    J. Fourier Anal. Appl. 14 (2008). ε is the (k + 1)-th magnitude, but at least 1e-3 of the first.
    Without noise Ax = y; with noise the penalised form, for five weights of the penalty.
    """
    begin = perf_counter()
    best: Vector = np.zeros(matrix.shape[1])
    least = np.inf
    steps = [equality(matrix, observation)] if noiseless else penalties(matrix, observation)
    for step in steps:
        weights = np.ones(matrix.shape[1])
        for _ in range(rounds):
            coefficients = step(weights)
            magnitudes = np.sort(np.abs(coefficients))[::-1]
            if magnitudes[0] == 0:
                break
            candidate = largest(coefficients, sparsity)
            reached = loss(matrix, observation, candidate)
            if reached < least:
                best, least = candidate, reached
            if least < ROUNDING or perf_counter() - begin > LIMIT:
                return best
            epsilon = max(magnitudes[sparsity], 1e-3 * magnitudes[0])
            weights = epsilon / (np.abs(coefficients) + epsilon)
    return best


def equality(matrix: Vector, observation: Vector, iterations: int = 300) -> Step:
    """Minimises Σ wᵢ|xᵢ| subject to Ax = y, by ADMM that goes on from the last weights.

    S. Boyd et al., "Distributed optimization and statistical learning via the alternating
    direction method of multipliers" (2011), section 6.2. Directions that A nearly annuls are
    no constraint.
    """
    left, values, right = np.linalg.svd(matrix, full_matrices=False)
    kept = values > 1e-10 * values[0]
    right = np.ascontiguousarray(right[kept])
    least = right.T @ ((left[:, kept].T @ observation) / values[kept])
    threshold = float(np.abs(least).max())
    state: dict[str, Vector] = {"x": least.copy(), "u": np.zeros_like(least)}

    def step(weights: Vector) -> Vector:
        x, u = state["x"], state["u"]
        z = x
        for _ in range(iterations):
            v = x + u
            z = np.sign(v) * np.maximum(np.abs(v) - threshold * weights, 0)
            u = v - z
            x = z - u
            x = least + x - right.T @ (right @ x)
        state.update(x=x, u=u)
        return x

    return step


def penalties(matrix: Vector, observation: Vector) -> list[Step]:
    """Minimises ‖Ax − y‖²/2 + λ Σ wᵢ|xᵢ|, a step for each λ, by scikit-learn's Lasso."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import Lasso

    rows = len(observation)
    greatest = float(np.abs(matrix.T @ observation).max())

    def step(share: float, weights: Vector) -> Vector:
        scaled = np.asfortranarray(matrix / weights)
        model = Lasso(alpha=share * greatest / rows, fit_intercept=False, max_iter=1000)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(scaled, observation).coef_ / weights

    shares = (0.3, 0.1, 0.03, 0.01, 0.003)
    return [partial(step, share) for share in shares]
