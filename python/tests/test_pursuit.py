"""orthogonal_mp and orthogonal_mp_gram against those of scikit-learn."""

import numpy as np
import pytest
from sklearn import linear_model

import sparse_recovery as sr

RNG = np.random.default_rng(5)
X = RNG.standard_normal((50, 80))
X /= np.linalg.norm(X, axis=0)
COEF = np.zeros((80, 3))
for column in COEF.T:
    column[RNG.choice(80, 5, replace=False)] = RNG.uniform(1, 2, 5)
Y = X @ COEF + 0.01 * RNG.standard_normal((50, 3))


@pytest.mark.parametrize("y", [Y, Y[:, 0], Y[:, :1]], ids=["several", "one", "column"])
@pytest.mark.parametrize(
    "options",
    [{}, {"n_nonzero_coefs": 5}, {"n_nonzero_coefs": 1}, {"tol": 0.5}, {"tol": 0.01}],
    ids=str,
)
@pytest.mark.parametrize("return_path", [False, True])
def test_orthogonal_mp(y, options, return_path):
    given = {**options, "return_path": return_path, "return_n_iter": True}
    expected, steps = linear_model.orthogonal_mp(X, y, **given)
    found, own_steps = sr.orthogonal_mp(X, y, **given)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-10)
    assert own_steps == steps


@pytest.mark.parametrize("y", [Y, Y[:, 0]], ids=["several", "one"])
@pytest.mark.parametrize("options", [{}, {"n_nonzero_coefs": 5}, {"tol": 0.01}], ids=str)
@pytest.mark.parametrize("return_path", [False, True])
def test_orthogonal_mp_gram(y, options, return_path):
    given = {**options, "return_path": return_path, "return_n_iter": True}
    if "tol" in options:
        given["norms_squared"] = (y**2).sum(axis=0) if y.ndim == 2 else float(y @ y)
    gram, products = X.T @ X, X.T @ y
    # scikit-learn writes over what it is given unless told not to.
    expected, steps = linear_model.orthogonal_mp_gram(
        gram.copy(),
        products.copy(),
        **{**given, "norms_squared": np.atleast_1d(given["norms_squared"])} if "tol" in options else given,
    )
    found, own_steps = sr.orthogonal_mp_gram(gram, products, **given)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-8)
    assert own_steps == steps


def test_zeros_and_refusals():
    assert not sr.orthogonal_mp(X, np.zeros(50), n_nonzero_coefs=3).any()
    assert not sr.orthogonal_mp(X, Y[:, 0], tol=1e6).any()
    with pytest.raises(ValueError, match="at most the 80 features"):
        sr.orthogonal_mp(X, Y, n_nonzero_coefs=81)
    with pytest.raises(ValueError, match="at least 1"):
        sr.orthogonal_mp(X, Y, n_nonzero_coefs=0)
    with pytest.raises(ValueError, match="norms_squared"):
        sr.orthogonal_mp_gram(X.T @ X, X.T @ Y, tol=0.1)
    with pytest.raises(ValueError, match="square Gram matrix"):
        sr.orthogonal_mp_gram(X, Y)


def test_other_algorithms():
    np.testing.assert_allclose(
        sr.orthogonal_mp(X, X @ COEF, n_nonzero_coefs=5, algorithm="sea"), COEF, atol=1e-8
    )
