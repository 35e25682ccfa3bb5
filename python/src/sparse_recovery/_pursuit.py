"""scikit-learn's functions of orthogonal matching pursuit, with the same signatures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arrays import as_array, as_observations, require_real
from ._problem import Problem
from ._results import Solution


def orthogonal_mp(
    X: Any,
    y: Any,
    *,
    n_nonzero_coefs: int | None = None,
    tol: float | None = None,
    precompute: Any = False,
    copy_X: bool = True,
    return_path: bool = False,
    return_n_iter: bool = False,
    algorithm: str = "omp",
) -> Any:
    """``sklearn.linear_model.orthogonal_mp``, by this package.

    Parameters
    ----------
    X : array of shape (n_samples, n_features)
        Columns are taken as they are: scikit-learn asks for columns of unit norm.
    y : array of shape (n_samples,) or (n_samples, n_targets)
    n_nonzero_coefs : int, default=None
        The most coefficients that are not zero; a tenth of the features, at least 1, unless ``tol`` is given.
    tol : float, default=None
        The largest squared norm of the residual. Overrides ``n_nonzero_coefs``.
    precompute, copy_X
        Of no effect: products of columns are kept as they are needed, and X is never changed.
    return_path : bool, default=False
        Whether the coefficients after every step are returned, along the last axis.
    return_n_iter : bool, default=False
        Whether the number of steps of each target is returned as well.
    algorithm : str, default="omp"
        Another solver of this package, where no path is wanted.

    Returns
    -------
    coef : array of shape (n_features,), (n_features, n_targets), or with a last axis of steps
    n_iters : int or list of int
        With ``return_n_iter``.
    """
    del precompute, copy_X
    X, y = as_array(X), as_observations(y)
    n = X.shape[1]
    problem = Problem(X, normalize=False, complex=np.iscomplexobj(y) or None)
    tols = None if tol is None else np.full(1 if y.ndim == 1 else y.shape[1], float(tol))
    return _pursue(
        problem,
        y,
        _largest(n, n_nonzero_coefs, tol, min(X.shape)),
        tols,
        return_path,
        return_n_iter,
        algorithm,
    )


def orthogonal_mp_gram(
    Gram: Any,
    Xy: Any,
    *,
    n_nonzero_coefs: int | None = None,
    tol: float | None = None,
    norms_squared: Any = None,
    copy_Gram: bool = True,
    copy_Xy: bool = True,
    return_path: bool = False,
    return_n_iter: bool = False,
    algorithm: str = "omp",
) -> Any:
    """``sklearn.linear_model.orthogonal_mp_gram``, by this package.

    Parameters
    ----------
    Gram : array of shape (n_features, n_features)
        ``X.T @ X``; of complex numbers ``X.conj().T @ X``.
    Xy : array of shape (n_features,) or (n_features, n_targets)
        ``X.T @ y``, or ``X.conj().T @ y``.
    norms_squared : float or array of shape (n_targets,)
        The squared norms of y: needed where ``tol`` is given.
    n_nonzero_coefs, tol, return_path, return_n_iter, algorithm
        Those of :func:`orthogonal_mp`.
    copy_Gram, copy_Xy
        Of no effect: neither is ever changed.

    Returns
    -------
    coef, n_iters
        Those of :func:`orthogonal_mp`.

    Notes
    -----
    A matrix B with BᵀB = XᵀX and a vector b with Bᵀb = Xᵀy, by the eigenvectors of the Gram matrix, pose the
    same problem but for the part of y that no column explains: ``n_features**3`` operations.
    """
    del copy_Gram, copy_Xy
    Gram, Xy = np.asarray(Gram), np.asarray(Xy)
    dtype = np.complex128 if np.iscomplexobj(Gram) or np.iscomplexobj(Xy) else np.float64
    Gram, Xy = Gram.astype(dtype), Xy.astype(dtype)
    n = len(Gram)
    if Gram.shape != (n, n) or Xy.ndim not in (1, 2) or len(Xy) != n:
        raise ValueError(
            f"expected a square Gram matrix and as many rows of Xy, found {Gram.shape} and {Xy.shape}"
        )
    if tol is not None and norms_squared is None:
        raise ValueError("norms_squared: expected the squared norms of y where tol is given")
    values, vectors = np.linalg.eigh(Gram)
    # What is rounding of the largest eigenvalue is zero: the columns depend on each other there.
    rank = values > values[-1] * n * np.finfo(float).eps
    roots = np.sqrt(values[rank])
    adjoint = vectors[:, rank].conj().T
    B = np.asfortranarray(roots[:, None] * adjoint)
    b = (adjoint @ Xy) / (roots if Xy.ndim == 1 else roots[:, None])
    tols = None
    if tol is not None:
        squares = np.atleast_1d(np.asarray(norms_squared))
        require_real("norms_squared", squares)
        beyond = squares.astype(np.float64) - (np.abs(b) ** 2).sum(axis=0)
        tols = np.maximum(tol - np.maximum(beyond, 0), 0)
    problem = Problem(B, normalize=False)
    return _pursue(
        problem, b, _largest(n, n_nonzero_coefs, tol, n), tols, return_path, return_n_iter, algorithm
    )


def _largest(n: int, wanted: int | None, tol: float | None, most: int) -> int:
    """The largest number of coefficients that a pursuit may reach."""
    if tol is not None:
        return most
    k = max(n // 10, 1) if wanted is None else int(wanted)
    if k <= 0:
        raise ValueError(f"n_nonzero_coefs: expected a number of at least 1, found {k}")
    if k > n:
        raise ValueError(f"n_nonzero_coefs: expected at most the {n} features, found {k}")
    return k


def _pursue(
    problem: Problem,
    y: NDArray[Any],
    k: int,
    tols: NDArray[np.float64] | None,
    return_path: bool,
    return_n_iter: bool,
    algorithm: str,
) -> Any:
    n = problem.shape[1]
    targets = y.reshape(len(y), -1)
    paths: list[list[Solution]] = []
    for place, target in enumerate(targets.T):
        norm = float(np.linalg.norm(target))
        relative = None
        if tols is not None and norm > 0:
            relative = float(np.sqrt(tols[place]) / norm)
        if norm == 0 or (relative is not None and relative >= 1):
            paths.append([])
        elif return_path:
            # Without a tolerance all steps; with one, until it is reached.
            found = problem.path(
                target,
                k,
                algorithm=algorithm,
                criterion="none" if relative is None else None,
                target_residual=relative,
            )
            # Once nothing is left to explain, larger sparsities have the same support.
            by_size = {len(point.support): point for point in reversed(found.points)}
            paths.append([by_size[size] for size in sorted(by_size)])
        else:
            paths.append([problem.solve(target, k, algorithm=algorithm, tolerance=relative)])
    steps = max((len(path) for path in paths), default=0) if return_path else 1
    coef = np.zeros((n, len(paths), steps), dtype=np.complex128 if problem.is_complex else np.float64)
    for place, path in enumerate(paths):
        for step in range(steps):
            if path:
                coef[:, place, step] = path[min(step, len(path) - 1)].dense()
    counts = [len(path[-1].support) if path else 0 for path in paths]
    # Axes of length 1 go, as they do in scikit-learn.
    result = np.squeeze(coef)
    if return_n_iter:
        return result, counts[0] if len(counts) == 1 else counts
    return result
