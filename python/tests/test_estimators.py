"""What scikit-learn's checks do not see."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import sparse_recovery as sr
from sparse_recovery import SEARegressor, SparsePathCV, SparseRegressor

RNG = np.random.default_rng(4)
X = np.asfortranarray(RNG.standard_normal((120, 60)))
SUPPORT = [4, 20, 41]
Y = X[:, SUPPORT] @ [2.0, -1.0, 3.0] + 5 + 0.1 * RNG.standard_normal(120)


@pytest.mark.parametrize("make", [SparseRegressor, SEARegressor])
def test_fit(make):
    model = make(3).fit(X, Y)
    assert model.support_.tolist() == SUPPORT and model.score(X, Y) > 0.99
    found = sr.solve(X, Y, 3, intercept=True, algorithm=make(3)._algorithm)
    assert model.coef_[SUPPORT].tolist() == found.coefficients.tolist()
    assert model.intercept_ == found.intercept
    np.testing.assert_allclose(model.predict(X), found.predict(X))


def test_names_and_selection():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(X, columns=[f"gene {j}" for j in range(60)])
    model = SparseRegressor(3).set_output(transform="pandas").fit(frame, Y)
    names = [f"gene {j}" for j in SUPPORT]
    assert model.get_feature_names_out().tolist() == names
    chosen = model.transform(frame)
    assert list(chosen.columns) == names
    np.testing.assert_array_equal(chosen.to_numpy(), X[:, SUPPORT])
    assert model.feature_names_in_.tolist() == list(frame.columns)


def test_weights():
    weights = RNG.integers(0, 4, 120).astype(float)
    model = SparseRegressor(3).fit(X, Y, sample_weight=weights)
    repeated = np.repeat(np.arange(120), weights.astype(int))
    again = SparseRegressor(3).fit(X[repeated], Y[repeated])
    np.testing.assert_allclose(model.coef_, again.coef_, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("joint", [False, True])
def test_several_targets(joint):
    targets = np.column_stack([Y, X[:, SUPPORT] @ [1.0, 4.0, -2.0], -Y])
    model = SparseRegressor(3, joint=joint).fit(X, targets)
    assert model.coef_.shape == (3, 60) and model.intercept_.shape == (3,)
    assert model.support_.tolist() == SUPPORT and model.predict(X).shape == targets.shape


def test_composition():
    search = GridSearchCV(
        make_pipeline(StandardScaler(), SparseRegressor(effort="quick")),
        {"sparseregressor__n_nonzero_coefs": [1, 2, 3]},
        n_jobs=2,
        cv=3,
    ).fit(X, Y)
    assert search.best_params_["sparseregressor__n_nonzero_coefs"] == 3
    model = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(model.predict(X), search.predict(X))
    assert clone(SEARegressor(2, ridge=0.5)).get_params()["ridge"] == 0.5
    assert "SparseRegressor" in SparseRegressor(3)._repr_html_()


@pytest.mark.parametrize("cv", [5, KFold(4, shuffle=True, random_state=0)])
def test_path_cv(cv):
    model = SparsePathCV(8, cv=cv, effort="quick", one_standard_error=True).fit(X, Y)
    assert model.n_nonzero_coefs_ == 3 and model.support_.tolist() == SUPPORT
    folds = cv if isinstance(cv, int) else cv.get_n_splits()
    assert model.path_.fold_errors.shape == (folds, 8)
    assert SparsePathCV(8, criterion="ebic").fit(X, Y).support_.tolist() == SUPPORT


@pytest.mark.parametrize("cv", [4, KFold(4)], ids=["number", "splitter"])
@pytest.mark.parametrize("criterion", ["cv", "bic"])
def test_path_of_several_targets(cv, criterion):
    targets = np.column_stack([Y, X[:, [4, 20]] @ [1.0, 4.0] + 0.1 * RNG.standard_normal(120)])
    apart = SparsePathCV(6, cv=cv, criterion=criterion, algorithm="omp").fit(X, targets)
    assert apart.coef_.shape == (2, 60) and apart.predict(X).shape == targets.shape
    for target, path, number in zip(targets.T, apart.path_, apart.n_nonzero_coefs_, strict=True):
        alone = SparsePathCV(6, cv=cv, criterion=criterion, algorithm="omp").fit(X, target)
        assert number == alone.n_nonzero_coefs_ and (path.criterion == alone.path_.criterion).all()
    joint = SparsePathCV(6, cv=cv, criterion=criterion, algorithm="omp", joint=True).fit(X, targets)
    assert joint.n_nonzero_coefs_ == 3 and joint.support_.tolist() == SUPPORT
    assert isinstance(joint.path_, sr.JointPath) and joint.coef_.shape == (2, 60)
    assert (joint.coef_ != 0).sum(axis=1).tolist() == [3, 3]
    path = sr.path(X, targets, 6, criterion="none", intercept=True, algorithm="omp", joint=True)
    assert joint.path_.supports[2].tolist() == path.supports[2].tolist()
    if criterion == "cv" and not isinstance(cv, int):
        train, test = next(iter(cv.split(X)))
        model = SparseRegressor(3, algorithm="omp", joint=True).fit(X[train], targets[train])
        errors = ((model.predict(X[test]) - targets[test]) ** 2).mean(axis=0)
        np.testing.assert_allclose(joint.path_.fold_errors[0, 2], errors.sum(), rtol=1e-10)
    one, same = (
        SparsePathCV(6, cv=cv, criterion=criterion, joint=joint).fit(X, Y) for joint in (True, False)
    )
    assert one.coef_.tolist() == same.coef_.tolist() and one.n_nonzero_coefs_ == same.n_nonzero_coefs_


@pytest.mark.parametrize("joint", [False, True])
@pytest.mark.parametrize("lengths", [(5, 3, 6, 6), (6, 6, 6, 2)], ids=["fold", "path"])
def test_paths_that_end_early(monkeypatch, joint, lengths):
    targets = np.column_stack([Y, -Y]) if joint else Y
    model = SparsePathCV(6, cv=KFold(3), algorithm="omp", joint=joint)
    whole = model.fit(X, targets).path_
    own, left = sr.Problem.path, list(lengths)

    def ended(*arguments, **options):
        # As a time limit or a callback leaves it.
        path, count = own(*arguments, **options), left.pop(0)
        norms = ("residual_norms", "relative_residuals") if joint else ()
        return replace(path, **{name: getattr(path, name)[:count] for name in ("points", *norms)})

    monkeypatch.setattr(sr.Problem, "path", ended)
    path = model.fit(X, targets).path_
    count = min(lengths)
    assert not left and len(path) == len(path.relative_residuals) == count
    np.testing.assert_array_equal(path.fold_errors, whole.fold_errors[:, :count])
    np.testing.assert_array_equal(path.criterion, whole.criterion[:count])
    assert path.chosen == whole.criterion[:count].argmin() and model.n_nonzero_coefs_ == path.chosen + 1
    assert "cv" in path._repr_html_()


def test_splits_with_rows_without_weight():
    weights = np.zeros(120)
    weights[:50:5] = 1
    weights[60:80:5] = 2
    # Rows without weight are as if they were not there: the third fold holds none of the 14 out.
    used = weights > 0
    model = SparsePathCV(12, cv=KFold(3), algorithm="omp").fit(X, Y, sample_weight=weights)
    assert model.path_.fold_errors.shape == (2, 5)
    splits = [(np.arange(8, 14), np.arange(8)), (np.arange(8), np.arange(8, 14))]
    same = SparsePathCV(12, cv=splits, algorithm="omp").fit(X[used], Y[used], sample_weight=weights[used])
    np.testing.assert_allclose(model.path_.criterion, same.path_.criterion, rtol=1e-10)
    weights[40:] = 0
    with pytest.raises(ValueError, match="at least 2 splits with rows of weight on both sides, found 0"):
        SparsePathCV(3, cv=KFold(3)).fit(X, Y, sample_weight=weights)


def test_held_out_errors_of_given_splits():
    splits = list(KFold(3).split(X))
    model = SparsePathCV(2, cv=splits, algorithm="omp").fit(X, Y)
    train, test = splits[1]
    one = SparseRegressor(2, algorithm="omp").fit(X[train], Y[train])
    np.testing.assert_allclose(
        model.path_.fold_errors[1, 1], ((one.predict(X[test]) - Y[test]) ** 2).mean(), rtol=1e-10
    )


def test_time_limit_warns():
    from sklearn.exceptions import ConvergenceWarning

    with pytest.warns(ConvergenceWarning, match="time limit"):
        SEARegressor(30, time_limit=0).fit(X, Y)


def test_precision_and_backend():
    single = X.astype(np.float32)
    model = SparseRegressor(3, precision="single", backend="cpu").fit(single, Y)
    assert model.support_.tolist() == SUPPORT
    with pytest.raises(ValueError, match="precision"):
        SparseRegressor(3, precision="half").fit(X, Y)


def test_masked_arrays():
    masked = np.ma.array(X, mask=X > 3)
    weights = np.ma.array(np.ones(120), mask=np.arange(120) == 5)
    model = SparseRegressor(3)
    for given in ((masked, Y), (X, np.ma.array(Y, mask=Y > 8)), (X, Y, weights)):
        with pytest.raises(sr.DataError, match="found masked entries"):
            model.fit(*given)
    assert model.fit(np.ma.array(X), Y).support_.tolist() == SUPPORT
    with pytest.raises(sr.DataError, match="found masked entries"):
        model.predict(masked)


def test_groups():
    rng = np.random.default_rng(5)
    X = rng.standard_normal((80, 20))
    labels = np.arange(20) % 7
    signal = X[:, labels == 2] @ [1, -2, 1] + X[:, labels == 6] @ [2, 2]
    y = signal + 0.3 * rng.standard_normal(80)
    expected = np.flatnonzero(np.isin(labels, [2, 6])).tolist()
    for model in (
        sr.SparseRegressor(2, column_groups=labels),
        sr.SEARegressor(2, column_groups=labels.tolist()),
        sr.SparsePathCV(5, cv=4, column_groups=labels),
        sr.SparseClassifier(2, column_groups=labels, ridge=0.1),
    ):
        target = signal > 0 if isinstance(model, sr.SparseClassifier) else y
        assert clone(model).fit(X, target).support_.tolist() == expected, model
    with pytest.raises(ValueError, match="at most the 7 groups of columns, found 8"):
        sr.SparseRegressor(8, column_groups=labels).fit(X, y)
    with pytest.raises(ValueError, match="expected 20, one for each column"):
        sr.SparseRegressor(2, column_groups=labels[1:]).fit(X, y)
