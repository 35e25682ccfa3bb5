"""Complex numbers, beside orthogonal matching pursuit and exhaustive search in NumPy."""

import itertools
import pickle

import numpy as np
import pytest

import sparse_recovery as sr
from sparse_recovery._arrays import as_matrix, as_observations

# What drops imaginary parts says so in a warning alone.
pytestmark = pytest.mark.filterwarnings("error")


def draw(*shape, seed=0):
    rng = np.random.default_rng(seed)
    return np.asfortranarray(rng.standard_normal(shape) + 1j * rng.standard_normal(shape))


A = draw(30, 50)
SUPPORT = [3, 20, 41]
X = np.array([1 + 2j, -3j, 2])
Y = A[:, SUPPORT] @ X
NOISY = Y + 0.3 * draw(30, seed=1)
SEVERAL = np.stack([Y, A[:, SUPPORT] @ (1j * X[::-1])], axis=1)


def least_squares(A, y, support):
    x = np.linalg.lstsq(A[:, support], y, rcond=None)[0]
    return x, np.linalg.norm(y - A[:, support] @ x)


def pursuit(A, y, k):
    """Orthogonal matching pursuit."""
    support, residual = [], y
    for _ in range(k):
        products = np.abs(A.conj().T @ residual) / np.linalg.norm(A, axis=0)
        products[support] = -1
        support = sorted([*support, int(products.argmax())])
        residual = y - A[:, support] @ least_squares(A, y, support)[0]
    return support


def expect_found(found, rtol=1e-10):
    assert found.support.tolist() == SUPPORT
    assert found.coefficients.dtype == np.complex128
    np.testing.assert_allclose(found.coefficients, X, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("k", [1, 4, 9])
def test_orthogonal_matching_pursuit(seed, k):
    A, y = draw(25, 60, seed=seed), draw(25, seed=seed + 50)
    found = sr.solve(A, y, k, algorithm="omp")
    expected = pursuit(A, y, k)
    assert found.support.tolist() == expected
    x, norm = least_squares(A, y, expected)
    np.testing.assert_allclose(found.coefficients, x, rtol=1e-9)
    assert found.residual_norm == pytest.approx(norm, rel=1e-10)


@pytest.mark.parametrize("seed", range(5))
def test_the_default_is_the_best_of_all(seed):
    A, y = draw(8, 12, seed=seed), draw(8, seed=seed + 50)
    best = min(
        itertools.combinations(range(12), 3), key=lambda support: least_squares(A, y, list(support))[1]
    )
    found = sr.solve(A, y, 3)
    assert found.support.tolist() == list(best) and found.optimality_gap == 0
    np.testing.assert_allclose(found.coefficients, least_squares(A, y, list(best))[0], rtol=1e-9)


def every_other():
    larger = np.zeros((33, 100), complex, order="F")
    larger[:30, ::2] = A
    return larger[:30, ::2]


def unaligned():
    result = np.ndarray(A.shape, A.dtype, bytearray(A.nbytes + 1), 1, order="F")
    result[...] = A
    return result


@pytest.mark.parametrize(
    ("make", "is_copied"),
    [
        (lambda: A, False),
        (every_other, False),
        (lambda: np.ascontiguousarray(A.T).T, False),
        (lambda: np.ascontiguousarray(A), True),
        (lambda: A[::-1], True),
        (lambda: A.astype(">c16"), True),
        (lambda: A.astype(np.clongdouble), True),
        (unaligned, True),
        (lambda: A.tolist(), True),
    ],
    ids=["fortran", "slice", "transposed", "c-order", "reversed", "swapped", "long", "unaligned", "list"],
)
def test_sources(make, is_copied):
    source = make()
    matrix = as_matrix(source)
    assert matrix.dtype == np.complex128 and matrix.flags.aligned
    if isinstance(source, np.ndarray):
        assert np.shares_memory(matrix, source) != is_copied
    y = np.asarray(source)[:, SUPPORT] @ X
    found = sr.solve(source, y, 3)
    expect_found(found)
    np.testing.assert_allclose(found.predict(source), y.astype(complex), rtol=1e-10)


def test_single_precision():
    B = A.astype(np.complex64)
    assert as_matrix(B) is B
    y = B[:, SUPPORT].astype(complex) @ X
    for precision in ("single", "double"):
        problem = sr.Problem(B, precision=precision)
        assert problem.is_complex and problem.shape == (30, 50)
        # Least squares are in double precision, of the numbers as given.
        expect_found(problem.solve(y, 3))
    expect_found(sr.solve(B, Y.astype(np.complex64), 3), rtol=1e-6)


def test_observations_are_not_copied():
    assert as_observations(Y) is Y and as_observations(Y.astype(np.complex64)).dtype == np.complex128
    both = np.repeat(Y, 2)
    expect_found(sr.solve(A, both[::2], 3))
    expect_found(sr.solve(A, Y.tolist(), 3))
    read_only = Y.copy()
    read_only.flags.writeable = False
    expect_found(sr.solve(A, read_only, 3))


def test_frames():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(A)
    found = sr.solve(frame, pd.Series(Y), 3)
    expect_found(found)
    np.testing.assert_allclose(found.predict(frame), Y, rtol=1e-10)
    mixed = frame.copy()
    mixed[0] = A[:, 0].real
    expect_found(sr.solve(mixed, Y, 3))


def test_one_of_both_is_real():
    R = A.real.copy()
    y = R[:, SUPPORT] @ X
    found = sr.solve(R, y, 3)
    expect_found(found)
    np.testing.assert_allclose(found.predict(R), y, rtol=1e-10)
    expect_found(sr.path(R, y, 4, algorithm="omp")[2])
    expect_found(sr.Problem(R, complex=True).solve(y, 3))
    expect_found(
        sr.Problem(R.astype(np.float32), complex="true").solve(R.astype(np.float32)[:, SUPPORT] @ X, 3)
    )
    same = sr.solve(A, NOISY.real, 3), sr.solve(A, NOISY.real.astype(complex), 3)
    assert (same[0].support == same[1].support).all()
    np.testing.assert_array_equal(same[0].coefficients, same[1].coefficients)
    # A problem that is real says what to do.
    for call in (sr.Problem(R).solve, sr.Problem(R).path):
        with pytest.raises(TypeError, match=r"make A complex, by Problem\(A.astype\(complex\)\), or"):
            call(y, 3)
    with pytest.raises(TypeError, match="make A complex"):
        sr.solve(R, y, 3, complex=False)
    with pytest.raises(
        sr.RequestError, match="complex: expected true for a matrix of complex numbers, found"
    ):
        sr.Problem(A, complex=False)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.complex64, np.complex128])
def test_files(tmp_path, order, dtype):
    path = tmp_path / "A.npy"
    np.save(path, np.asarray(A, dtype=dtype, order=order))
    problem = sr.Problem(path)
    assert problem.is_complex
    assert problem.shape == A.shape
    expect_found(problem.solve(Y, 3), 1e-10 if dtype is np.complex128 else 1e-5)
    expect_found(sr.solve(path, Y, 3), 1e-10 if dtype is np.complex128 else 1e-5)
    assert np.iscomplexobj(problem.solve(Y.real, 1).coefficients)


def test_files_of_real_numbers(tmp_path):
    np.save(tmp_path / "A.npy", A.real)
    y = A.real[:, SUPPORT] @ X
    assert not sr.Problem(tmp_path / "A.npy").is_complex
    expect_found(sr.solve(tmp_path / "A.npy", y, 3))


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [("csc", complex), ("csr", complex), ("coo", complex), ("csc", float), ("csr", np.complex64)],
)
def test_sparse_matrices(kind, dtype):
    sparse = pytest.importorskip("scipy.sparse")
    kept = np.random.default_rng(0).uniform(size=A.shape) < 0.4
    dense = np.where(kept, A.real if dtype is float else A, 0).astype(dtype)
    S = sparse.coo_array(dense).asformat(kind)
    y = dense[:, SUPPORT].astype(complex) @ X
    for options in ({}, {"algorithm": "omp"}, {"backend": "reference", "algorithm": "sea"}):
        found = sr.solve(S, y, 3, **options)
        expect_found(found)
        expected = sr.solve(dense, y, 3, **options)
        np.testing.assert_allclose(found.coefficients, expected.coefficients, rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(found.predict(S), y, atol=1e-6)


class Turning:
    """i times a matrix, which says nothing of the type of its numbers."""

    shape = A.shape

    def matvec(self, x):
        return 1j * (A.real @ x)

    def rmatvec(self, r):
        return -1j * (A.real.T @ r)


@pytest.mark.parametrize("kind", ["complex", "real", "single", "unknown"])
def test_operators(kind):
    scipy = pytest.importorskip("scipy")
    dense = {"complex": A, "real": A.real, "single": A.astype(np.complex64), "unknown": 1j * A.real}[kind]
    operator = Turning() if kind == "unknown" else scipy.sparse.linalg.aslinearoperator(dense)
    y = dense[:, SUPPORT].astype(complex) @ X
    for options in (
        {},
        {"algorithm": "sea"},
        {"algorithm": "omp"},
        {"backend": "reference", "algorithm": "omp"},
    ):
        found = sr.solve(operator, y, 3, **options)
        expect_found(found, rtol=1e-5 if kind == "single" else 1e-10)
        np.testing.assert_allclose(found.predict(operator), y, rtol=1e-5)
    assert sr.Problem(operator).is_complex == (kind != "real")


def test_operators_of_real_numbers_stay_so():
    class Real:
        """Products with real numbers alone."""

        shape = A.shape
        dtype = np.dtype(np.float64)

        def matvec(self, x):
            assert np.isrealobj(x) and x.flags.c_contiguous
            return A.real @ x

        def rmatvec(self, r):
            assert np.isrealobj(r) and r.flags.c_contiguous
            return A.real.T @ r

    expect_found(sr.solve(Real(), A.real[:, SUPPORT] @ X, 3, algorithm="sea"))
    real = sr.solve(Real(), A.real[:, 7], 1)
    assert real.coefficients.dtype == np.float64
    for matrix in (A, Turning()):
        with pytest.raises(TypeError, match="expected a matrix of real numbers"):
            real.predict(matrix)
    # A product that turns complex on the way.
    Real.rmatvec = lambda _, r: A.T @ r
    with pytest.raises(TypeError, match="expected a matrix of real numbers"):
        sr.solve(Real(), A.real[:, 7], 1, algorithm="omp")


def test_operators_that_are_linear_in_real_numbers_are_refused():
    class Spectrum:
        """A real spectrum as PyLops has it."""

        shape = (16, 30)
        clinear = False

        def matvec(self, x):
            return np.fft.rfft(x)

        def rmatvec(self, r):
            return np.fft.irfft(r, 30)

    with pytest.raises(TypeError, match="linear in complex numbers"):
        sr.Problem(Spectrum())


def test_several_observations():
    apart = sr.solve(A, SEVERAL, 3)
    expect_found(apart[0])
    np.testing.assert_allclose(apart[1].coefficients, 1j * X[::-1], atol=1e-10)
    for y in (SEVERAL, np.ascontiguousarray(SEVERAL), SEVERAL.astype(np.complex64).astype(complex)):
        for found in sr.solve(A, y, 3, joint=True):
            assert found.support.tolist() == SUPPORT and found.coefficients.dtype == np.complex128
    # Both parts of a number belong to one observation: no column explains the one and not the other.
    noise = 0.5 * draw(30, 2, seed=3)
    joint = sr.solve(A, SEVERAL + noise, 3, joint=True, algorithm="omp")
    for place, found in enumerate(joint):
        x = least_squares(A, (SEVERAL + noise)[:, place], found.support)[0]
        np.testing.assert_allclose(found.coefficients, x, rtol=1e-9)


def test_paths():
    path = sr.path(A, NOISY, 6, criterion=["ebic", "cv"], folds=5, subsample=4, algorithm="omp")
    assert path.best.support.tolist() == SUPPORT and path.best_by("cv").coefficients.dtype == np.complex128
    assert path.dense().dtype == np.complex128 and path.dense().shape == (50, 6)
    assert path.fold_errors.shape == (5, 6) and path.frequencies.shape == (6, 50)
    assert (path.frequencies[2, SUPPORT] == 1).all()
    for k, point in enumerate(path.points, 1):
        assert point.support.tolist() == pursuit(A, NOISY, k)
        # 60 numbers are observed, and two estimated for a column.
        assert point.bic == pytest.approx(60 * np.log(point.residual_norm**2 / 60) + 2 * k * np.log(60))
    # Folds of the caller: whole complex rows are held out.
    labels = np.arange(30) % 3
    own = sr.path(A, NOISY, 3, criterion="cv", fold_labels=labels, algorithm="omp")
    for fold in range(3):
        train = labels != fold
        for k in range(1, 4):
            support = pursuit(A[train], NOISY[train], k)
            x, _ = least_squares(A[train], NOISY[train], support)
            errors = np.abs(NOISY[~train] - A[~train][:, support] @ x) ** 2
            assert own.fold_errors[fold, k - 1] == pytest.approx(errors.mean())
    assert "<b>" in path._repr_html_() and "j" in repr(path)


def test_joint_paths():
    path = sr.path(A, SEVERAL + 0.1 * draw(30, 2, seed=4), 5, joint=True, criterion="ebic", algorithm="omp")
    assert path.support.tolist() == SUPPORT
    assert path.dense().shape == (50, 5, 2) and path.dense().dtype == np.complex128
    apart = sr.path(A, SEVERAL, 3, algorithm="omp")
    expect_found(apart[0][2])


def test_what_a_solution_shows():
    found = sr.solve(A, Y, 3)
    assert found.dense().dtype == np.complex128
    np.testing.assert_allclose(found.dense()[SUPPORT], X, atol=1e-10)
    assert np.count_nonzero(found.dense()) == 3
    rounded = sr.solve(np.eye(4) * (1 + 0j), [0, 1 + 2j, 0, -3j], 2)
    assert "{1: 1+2j, 3: " in repr(rounded) and "-3j}" in repr(rounded)
    assert "<td style='text-align:right'>1+2j</td>" in rounded._repr_html_()
    nothing = sr.path(A, Y, (0, 1), algorithm="omp")[0]
    assert nothing.coefficients.dtype == np.complex128 and nothing.predict(A).dtype == np.complex128
    assert sr.solve(A.real, Y.real, 3).dense().dtype == np.float64


def test_measures():
    B = np.asfortranarray(A[:, :10])
    z = 1j * B[:, 2] + 0.1 * draw(30, seed=5)
    found = sr.solve(B, z, 2)
    full = least_squares(B, z, range(10))[1] ** 2 / (60 - 20)
    assert found.cp == pytest.approx(found.residual_norm**2 / full - 60 + 8)
    assert found.explained_loss == pytest.approx(1 - found.relative_residual**2)
    with pytest.raises(sr.RequestError, match="Cp: expected more rows, found 30 rows and 50 columns"):
        _ = sr.solve(A, Y, 2).cp
    with pytest.raises(sr.RequestError, match="r_squared"):
        _ = found.r_squared


def test_pickles():
    problem = sr.Problem(A)
    found = pickle.loads(pickle.dumps(problem)).solve(Y, 3)
    expect_found(found)
    again = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(again.coefficients, found.coefficients)
    assert again.bic == found.bic and (again.dense() == found.dense()).all()
    real = pickle.loads(pickle.dumps(sr.Problem(A.real, complex=True)))
    assert real.is_complex and real.solve(NOISY, 2).coefficients.dtype == np.complex128


@pytest.mark.parametrize(
    ("options", "same"),
    [
        ({"ridge": 2.0}, None),
        ({"weights": np.arange(30.0)}, None),
        ({"include": [7]}, lambda found: 7 in found.support),
        ({"exclude": [20]}, lambda found: 20 not in found.support),
        ({"include": np.arange(50) == 7}, lambda found: 7 in found.support),
        ({"column_groups": np.arange(50) // 2}, lambda found: len(found.support) == 6),
        ({"alternatives": 2}, lambda found: len(found.alternatives) == 2),
    ],
    ids=lambda value: str(next(iter(value))) if isinstance(value, dict) else "",
)
def test_models(options, same):
    found = sr.solve(A, NOISY, 3, **options)
    assert same is None or same(found)
    w = np.sqrt(options.get("weights", np.ones(30)))
    B = w[:, None] * A[:, found.support]
    gram = B.conj().T @ B + options.get("ridge", 0) * np.eye(len(found.support))
    np.testing.assert_allclose(found.coefficients, np.linalg.solve(gram, B.conj().T @ (w * NOISY)), rtol=1e-9)


def test_starts():
    problem, start, seen = sr.Problem(A), np.zeros(50, complex), []
    start[SUPPORT] = 1j * X
    for numbers in (start, start.tolist(), np.abs(start)):
        seen.clear()
        problem.solve(Y, 3, algorithm="sea", start=numbers, iterations=1, observe=seen.append)
        assert seen[0]["support"].tolist() == SUPPORT
    with pytest.raises(sr.DataError, match="a start vector of length 50"):
        problem.solve(Y, 3, algorithm="sea", start=start[1:])
    with pytest.raises(TypeError, match="start: expected numbers, found <U1"):
        problem.solve(Y, 3, algorithm="sea", start=["a"] * 50)
    with pytest.raises(TypeError, match="start: expected real numbers, found complex128"):
        sr.Problem(A.real).solve(Y.real, 3, algorithm="sea", start=start)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"intercept": True}, "intercept: expected off for complex columns, found on"),
        ({"standardize": True}, "standardize: expected off for complex columns"),
        ({"nonnegative": True}, "nonnegative: expected off for complex columns"),
        ({"loss": "huber", "huber_threshold": 1}, "loss: expected squares for complex columns, found huber"),
        ({"include": [50]}, "include: expected columns from 0 to 49, found column 50"),
        ({"weights": np.ones(29)}, "expected 30 weights"),
        ({"include": np.ones(49, bool)}, "expected a mask of the 50 columns, found one of 49"),
        ({"complex": 1}, "complex: expected true or false, found 1"),
        ({"algorithm": "ols"}, "ols cannot solve with complex columns"),
    ],
)
def test_refused_options(options, text):
    with pytest.raises(ValueError, match=text):
        sr.solve(A, Y, 3, **options)


def with_number(array, place, number):
    changed = array.copy()
    changed[place] = number
    return changed


@pytest.mark.parametrize(
    ("matrix", "y", "k", "text"),
    [
        (A, Y[:-1], 3, "expected an observation of length 30"),
        (A, Y, 51, "expected 1 to 50"),
        (with_number(A, (3, 4), np.nan), Y, 3, "nan in row 3, column 4 of the matrix"),
        (with_number(A, (3, 4), complex(0, np.nan)), Y, 3, "nan in row 3, column 4 of the matrix"),
        (A, with_number(Y, 3, complex(0, np.nan)), 3, "nan at index 3"),
        (A[:, :0], Y, 3, "the matrix is empty: 30 × 0"),
        (0 * A, Y, 1, "all 50 columns of the matrix are zero"),
        (A[0], Y, 3, "found an array of 1 dimensions"),
    ],
)
def test_bad_data(matrix, y, k, text):
    with pytest.raises(ValueError, match=text):
        sr.solve(matrix, y, k)


def test_pursuit_of_scikit_learn():
    for y, k in ((NOISY, 4), (SEVERAL, 3)):
        coef = sr.orthogonal_mp(A, y, n_nonzero_coefs=k)
        # Columns are taken as they are.
        unit = np.linalg.norm(A, axis=0)
        assert coef.shape == (50, *y.shape[1:]) and coef.dtype == np.complex128
        by_gram = sr.orthogonal_mp_gram(A.conj().T @ A, A.conj().T @ y, n_nonzero_coefs=k)
        np.testing.assert_allclose(by_gram, coef, atol=1e-8)
        scaled = sr.orthogonal_mp(A / unit, y, n_nonzero_coefs=k)
        for column, target in zip(scaled.reshape(50, -1).T, y.reshape(30, -1).T):
            assert np.flatnonzero(column).tolist() == pursuit(A, target, k)
    squares = np.linalg.norm(NOISY) ** 2
    by_gram = sr.orthogonal_mp_gram(A.conj().T @ A, A.conj().T @ NOISY, tol=3.0, norms_squared=squares)
    np.testing.assert_allclose(by_gram, sr.orthogonal_mp(A, NOISY, tol=3.0), atol=1e-8)
    real = sr.orthogonal_mp(A.real, A.real[:, SUPPORT] @ X, n_nonzero_coefs=3)
    assert np.flatnonzero(real).tolist() == SUPPORT and real.dtype == np.complex128


def test_what_knows_real_numbers_alone_refuses():
    table = sr.ReducedTable(50)
    for arguments in ((A, Y), (A.real, Y), (A, Y.real), (A.real, Y.real, np.ones(30, complex))):
        with pytest.raises(TypeError, match="of real numbers, found complex128"):
            table.add(*arguments)
    with pytest.raises(TypeError, match="weights: expected real numbers"):
        sr.solve(A, Y, 3, weights=np.ones(30, complex))
    with pytest.raises(TypeError, match="norms_squared of real numbers"):
        sr.orthogonal_mp_gram(A.conj().T @ A, A.conj().T @ Y, tol=1, norms_squared=1j)
    with pytest.raises(TypeError):
        sr.solve(A, Y, 3, ridge=np.array(1j))


@pytest.mark.parametrize("name", ["SparseRegressor", "SEARegressor", "SparsePathCV", "SparseClassifier"])
def test_estimators_refuse(name):
    sparse = pytest.importorskip("scipy.sparse")
    pytest.importorskip("sklearn")
    X, y = A.real, np.arange(30) % 2
    model = getattr(sr, name)(2)
    for arguments in (
        *((A, y), (sparse.csc_matrix(A), y), (X, y * 1j), (X, y, np.ones(30, complex))),
        *([(X, SEVERAL)] if name != "SparseClassifier" else []),
    ):
        with pytest.raises(ValueError, match="Complex data not supported"):
            model.fit(*arguments)
    model.fit(X, y)
    for rows in (A, sparse.csc_matrix(A)):
        with pytest.raises(ValueError, match="Complex data not supported"):
            model.predict(rows)


def test_pictures():
    pytest.importorskip("matplotlib")
    found = sr.solve(A, Y, 3)
    axes = found.plot(truth=found.dense())
    assert axes.get_ylabel() == "modulus of the coefficient"
    heights = axes.containers[1].markerline.get_ydata()
    np.testing.assert_allclose(heights, np.abs(X), rtol=1e-9)
    real = sr.solve(A.real, Y.real, 2)
    assert real.plot(truth=found.dense()).get_ylabel() == "modulus of the coefficient"
    assert real.plot().get_ylabel() == "coefficient"
    sr.path(A, NOISY, 4, algorithm="omp").plot()
