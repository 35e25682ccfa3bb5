"""Tables taken in part after part are what they are at once."""

import numpy as np
import pytest

import sparse_recovery as sr


def _rows(m=900, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((m, 12)) + 5 * np.arange(12)
    y = 2 * A[:, 3] - A[:, 8] + rng.standard_normal(m)
    return A, y, rng.integers(0, 4, m).astype(float)


@pytest.mark.parametrize(
    "model", [{}, {"intercept": True}, {"standardize": True, "ridge": 20.0}, {"include": [5]}]
)
@pytest.mark.parametrize("weighted", [False, True])
def test_solutions_are_those_of_all_rows(model, weighted):
    A, y, w = _rows()
    table = sr.ReducedTable(12)
    for part in np.array_split(np.arange(len(y)), [1, 300, 301]):
        table.add(A[part], y[part], w[part] if weighted else None)
    few, target, weights = table.contents()
    assert few.shape == (14, 12) and table.rows == (np.count_nonzero(w) if weighted else 900)
    assert weights.sum() == pytest.approx(w.sum() if weighted else 900)
    given = {"weights": w} if weighted else {}
    expected = sr.solve(A, y, 3, reduce="off", **model, **given)
    found = sr.solve(few, target, 3, weights=weights, frequency_weights=True, **model)
    np.testing.assert_array_equal(found.support, expected.support)
    np.testing.assert_allclose(found.coefficients, expected.coefficients, rtol=1e-9)
    assert found.residual_norm == pytest.approx(expected.residual_norm, rel=1e-9)
    if not weighted:
        assert found.ebic == pytest.approx(expected.ebic, rel=1e-9)


def test_parts_and_several_observations():
    A, y, _ = _rows()
    Y = np.c_[y, A[:, 1] - A[:, 2]]
    one, two = sr.ReducedTable(12, 2), sr.ReducedTable(12, 2)
    one.add(np.asfortranarray(A[:400], dtype=np.float32), Y[:400])
    one.merge(two)
    two.add(A[400:].astype(np.float32), Y[400:])
    one.merge(two)
    few, targets, weights = one.contents()
    assert targets.shape == (15, 2) and one.rows == 900 and two.rows == 500
    np.testing.assert_allclose(
        weights[0] * few.T @ targets, A.astype(np.float32).T.astype(float) @ Y, rtol=1e-9
    )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((np.ones((3, 2)), np.ones(3)), "expected 3 columns"),
        ((np.ones((3, 3)), np.ones(2)), "3 numbers"),
        ((np.ones((3, 3)), np.ones(3), np.ones(2)), "3 weights"),
        ((np.full((3, 3), np.nan), np.ones(3)), "finite|NaN|nan"),
        ((np.ones((3, 3)), np.ones(3), -np.ones(3)), "at least 0"),
    ],
)
def test_refusals(arguments, text):
    table = sr.ReducedTable(3)
    with pytest.raises(ValueError, match=text):
        table.add(*arguments)
    assert table.rows == 0
    with pytest.raises(ValueError, match="at least"):
        table.contents()
    with pytest.raises(ValueError, match="from 1"):
        sr.ReducedTable(0)


def test_only_tables_are_merged():
    with pytest.raises(TypeError, match="expected a ReducedTable, found int"):
        sr.ReducedTable(3).merge(5)


def test_unaligned_rows():
    A, y, _ = _rows(20)
    unaligned = np.ndarray(A.shape, np.float64, bytearray(A.nbytes + 1), 1, order="F")
    unaligned[:] = A
    one, same = sr.ReducedTable(12), sr.ReducedTable(12)
    one.add(unaligned, y)
    same.add(A, y)
    assert (one.contents()[0] == same.contents()[0]).all()
