"""Problems, solutions and paths."""

import json
import os
import pickle
import subprocess
import sys
import weakref
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import sparse_recovery as sr

SEA = os.environ.get("SEA")


def problem(m=60, n=150, k=4, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    A = np.asfortranarray(rng.standard_normal((m, n)))
    support = np.sort(rng.choice(n, k, replace=False))
    x = np.zeros(n)
    x[support] = rng.choice([-1, 1], k) * rng.uniform(1, 2, k)
    return A, A @ x + noise * rng.standard_normal(m), x, support


def test_solution():
    A, y, x, support = problem()
    found = sr.solve(A, y, 4)
    np.testing.assert_array_equal(found.support, support)
    np.testing.assert_allclose(found.coefficients, x[support], rtol=1e-12)
    np.testing.assert_allclose(found.dense(), x, atol=1e-12)
    np.testing.assert_allclose(found.predict(A), y, atol=1e-12)
    assert found.columns == 150 and found.sparsity == 4 and found.stop_reason == "residual"
    assert found.relative_residual < 1e-12 and found.warnings == ()
    assert "4 of 150 columns" in repr(found) and "<table>" in found._repr_html_()


@pytest.mark.parametrize("algorithm", [name for name in sr.algorithms() if name != "exhaustive"])
def test_algorithms(algorithm):
    A, y, _, _ = problem()
    found = sr.solve(A, y, 4, algorithm=algorithm, iterations=50)
    assert len(found.support) <= 4 and found.found_by
    # What is returned is least squares on its support, whatever the algorithm.
    best = np.linalg.lstsq(A[:, found.support], y, rcond=None)[0]
    np.testing.assert_allclose(found.coefficients, best, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(
        found.residual_norm, np.linalg.norm(A[:, found.support] @ best - y), rtol=1e-8, atol=1e-10
    )


def test_brute_force():
    A, y, _, _ = problem(m=12, n=9, k=3, noise=0.5)
    best = min(
        combinations(range(9), 3),
        key=lambda S: np.linalg.norm(A[:, S] @ np.linalg.lstsq(A[:, S], y, rcond=None)[0] - y),
    )
    assert tuple(sr.solve(A, y, 3).support) == best


def tool(tmp_path, command, A, y, *words):
    """What the tool answers as JSON."""
    np.save(tmp_path / "A.npy", A)
    np.save(tmp_path / "y.npy", y)
    files = ["--matrix", tmp_path / "A.npy", "--observation", tmp_path / "y.npy"]
    done = subprocess.run([SEA, command, *files, "--json", *words], check=True, capture_output=True)
    return json.loads(done.stdout)


@pytest.mark.skipif(not SEA, reason="SEA names no command-line tool")
@pytest.mark.parametrize(
    ("words", "options"),
    [
        ([], {}),
        (["--start", "zero"], {"algorithm": "sea"}),
        (
            ["--intercept", "--ridge", "0.5", "--algorithm", "omp"],
            {"intercept": True, "ridge": 0.5, "algorithm": "omp"},
        ),
        (["--nonnegative", "--exclude", "3,4"], {"nonnegative": True, "exclude": [3, 4]}),
        (
            ["--algorithm", "gomp", "--options", "atoms-per-step=2", "--precision", "single"],
            {"algorithm": "gomp", "atoms_per_step": 2, "precision": "single"},
        ),
        (
            ["--effort", "quick", "--iterations", "30", "--backend", "reference"],
            {"effort": "quick", "iterations": 30, "backend": "reference"},
        ),
    ],
)
def test_same_bits_as_the_tool(tmp_path, words, options):
    A, y, _, _ = problem(noise=0.3, seed=5)
    expected = tool(tmp_path, "solve", A, y, "--sparsity", "6", *words)
    for source in (A, tmp_path / "A.npy"):
        found = sr.solve(source, y, 6, **options)
        assert found.support.tolist() == expected["support"]
        assert found.coefficients.tolist() == expected["coefficients"]
        assert found.relative_residual == expected["relativeResidual"]
        assert found.iterations == expected["iterations"]


@pytest.mark.skipif(not SEA, reason="SEA names no command-line tool")
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
def test_same_measures_and_alternatives_as_the_tool(tmp_path, words, options):
    A, y, _, _ = problem(m=80, n=30, noise=0.8, seed=3)
    expected = tool(tmp_path, "solve", A, y + 4, "--sparsity", "4", "--alternatives", "3", *words)
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


@pytest.mark.skipif(not SEA, reason="SEA names no command-line tool")
@pytest.mark.parametrize("criterion", ["ebic", "cv", "bic,cv", "none"])
@pytest.mark.parametrize("observations", ["one", "several", "joint"])
def test_same_paths_as_the_tool(tmp_path, criterion, observations):
    A, y, _, _ = problem(noise=0.3, seed=5)
    Y = y if observations == "one" else np.stack([y, A[:, 3] - 0.5 * A[:, 40], 2 * y[::-1]], axis=1)
    folds = {"folds": 4} if "cv" in criterion else {}
    words = ["--sparsity", "0:5", "--criterion", criterion, "--effort", "quick"]
    words += ["--folds", "4"] if folds else []
    words += ["--joint"] if observations == "joint" else []
    expected = tool(tmp_path, "path", A, Y, *words)
    found = sr.path(A, Y, (0, 5), criterion=criterion, effort="quick", joint=observations == "joint", **folds)
    if observations == "several":
        assert len(found) == len(expected) == 3
    else:
        found, expected = [found], [expected]
    for path, result in zip(found, expected, strict=True):
        assert path.sparsities[path.chosen] == result["chosen"]
        for choice in result["choices"]:
            name = choice["criterion"]
            assert path.sparsities[path.choices[name]] == choice["chosen"]
            assert path.criteria.get(name, np.empty(0)).tolist() == choice.get("values", [])
            if name == "cv":
                assert path.standard_errors.tolist() == choice["standardErrors"]
        for point, residual, wanted in zip(path, path.relative_residuals, result["points"], strict=True):
            solutions = point if observations == "joint" else [point]
            assert {tuple(solution.support) for solution in solutions} == {tuple(wanted["support"])}
            coefficients = [solution.coefficients.tolist() for solution in solutions]
            assert coefficients == (
                wanted["coefficients"] if observations == "joint" else [wanted["coefficients"]]
            )
            assert residual == wanted["relativeResidual"]


@pytest.mark.skipif(not SEA, reason="SEA names no command-line tool")
@pytest.mark.parametrize("joint", [False, True])
def test_same_paths_of_a_reduced_table_as_the_tool(tmp_path, joint):
    A, y, _, _ = problem(m=200, n=12, noise=0.5)
    Y = np.stack([y + 3, A[:, 2] + A[:, 7] - y], axis=1)
    words = ["--sparsity", "1:5", "--intercept", "--include", "4", "--reduce", "on", "--algorithm", "els"]
    words += ["--criterion", "gic,cv", "--folds", "3", "--subsample", "3"] + ["--joint"] * joint
    expected = tool(tmp_path, "path", A, Y, *words)
    options = {"intercept": True, "include": [4], "reduce": "on", "algorithm": "els"}
    found = sr.path(A, Y, 5, criterion="gic,cv", folds=3, subsample=3, joint=joint, **options)
    pairs = [(found, expected)] if joint else zip(found, expected, strict=True)
    for path, result in pairs:
        assert [support.tolist() for support in path.supports] == [
            point["support"] for point in result["points"]
        ]
        for choice in result["choices"]:
            assert path.criteria[choice["criterion"]].tolist() == choice["values"]
            assert path.sparsities[path.choices[choice["criterion"]]] == choice["chosen"]
        assert path.draws == result["resampling"]["draws"] == 3
        assert path.notices[0].startswith("reduced to ")


def test_measures():
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


def test_measures_outlive_their_problem():
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
def test_measures_that_are_not_defined(make, name, text):
    A, y, _, _ = problem(m=80, n=30, noise=0.8)
    found = make(A, y)
    for solution in (found, pickle.loads(pickle.dumps(found))):
        with pytest.raises(sr.RequestError, match="expected a solution|" + text):
            getattr(solution, name)


def test_alternatives():
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
    with pytest.raises(sr.RequestError, match="alternatives: expected a number of at least 1"):
        sr.solve(A, y, 3, alternatives=0)


def test_joint_path():
    A, y, _, support = problem(noise=0.2)
    rng = np.random.default_rng(7)
    Y = np.stack([y, A[:, support] @ rng.uniform(1, 2, 4) + 0.2 * rng.standard_normal(60)], axis=1)
    path = sr.path(A, Y, 7, joint=True, criterion=["bic", "cv"], folds=3, algorithm="omp", subsample=4)
    assert isinstance(path, sr.JointPath) and len(path) == 7 and path.sparsities.tolist() == list(range(1, 8))
    assert path.support.tolist() == support.tolist() and len(path.best) == 2
    assert path.best_by("cv") is path.points[path.choices["cv"]]
    assert path.frequencies.shape == (7, 150) and path.draws == 4 and path.fold_errors.shape == (3, 7)
    assert path.dense().shape == (150, 7, 2) and path[3] is path.points[3]
    norms = [np.sqrt(sum(solution.residual_norm**2 for solution in point)) for point in path]
    np.testing.assert_allclose(path.residual_norms, norms, rtol=1e-12)
    np.testing.assert_allclose(path.relative_residuals, norms / np.linalg.norm(Y), rtol=1e-12)
    # The criterion of the stacked problem, with two coefficients a column.
    expected = 120 * np.log(np.square(norms) / 120) + 2 * np.arange(1, 8) * np.log(120)
    np.testing.assert_allclose(path.criterion, expected, rtol=1e-10)
    assert "2 observations" in repr(path) and "chosen" in path._repr_html_()
    # Every point is the joint solve.
    for k, point in enumerate(path, 1):
        alone = sr.solve(A, Y, k, joint=True, algorithm="omp")
        assert [s.support.tolist() for s in point] == [s.support.tolist() for s in alone]
    again = pickle.loads(pickle.dumps(path))
    assert again.support.tolist() == path.support.tolist()
    # One observation as a column is a joint path of one; as a vector it is a path.
    one = sr.path(A, Y[:, :1], 3, joint=True, algorithm="omp")
    assert isinstance(one, sr.JointPath) and len(one.best) == 1
    assert isinstance(sr.path(A, y, 3, joint=True, algorithm="omp"), sr.Path)
    with pytest.raises(sr.RequestError, match="one of portfolio, sea, omp"):
        sr.path(A, Y, 3, joint=True, algorithm="vamp")


def test_paths_of_several_observations():
    A, y, _, _ = problem(noise=0.2)
    Y = np.stack([y, 2 * y[::-1]], axis=1)
    paths = sr.path(A, Y, 5, effort="quick", criterion="aic,bic", bootstrap=2)
    assert len(paths) == 2
    for target, path in zip(Y.T, paths):
        alone = sr.path(A, target, 5, effort="quick", criterion="aic,bic", bootstrap=2)
        for point, own in zip(path, alone, strict=True):
            assert point.support.tolist() == own.support.tolist()
            assert point.coefficients.tolist() == own.coefficients.tolist()
        assert path.choices == alone.choices and (path.frequencies == alone.frequencies).all()
        assert path.best.aic == path.criterion[path.chosen]
    (one,) = sr.path(A, Y[:, :1], 5, effort="quick")
    assert one.best.sparsity == sr.path(A, y, 5, effort="quick").best.sparsity


def test_several_criteria():
    A, y, _, _ = problem(m=40, noise=1.5)
    path = sr.path(A, y, 8, criterion=["aic", "cv", "none"], folds=4, algorithm="omp")
    assert list(path.choices) == ["aic", "cv", "none"] and list(path.criteria) == ["aic", "cv"]
    assert path.chosen == path.choices["aic"] and path.choices["none"] == 7
    assert path.criterion.tolist() == path.criteria["aic"].tolist()
    spread = path.fold_errors.std(axis=0, ddof=1) / 2
    np.testing.assert_allclose(path.standard_errors, spread, rtol=1e-12)
    for name in ("aic", "cv"):
        one = sr.path(A, y, 8, criterion=name, algorithm="omp", **({"folds": 4} if name == "cv" else {}))
        assert one.chosen == path.choices[name]
        assert one.criterion.tolist() == path.criteria[name].tolist()
    page = path._repr_html_()
    assert "<th>aic</th><th>cv</th>" in page and page.count("chosen") == 3 and "±" in page
    for wrong in ("aic,aic", "aic,", ["magic"], "ebic, cv", []):
        with pytest.raises(sr.RequestError, match="criterion: expected some of aic, bic"):
            sr.path(A, y, 3, criterion=wrong)


def test_path():
    A, y, _, support = problem(noise=0.1)
    path = sr.path(A, y, 8)
    assert path.sparsities.tolist() == list(range(1, 9)) and len(path) == 8
    assert path.best.support.tolist() == support.tolist()
    assert path.best.sparsity == 4 and path.criterion.argmin() == path.chosen == 3
    assert (np.diff(path.relative_residuals) <= 1e-12).all()
    assert path.dense().shape == (150, 8) and path[3] is path.points[3]
    assert "chosen k = 4" in repr(path) and "chosen" in path._repr_html_()

    # The criterion is m log(RSS / m) + a price for every column.
    rss = np.array([point.residual_norm for point in path.points]) ** 2
    bic = sr.path(A, y, 8, criterion="bic").criterion
    np.testing.assert_allclose(bic, 60 * np.log(rss / 60) + np.arange(1, 9) * np.log(60), rtol=1e-10)


def test_cross_validation():
    A, y, _, support = problem(noise=0.3)
    path = sr.path(A, y, 6, criterion="cv", folds=5, seed=3, effort="quick")
    assert path.fold_errors.shape == (5, 6)
    np.testing.assert_allclose(path.fold_errors.mean(axis=0), path.criterion, rtol=1e-12)
    spread = path.fold_errors.std(axis=0, ddof=1) / np.sqrt(5)
    np.testing.assert_allclose(path.standard_errors, spread, rtol=1e-12)
    assert path.chosen == path.criterion.argmin() and path.best.support.tolist() == support.tolist()
    again = sr.path(A, y, 6, criterion="cv", folds=5, seed=4, effort="quick")
    assert (again.fold_errors != path.fold_errors).any()


def test_folds_of_ones_own():
    A, y, _, _ = problem(noise=0.3)
    labels = np.arange(len(y)) % 3
    path = sr.path(A, y, 3, criterion="cv", fold_labels=labels, algorithm="omp")
    assert path.fold_errors.shape == (3, 3)
    for fold, errors in enumerate(path.fold_errors):
        kept, out = labels != fold, labels == fold
        own = sr.path(A[kept], y[kept], 3, criterion="none", algorithm="omp")
        expected = [((point.predict(A[out]) - y[out]) ** 2).mean() for point in own.points]
        np.testing.assert_allclose(errors, expected, rtol=1e-10)
    groups = sr.path(A, y, 3, criterion="cv", folds=2, fold_groups=labels, fold_repeats=2, algorithm="omp")
    assert groups.fold_errors.shape == (4, 3)
    with pytest.raises(sr.SparseRecoveryError, match="labels, one for each row"):
        sr.path(A, y, 3, criterion="cv", fold_labels=labels[1:], algorithm="omp")


@pytest.mark.parametrize("scheme, paths", [("bootstrap", 6), ("subsample", 12)])
def test_draws_of_rows(scheme, paths):
    A, y, _, _ = problem(noise=0.3)
    path = sr.path(A, y, 5, algorithm="omp", seed=2, **{scheme: 6})
    assert path.draws == 6 and path.frequencies.shape == (5, A.shape[1])
    np.testing.assert_allclose(path.frequencies.sum(axis=1), np.arange(1, 6), rtol=1e-12)
    np.testing.assert_allclose(path.frequencies * paths, np.round(path.frequencies * paths), atol=1e-9)
    assert (path.held_out_errors > 0).all() and (path.held_out_deviations > 0).all()
    more = sr.path(A, y, 5, algorithm="omp", seed=2, **{scheme: 7})
    assert more.draws == 7 and (more.frequencies != path.frequencies).any()
    plain = sr.path(A, y, 5, algorithm="omp")
    assert plain.draws == 0 and plain.frequencies is None and plain.held_out_errors is None


def test_target_residual():
    A, y, _, _ = problem(noise=0.1)
    path = sr.path(A, y, 8, target_residual=0.5)
    assert path.best.relative_residual <= 0.5 and len(path) == path.best.sparsity
    with pytest.raises(sr.RequestError, match="criterion"):
        sr.path(A, y, 8, target_residual=0.5, criterion="aic")


def test_several_observations():
    A, y, _, _ = problem(noise=0.2)
    Y = np.stack([y, 2 * y[::-1], np.roll(y, 5)], axis=1)
    together = sr.solve(A, Y, 4, algorithm="omp")
    for target, found in zip(Y.T, together):
        alone = sr.solve(A, target, 4, algorithm="omp")
        assert found.support.tolist() == alone.support.tolist()
    joint = sr.solve(A, Y, 4, algorithm="omp", joint=True)
    best = sr.solve(A, Y, 4, joint=True)
    for solutions in (joint, best):
        assert len({tuple(found.support) for found in solutions}) == 1
    losses = [sum(found.residual_norm**2 for found in solutions) for solutions in (joint, best)]
    assert losses[1] <= losses[0] * (1 + 1e-12)
    with pytest.raises(sr.RequestError, match="portfolio, sea, omp"):
        sr.solve(A, Y, 4, algorithm="vamp", joint=True)


def test_start_and_options_of_solvers():
    A, y, x, support = problem(noise=0.1)
    found = sr.solve(A, y, 4, algorithm="sea", start=x, iterations=1)
    assert found.support.tolist() == support.tolist()
    with pytest.raises(sr.RequestError, match="atoms-per-step"):
        sr.solve(A, y, 4, algorithm="omp", atoms_per_step=2)
    with pytest.raises(sr.RequestError, match="start"):
        sr.solve(A, y, 4, algorithm="omp", start=x)
    assert "atoms-per-step" in sr.options("gomp") and "backend" in sr.options("problem")
    assert sr.options("nobody") == {}


def test_model():
    A, y, _, _ = problem(noise=0.1)
    weights = np.random.default_rng(1).uniform(0.5, 2, 60)
    P = sr.Problem(A, intercept=True, weights=weights, include=[3], exclude={5, 6}, ridge=0.1)
    found = P.solve(y + 7, 5)
    assert 3 in found.support and abs(found.intercept - 7) < 0.5
    # The normal equations of the weighted ridge, in which neither intercept nor included columns are.
    B = np.column_stack([A[:, found.support], np.ones(60)])
    penalty = np.diag([0.0 if j == 3 else 0.1 for j in found.support] + [0.0])
    W = weights[:, None] * B
    expected = np.linalg.solve(B.T @ W + penalty, W.T @ (y + 7))
    np.testing.assert_allclose(found.coefficients, expected[:-1], rtol=1e-9)
    np.testing.assert_allclose(found.intercept, expected[-1], rtol=1e-9)


def test_checkpoint(tmp_path):
    A, y, _, _ = problem(m=100, n=400, k=20, noise=0.5)
    file = tmp_path / "state"
    options = {"algorithm": "sea", "iterations": 300, "checkpoint": file, "checkpoint_interval": 0}
    count = 0

    def stop(report):
        nonlocal count
        count += 1
        return count == 100

    partial = sr.solve(A, y, 20, observe=stop, **options)
    assert partial.stop_reason == "interrupted" and file.stat().st_size > 0
    resumed = sr.solve(A, y, 20, resume=True, **options)
    whole = sr.solve(A, y, 20, algorithm="sea", iterations=300)
    assert resumed.support.tolist() == whole.support.tolist()
    assert resumed.coefficients.tolist() == whole.coefficients.tolist()
    with pytest.raises(sr.RequestError):
        sr.solve(A, 2 * y[::-1], 20, resume=True, **options)
    with pytest.raises(sr.FileError):
        sr.solve(A, y, 20, checkpoint=tmp_path / "none" / "state")


@pytest.mark.skipif(not SEA, reason="SEA names no command-line tool")
@pytest.mark.parametrize("joint", [False, True])
def test_paths_go_on_from_checkpoints_of_the_tool(tmp_path, joint):
    A, y, _, _ = problem(noise=0.3)
    Y = np.stack([y, y[::-1]], axis=1)
    words = ["--sparsity", "4", "--criterion", "cv", "--folds", "3", "--checkpoint", tmp_path / "state"]
    tool(tmp_path, "path", A, Y, "--algorithm", "els", *words, *["--joint"] * joint)
    options = {"criterion": "cv", "folds": 3, "algorithm": "els", "joint": joint}
    counts = []
    for resumed in ({"checkpoint": tmp_path / "state", "resume": True}, {}):
        reports = []
        found = sr.path(A, Y, 4, observe=reports.append, **options, **resumed)
        counts.append(len(reports))
        values = [path.criterion.tolist() for path in ([found] if joint else found)]
        if resumed:
            expected = values
    assert values == expected and counts[0] < counts[1] / 4


def test_devices():
    for number, device in enumerate(sr.devices()):
        assert device.number == number and device.kind in ("gpu", "accelerator", "cpu")
    A, y, _, support = problem()
    if not sr.devices():
        with pytest.raises(sr.DeviceError, match="no OpenCL device"):
            sr.Problem(A, backend="opencl")
        return
    found = sr.solve(A, y, 4, algorithm="sea", device=0, precision="single")
    assert found.support.tolist() == support.tolist() and "opencl" in found.engine


@pytest.mark.parametrize("seconds", [0.0])
def test_time_limit(seconds):
    A, y, _, _ = problem(m=200, n=1000, k=40, noise=1)
    assert sr.solve(A, y, 40, algorithm="sea", time_limit=seconds).stop_reason == "time"


def test_pickle_and_repr():
    A, y, _, support = problem()
    P = pickle.loads(pickle.dumps(sr.Problem(A, intercept=True)))
    assert P.solve(y, 4).support.tolist() == support.tolist()
    assert repr(P) == "Problem(60 × 150, intercept=True)"
    again = pickle.loads(pickle.dumps(P.solve(y, 4)))
    assert again.support.tolist() == support.tolist()


def test_import_takes_no_scikit_learn():
    code = "import sys, sparse_recovery; assert not {'sklearn', 'scipy', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert set(sr.__all__) <= set(dir(sr))


def test_processor_that_openblas_does_not_know():
    if " avx2 " not in Path("/proc/cpuinfo").read_text():
        pytest.skip("no instructions to gain")
    code = """
import os
# As if OpenBLAS had not known the processor: it has chosen already when this is deleted.
import ctypes, importlib.util
folder = importlib.util.find_spec("sparse_recovery").submodule_search_locations[0]
ctypes.CDLL(os.environ.get("SPARSE_RECOVERY_LIBRARY") or folder + "/libsparse_recovery.so")
del os.environ["OPENBLAS_CORETYPE"]
import numpy as np, sparse_recovery as sr
A = np.asfortranarray(np.random.default_rng(0).standard_normal((300, 600)))
found = sr.solve(A, A[:, 5] - A[:, 500], 2, algorithm="sea")
assert found.support.tolist() == [5, 500]
assert "(SkylakeX)" in found.engine or "(Haswell)" in found.engine, found.engine
assert "OPENBLAS_CORETYPE" not in os.environ
"""
    environment = {**os.environ, "OPENBLAS_CORETYPE": "Prescott"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    # What the user has chosen stands.
    code = "import sparse_recovery as sr; print(sr.solve([[1.0], [2.0]], [1, 2], 1, backend='cpu').engine)"
    said = subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, capture_output=True, text=True
    ).stdout
    assert "(Prescott)" in said
