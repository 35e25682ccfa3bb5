"""What a solution is worth, and what explains y next best."""

import pickle
import weakref
from itertools import combinations

import numpy as np
import pytest

import sparse_recovery as sr


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--intercept", "--algorithm", "els"], {"intercept": True, "algorithm": "els"}),
        (
            ["--intercept", "--include", "2", "--reduce", "on"],
            {"intercept": True, "include": [2], "reduce": "on"},
        ),
    ],
    ids=["plain", "intercept", "reduced"],
)
def test_same_measures_and_alternatives_as_the_tool(words, options, problem, tool):
    A, y, _, _ = problem(m=80, n=30, noise=0.8, seed=3)
    expected = tool("solve", A, y + 4, "--sparsity", "4", "--alternatives", "3", *words)
    found = sr.solve(A, y + 4, 4, alternatives=3, **options)
    for name, value in expected["criteria"].items():
        assert getattr(found, name) == value, name
    assert set(expected["criteria"]) == {"aic", "bic", "ebic", "gic", "cp"}
    if "intercept" in options:
        assert found.r_squared == expected["rSquared"]
        assert found.adjusted_r_squared == expected["adjustedRSquared"]
    else:
        with pytest.raises(sr.RequestError, match="r_squared: expected one"):
            _ = found.r_squared
    assert len(found.alternatives) == 3
    for other, wanted in zip(found.alternatives, expected["alternatives"], strict=True):
        assert other.support.tolist() == wanted["support"]
        assert other.coefficients.tolist() == wanted["coefficients"]
        assert other.relative_residual == wanted["relativeResidual"] >= found.relative_residual


def test_measures(problem):
    A, y, _, _ = problem(m=80, n=30, noise=0.8)
    P = sr.Problem(A, intercept=True)
    found = P.solve(y, 4, algorithm="omp")
    rss, m, p = found.residual_norm**2, 80, 5
    np.testing.assert_allclose(found.aic, m * np.log(rss / m) + 2 * p, rtol=1e-12)
    np.testing.assert_allclose(found.bic, m * np.log(rss / m) + p * np.log(m), rtol=1e-12)
    whole = np.column_stack([A, np.ones(m)])
    left = y - whole @ np.linalg.lstsq(whole, y, rcond=None)[0]
    np.testing.assert_allclose(found.cp, rss / (left @ left / (m - 31)) - m + 2 * p, rtol=1e-9)
    share = 1 - rss / ((y - y.mean()) ** 2).sum()
    np.testing.assert_allclose(found.r_squared, share, rtol=1e-12)
    np.testing.assert_allclose(found.adjusted_r_squared, 1 - (1 - share) * (m - 1) / (m - 5), rtol=1e-12)
    assert f"BIC {found.bic:.6g}" in found._repr_html_() and "R² 0." in found._repr_html_()
    # Those of a path are what it compares.
    path = P.path(y, 6, criterion="aic,gic", algorithm="omp")
    assert [point.aic for point in path] == path.criterion.tolist() == path.criteria["aic"].tolist()
    assert [point.gic for point in path] == path.criteria["gic"].tolist()
    assert path.best_by("gic") is path.points[path.choices["gic"]]


def test_measures_outlive_their_problem(problem):
    A, y, _, _ = problem(m=80, n=30, noise=0.8)
    found = sr.solve(A, y, 4, algorithm="omp", backend="cpu")
    expected = found.aic, found.cp
    again = sr.solve(A, y, 4, algorithm="omp", backend="cpu")
    kept = pickle.loads(pickle.dumps(again))
    assert kept.aic == expected[0]
    with pytest.raises(sr.RequestError, match="cp: expected a solution as a solve returned it"):
        _ = kept.cp
    assert pickle.loads(pickle.dumps(found)).cp == expected[1]
    with pytest.raises(sr.RequestError, match="r_squared"):
        _ = kept.r_squared
    # Neither the problem nor the matrix is kept alive.
    B = A.copy()
    gone = sr.solve(B, y, 4, algorithm="omp")
    reference = weakref.ref(B)
    del B
    assert reference() is None and gone.aic == expected[0]
    with pytest.raises(sr.RequestError, match="keep A"):
        _ = gone.cp
    assert sr.solve(A.tolist(), y, 4, algorithm="omp").cp == expected[1]


WIDE = np.eye(4, 6)


@pytest.mark.parametrize(
    ("make", "name", "text"),
    [
        (lambda A, y: sr.solve(WIDE, [1, 2, 3, 5], 2), "cp", "Cp: expected more rows"),
        (lambda A, y: sr.solve(A, y, 2, ridge=0.5), "cp", "a ridge"),
        (lambda A, y: sr.solve(A[:2], y[:2], 1), "gic", "at least 3 rows"),
        (lambda A, y: sr.solve(A, y, 2), "r_squared", "expected one, which defines the variance"),
        (lambda A, y: sr.solve(A, np.ones(80), 2, intercept=True), "r_squared", "some variance"),
        (lambda A, y: sr.solve(A[:3], y[:3], 2, intercept=True), "adjusted_r_squared", "more rows"),
        (
            lambda A, y: sr.solve(A, np.stack([y, -y], 1), 2, joint=True, algorithm="omp")[0],
            "bic",
            "2 observations with one support",
        ),
    ],
)
def test_measures_that_are_not_defined(make, name, text, problem):
    A, y, _, _ = problem(m=80, n=30, noise=0.8)
    found = make(A, y)
    for solution in (found, pickle.loads(pickle.dumps(found))):
        with pytest.raises(sr.RequestError, match="expected a solution|" + text):
            getattr(solution, name)


def test_alternatives(problem):
    A, y, _, _ = problem(m=30, n=12, k=3, noise=1.0)
    found = sr.solve(A, y, 3, alternatives=4)

    def residual(S):
        return np.linalg.norm(A[:, S] @ np.linalg.lstsq(A[:, S], y, rcond=None)[0] - y)

    ranked = sorted(combinations(range(12), 3), key=residual)
    assert [tuple(other.support) for other in (found, *found.alternatives)] == ranked[:5]
    assert sr.solve(A, y, 3).alternatives == ()
    with pytest.raises(sr.RequestError, match="alternatives: expected none with several observations"):
        sr.solve(A, np.stack([y, -y], 1), 3, alternatives=2)
    with pytest.raises(sr.RequestError, match="alternatives: expected none of a path"):
        sr.path(A, y, 3, alternatives=2)
    with pytest.raises(sr.RequestError, match="alternatives: expected a number from 1 to 1000"):
        sr.solve(A, y, 3, alternatives=0)
