"""Sparse matrices in the estimators: the fits of the dense ones."""

import numpy as np
import pytest

from sparse_recovery import SparseClassifier, SparsePathCV, SparseRegressor

scipy = pytest.importorskip("scipy")
pytest.importorskip("sklearn")

RNG = np.random.default_rng(7)
X = scipy.sparse.random(300, 120, 0.05, format="csr", random_state=RNG, data_rvs=RNG.standard_normal)
DENSE = X.toarray()
Y = 3 * DENSE[:, 4] - 2 * DENSE[:, 60] + 1.5 * DENSE[:, 99] + 5 + 0.01 * RNG.standard_normal(300)


@pytest.mark.parametrize(
    "model",
    [
        SparseRegressor(3),
        SparseRegressor(3, positive=True, fit_intercept=False),
        SparseRegressor(2, loss="huber", huber_threshold=0.1),
        SparsePathCV(algorithm="omp", cv=3, max_nonzero_coefs=6),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["csr", "csc", "coo"])
def test_fits_are_those_of_dense_matrices(model, weighted, kind):
    weights = RNG.integers(0, 3, 300).astype(float) if weighted else None
    dense = model.fit(DENSE, Y, sample_weight=weights)
    expected = dense.support_.tolist(), dense.coef_.copy(), dense.predict(DENSE[:20])
    found = model.fit(X.asformat(kind), Y, sample_weight=weights)
    assert found.support_.tolist() == expected[0]
    np.testing.assert_allclose(found.coef_, expected[1], atol=1e-10)
    for rows in (X[:20], X[:20].tocsc(), DENSE[:20]):
        np.testing.assert_allclose(found.predict(rows), expected[2], atol=1e-9)
    assert found.transform(X).shape == (300, len(expected[0]))


def test_labels():
    labels = np.where(Y > 5, "more", "less")
    found, dense = SparseClassifier(2).fit(X, labels), SparseClassifier(2).fit(DENSE, labels)
    assert found.support_.tolist() == dense.support_.tolist()
    np.testing.assert_allclose(found.predict_proba(X), dense.predict_proba(DENSE), atol=1e-8)


@pytest.mark.parametrize("fit_intercept", [False, True])
def test_constant_columns(fit_intercept):
    constant = scipy.sparse.csc_matrix(np.zeros((30, 4)))
    found = SparseRegressor(2, fit_intercept=fit_intercept).fit(constant, np.arange(30.0))
    assert found.support_.size == 0
    assert found.intercept_ == pytest.approx(14.5 if fit_intercept else 0)


@pytest.mark.parametrize("weighted", [False, True])
def test_matrices_stay_as_they_are(weighted):
    # Entries that meet, out of order, in memory that cannot be written.
    starts, rows = np.array([0, 3, 4, 5]), np.array([2, 0, 0, 1, 3])
    numbers = np.array([1.0, 1, 1, 3, -1])
    parts = [array.copy() for array in (numbers, rows, starts)]
    for array in parts:
        array.setflags(write=False)
    sparse = scipy.sparse.csc_matrix(tuple(parts), shape=(5, 3))
    y = sparse.toarray()[:, 0]
    weights = np.ones(5) if weighted else None
    found = SparseRegressor(1, fit_intercept=False).fit(sparse, y, sample_weight=weights)
    np.testing.assert_allclose(found.coef_, [1, 0, 0], atol=1e-12)
    assert sparse.nnz == 5 and (sparse.data == numbers).all() and (sparse.indices == rows).all()
