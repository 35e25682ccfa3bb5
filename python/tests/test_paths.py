"""Paths of one observation and of several."""

import pickle

import numpy as np
import pytest

import sparse_recovery as sr


@pytest.mark.parametrize("criterion", ["ebic", "cv", "bic,cv", "none"])
@pytest.mark.parametrize("observations", ["one", "several", "joint"])
def test_same_paths_as_the_tool(criterion, observations, problem, tool):
    A, y, _, _ = problem(noise=0.3, seed=5)
    Y = y if observations == "one" else np.stack([y, A[:, 3] - 0.5 * A[:, 40], 2 * y[::-1]], axis=1)
    folds = {"folds": 4} if "cv" in criterion else {}
    words = ["--sparsity", "0:5", "--criterion", criterion, "--effort", "quick"]
    words += ["--folds", "4"] if folds else []
    words += ["--joint"] if observations == "joint" else []
    expected = tool("path", A, Y, *words)
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


@pytest.mark.parametrize("joint", [False, True])
def test_same_paths_of_a_reduced_table_as_the_tool(joint, problem, tool):
    A, y, _, _ = problem(m=200, n=12, noise=0.5)
    Y = np.stack([y + 3, A[:, 2] + A[:, 7] - y], axis=1)
    words = ["--sparsity", "1:5", "--intercept", "--include", "4", "--reduce", "on", "--algorithm", "els"]
    words += ["--criterion", "gic,cv", "--folds", "3", "--subsample", "3"] + ["--joint"] * joint
    expected = tool("path", A, Y, *words)
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


def test_joint_path(problem):
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
    messages = sr.path(A, Y, 3, joint=True, algorithm="vamp")
    assert [len(point[0].support) for point in messages] == [1, 2, 3]


def test_paths_of_several_observations(problem):
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


def test_several_criteria(problem):
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


def test_path(problem):
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


def test_cross_validation(problem):
    A, y, _, support = problem(noise=0.3)
    path = sr.path(A, y, 6, criterion="cv", folds=5, seed=3, effort="quick")
    assert path.fold_errors.shape == (5, 6)
    np.testing.assert_allclose(path.fold_errors.mean(axis=0), path.criterion, rtol=1e-12)
    spread = path.fold_errors.std(axis=0, ddof=1) / np.sqrt(5)
    np.testing.assert_allclose(path.standard_errors, spread, rtol=1e-12)
    assert path.chosen == path.criterion.argmin() and path.best.support.tolist() == support.tolist()
    again = sr.path(A, y, 6, criterion="cv", folds=5, seed=4, effort="quick")
    assert (again.fold_errors != path.fold_errors).any()


def test_folds_of_ones_own(problem):
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
def test_draws_of_rows(scheme, paths, problem):
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


def test_target_residual(problem):
    A, y, _, _ = problem(noise=0.1)
    path = sr.path(A, y, 8, target_residual=0.5)
    assert path.best.relative_residual <= 0.5 and len(path) == path.best.sparsity
    with pytest.raises(sr.RequestError, match="criterion"):
        sr.path(A, y, 8, target_residual=0.5, criterion="aic")


@pytest.mark.parametrize("joint", [False, True])
def test_paths_go_on_from_checkpoints_of_the_tool(tmp_path, joint, problem, tool):
    A, y, _, _ = problem(noise=0.3)
    Y = np.stack([y, y[::-1]], axis=1)
    words = ["--sparsity", "4", "--criterion", "cv", "--folds", "3", "--checkpoint", tmp_path / "state"]
    tool("path", A, Y, "--algorithm", "els", *words, *["--joint"] * joint)
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
