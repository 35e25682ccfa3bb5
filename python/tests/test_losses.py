"""Losses other than least squares."""

import pickle

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import HuberRegressor, LogisticRegression, PoissonRegressor
from sklearn.metrics import mean_poisson_deviance
from sklearn.model_selection import KFold

import sparse_recovery as sr
from sparse_recovery import SEARegressor, SparseClassifier, SparsePathCV, SparseRegressor

RNG = np.random.default_rng(7)
X = np.asfortranarray(RNG.standard_normal((200, 30)))
SCORE = X[:, [4, 20]] @ [1.5, -1.0] + 0.3
LABELS = (RNG.uniform(size=200) < 1 / (1 + np.exp(-2 * SCORE))).astype(float)
COUNTS = RNG.poisson(np.exp(SCORE / 2)).astype(float)
ROBUST = SCORE + 0.1 * RNG.standard_normal(200) + 40.0 * (RNG.uniform(size=200) < 0.1)

CASES = {
    "logistic": (LABELS, {"loss": "logistic"}, ["--loss", "logistic"]),
    "poisson": (COUNTS, {"loss": "poisson"}, ["--loss", "poisson"]),
    "huber": (
        ROBUST,
        {"loss": "huber", "huber_threshold": 0.2},
        ["--loss", "huber", "--huber-threshold", "0.2"],
    ),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("weighted", [False, True])
def test_same_as_the_tool(name, weighted, tool, tmp_path):
    y, options, words = CASES[name]
    options, words = {**options, "intercept": True}, [*words, "--intercept"]
    if weighted:
        options["weights"] = np.arange(200) % 3 + 0.5
        np.save(tmp_path / "w.npy", options["weights"])
        words += ["--weights", tmp_path / "w.npy"]
    fitted = tmp_path / "fitted.npy"
    expected = tool("solve", X, y, "--sparsity", "2", "--fitted", fitted, *words)
    found = sr.solve(X, y, 2, **options)
    assert found.support.tolist() == expected["support"] == [4, 20] and found.loss_name == name
    assert found.coefficients.tolist() == expected["coefficients"]
    assert found.intercept == expected["intercept"]
    assert found.residual_norm == expected["residualNorm"]
    assert found.loss == expected["loss"]["value"]
    assert found.explained_loss == expected["loss"]["explained"]
    for criterion, value in expected["criteria"].items():
        assert getattr(found, criterion) == value
    refused = ["cp", "r_squared", "adjusted_r_squared"]
    if name == "huber":
        refused += ["aic", "bic", "ebic", "gic", "deviance", "explained_deviance"]
    else:
        assert found.deviance == expected["loss"]["deviance"]
        assert found.explained_deviance == expected["loss"]["explained"]
    for measure in refused:
        with pytest.raises(sr.RequestError, match=rf"{measure}: expected .*, found the {name} loss"):
            getattr(found, measure)
    np.testing.assert_allclose(found.predict(X), np.load(fitted), rtol=1e-12)
    np.testing.assert_allclose(
        found.linear_predictor(X), X[:, [4, 20]] @ found.coefficients + found.intercept, rtol=1e-12
    )


@pytest.mark.parametrize("name", CASES)
def test_same_paths_as_the_tool(name, tool):
    y, options, words = CASES[name]
    words = [*words, "--intercept", "--folds", "4", "--algorithm", "omp", "--seed", "3"]
    options = {**options, "intercept": True, "folds": 4, "algorithm": "omp", "seed": 3}
    if name != "huber":
        words += ["--criterion", "cv,bic"]
        options["criterion"] = "cv,bic"
    expected = tool("path", X, y, "--sparsity", "0:4", *words)
    found = sr.path(X, y, (0, 4), **options)
    # Huber's loss is no likelihood: folds choose unless somebody else is asked.
    assert list(found.choices) == (["cv"] if name == "huber" else ["cv", "bic"])
    assert found.best.sparsity == expected["chosen"] and found.fold_errors.shape == (4, 5)
    for point, error, wanted in zip(found, found.criteria["cv"], expected["points"], strict=True):
        assert point.support.tolist() == wanted["support"]
        assert point.coefficients.tolist() == wanted["coefficients"]
        assert point.loss_name == name and error == wanted["criterion"]
    if name != "huber":
        assert [point.bic for point in found] == found.criteria["bic"].tolist()


def test_predicts_what_is_expected():
    found = sr.solve(X, LABELS, 2, intercept=True, loss="logistic")
    score = found.linear_predictor(X)
    np.testing.assert_allclose(found.predict(X), 1 / (1 + np.exp(-score)), rtol=1e-12)
    found = sr.solve(X, COUNTS, 2, intercept=True, loss="poisson")
    np.testing.assert_allclose(found.predict(X), np.exp(found.linear_predictor(X)), rtol=1e-12)
    # By the equations of the maximum of the likelihood.
    np.testing.assert_allclose(found.predict(X).sum(), COUNTS.sum(), rtol=1e-9)
    # Nothing overflows far out, and small probabilities keep their digits.
    far = sr.solve(X, LABELS, 2, intercept=True, loss="logistic").predict(1e4 * X)
    assert np.isfinite(far).all() and far.min() >= 0 and far.max() == 1
    plain = sr.solve(X, SCORE, 2, intercept=True)
    assert plain.predict(X).tolist() == plain.linear_predictor(X).tolist()
    assert plain.loss == plain.residual_norm**2 / 2
    with pytest.raises(sr.RequestError, match="deviance: expected a loss that is half a deviance"):
        _ = plain.deviance


def test_measures_are_pickled_and_shown():
    found = sr.solve(X, LABELS, 2, intercept=True, loss="logistic")
    kept = pickle.loads(pickle.dumps(found))
    assert (kept.deviance, kept.loss, kept.bic) == (found.deviance, found.loss, found.bic)
    assert kept.predict(X).tolist() == found.predict(X).tolist()
    assert f"deviance {found.deviance:.6g}, explained deviance" in found._repr_html_()
    assert "loss" not in sr.solve(X, SCORE, 2)._repr_html_()
    problem = pickle.loads(pickle.dumps(sr.Problem(X, loss="logistic", intercept=True)))
    assert problem.solve(LABELS, 2).deviance == found.deviance
    truths = problem.solve(LABELS > 0, 2)
    assert truths.coefficients.tolist() == found.coefficients.tolist()
    several = problem.solve(np.stack([LABELS, 1 - LABELS], axis=1), 2)
    np.testing.assert_allclose(several[1].coefficients, -found.coefficients, rtol=1e-6)


@pytest.mark.parametrize(
    ("y", "options", "error", "text"),
    [
        (LABELS + 1, {"loss": "logistic"}, sr.DataError, "expected 0 or 1, found"),
        (-COUNTS - 1, {"loss": "poisson"}, sr.DataError, "expected at least 0, found"),
        (ROBUST, {"loss": "huber"}, sr.RequestError, "expected huber-threshold as well"),
        (ROBUST, {"huber_threshold": 1.0}, sr.RequestError, "none but with loss huber"),
        (ROBUST, {"loss": "cubic"}, sr.RequestError, "one of squares, logistic, huber, poisson"),
        (COUNTS, {"loss": "poisson", "algorithm": "iht"}, sr.RequestError, "one of portfolio, sea"),
    ],
)
def test_refusals(y, options, error, text):
    with pytest.raises(error, match=text):
        sr.solve(X, y, 2, **options)


def test_classifier():
    names = np.where(LABELS > 0, "well", "ill")
    model = SparseClassifier(2).fit(X, names)
    assert model.classes_.tolist() == ["ill", "well"] and model.support_.tolist() == [4, 20]
    assert model.coef_.shape == (1, 30) and model.intercept_.shape == (1,)
    peer = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X[:, [4, 20]], names)
    np.testing.assert_allclose(model.coef_[:, [4, 20]], peer.coef_, rtol=1e-4)
    np.testing.assert_allclose(model.predict_proba(X), peer.predict_proba(X[:, [4, 20]]), rtol=1e-3)
    assert (model.predict(X) == peer.predict(X[:, [4, 20]])).mean() > 0.99
    assert model.score(X, names) == (model.predict(X) == names).mean() > 0.7
    np.testing.assert_allclose(
        model.decision_function(X),
        np.log(model.predict_proba(X) @ [0, 1] / (model.predict_proba(X) @ [1, 0])),
    )
    assert model.transform(X).shape == (200, 2)
    found = sr.solve(X, LABELS, 2, intercept=True, loss="logistic")
    assert model.coef_[0, [4, 20]].tolist() == found.coefficients.tolist()
    # Weights count rows.
    weights = RNG.integers(0, 3, 200)
    weighted = SparseClassifier(2).fit(X, names, sample_weight=weights)
    rows = np.repeat(np.arange(200), weights)
    np.testing.assert_allclose(weighted.coef_, SparseClassifier(2).fit(X[rows], names[rows]).coef_, rtol=1e-6)


@pytest.mark.parametrize(
    ("y", "text"),
    [
        (np.arange(200) % 3, "Only binary classification is supported"),
        (SCORE, "Unknown label type"),
        (np.ones(200), "expected labels of two classes, found 1 class"),
    ],
)
def test_labels_that_are_not_two(y, text):
    with pytest.raises(ValueError, match=text):
        SparseClassifier(2).fit(X, y)


def test_separable_labels_warn():
    with pytest.warns(ConvergenceWarning, match="no minimum"):
        SparseClassifier(2).fit(X, SCORE > 0)
    SparseClassifier(2, ridge=0.1).fit(X, SCORE > 0)


@pytest.mark.parametrize("make", [SparseRegressor, SEARegressor])
def test_regressors(make):
    model = make(2, loss="poisson").fit(X, COUNTS)
    peer = PoissonRegressor(alpha=0, tol=1e-10, max_iter=1000).fit(X[:, [4, 20]], COUNTS)
    assert model.support_.tolist() == [4, 20]
    np.testing.assert_allclose(model.coef_[[4, 20]], peer.coef_, rtol=1e-4)
    np.testing.assert_allclose(model.predict(X), peer.predict(X[:, [4, 20]]), rtol=1e-3)
    robust = make(2, loss="huber", huber_threshold=0.2).fit(X, ROBUST)
    assert robust.support_.tolist() == [4, 20] and abs(robust.coef_[[4, 20]] - [1.5, -1]).max() < 0.05
    assert HuberRegressor().fit(X[:, [4, 20]], ROBUST).predict(X[:, [4, 20]]) == pytest.approx(
        robust.predict(X), abs=0.2
    )
    with pytest.raises(ValueError, match="huber-threshold as well"):
        make(2, loss="huber").fit(X, ROBUST)
    with pytest.raises(ValueError, match="at least 0"):
        make(2, loss="poisson").fit(X, -1 - COUNTS)


@pytest.mark.parametrize("intercept", [True, False])
def test_constant_columns(intercept):
    constant = np.full((200, 3), 2.0) if intercept else np.zeros((200, 3))
    counts = SparseRegressor(loss="poisson", fit_intercept=intercept).fit(constant, COUNTS)
    np.testing.assert_allclose(counts.predict(constant), COUNTS.mean() if intercept else 1, rtol=1e-9)
    labels = SparseClassifier(fit_intercept=intercept).fit(constant, LABELS)
    np.testing.assert_allclose(
        labels.predict_proba(constant)[:, 1], LABELS.mean() if intercept else 0.5, rtol=1e-9
    )


def test_paths_of_counts():
    splits = list(KFold(4).split(X))
    model = SparsePathCV(4, loss="poisson", cv=splits, algorithm="omp").fit(X, COUNTS)
    assert model.support_.tolist()[:1] == [4] and {4, 20} <= set(model.support_.tolist())
    assert model.path_.best.loss_name == "poisson"
    train, test = splits[1]
    one = SparseRegressor(2, loss="poisson", algorithm="omp").fit(X[train], COUNTS[train])
    expected = mean_poisson_deviance(COUNTS[test], one.predict(X[test]))
    np.testing.assert_allclose(model.path_.fold_errors[1, 1], expected, rtol=1e-9)
    np.testing.assert_allclose(model.predict(X), model.path_.best.predict(X), rtol=1e-12)
    # The folds of the library compare the same: a fold a row.
    whole = SparsePathCV(2, loss="poisson", cv=KFold(200), algorithm="omp").fit(X, COUNTS)
    own = SparsePathCV(2, loss="poisson", cv=200, algorithm="omp").fit(X, COUNTS)
    np.testing.assert_allclose(whole.path_.criterion, own.path_.criterion, rtol=1e-7)
    chosen = SparsePathCV(4, loss="poisson", criterion="ebic").fit(X, COUNTS)
    expected = sr.path(X, COUNTS, 4, loss="poisson", intercept=True, criterion="ebic")
    assert chosen.coef_.tolist() == expected.best.dense().tolist()


def test_paths_with_outliers():
    splits = list(KFold(4).split(X))
    model = SparsePathCV(4, loss="huber", huber_threshold=0.2, cv=splits, algorithm="omp").fit(X, ROBUST)
    assert {4, 20} <= set(model.support_.tolist())
    train, test = splits[2]
    one = SparseRegressor(1, loss="huber", huber_threshold=0.2, algorithm="omp").fit(X[train], ROBUST[train])
    far = np.abs(one.predict(X[test]) - ROBUST[test])
    expected = np.where(far <= 0.2, far**2, 0.4 * far - 0.04).mean()
    np.testing.assert_allclose(model.path_.fold_errors[2, 0], expected, rtol=1e-9)
    with pytest.raises(ValueError, match="cv or none with loss huber"):
        SparsePathCV(4, loss="huber", huber_threshold=0.2, criterion="ebic").fit(X, ROBUST)


def test_signs_and_joint_supports(tool):
    counts = np.stack([COUNTS, np.roll(COUNTS, 1)], axis=1)
    words = ["--intercept", "--loss", "poisson", "--joint", "--nonnegative"]
    expected = tool("solve", X, counts, "--sparsity", "3", *words)
    model = SparseRegressor(3, loss="poisson", joint=True, positive=True).fit(X, counts)
    assert (model.coef_ >= 0).all() and len(model.support_) == 3
    found = sr.solve(X, counts, 3, loss="poisson", joint=True, nonnegative=True, intercept=True)
    assert [solution.dense().tolist() for solution in found] == model.coef_.tolist()
    for solution, wanted in zip(found, expected, strict=True):
        assert solution.support.tolist() == wanted["support"]
        assert solution.coefficients.tolist() == wanted["coefficients"]
        assert solution.deviance == wanted["loss"]["deviance"]
    path = SparsePathCV(3, loss="poisson", joint=True, cv=4, algorithm="omp").fit(X, counts)
    assert path.path_.points[1][0].support.tolist() == path.path_.points[1][1].support.tolist()
    signs = SparseClassifier(2, positive=True).fit(X, LABELS)
    assert (signs.coef_ >= 0).all() and 4 in signs.support_ and 20 not in signs.support_
    scaled = sr.solve(X * 10, LABELS, 2, loss="logistic", standardize=True, ridge=3.0)
    plain = sr.solve(X, LABELS, 2, loss="logistic", standardize=True, ridge=3.0)
    np.testing.assert_allclose(10 * scaled.coefficients, plain.coefficients, rtol=1e-9)
