"""A and y as people have them, and what bad input gets."""

import pickle
from pathlib import Path

import numpy as np
import pytest

import sparse_recovery as sr
from sparse_recovery._arrays import as_matrix, as_observations

RNG = np.random.default_rng(2)
A = np.asfortranarray(RNG.standard_normal((40, 90)))
SUPPORT = [7, 50, 88]
Y = A[:, SUPPORT] @ [3.0, -2.0, 1.5]


class OnTheHost:
    """An array that speaks DLPack alone."""

    def __init__(self, array):
        self.array = array

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


def memmap(tmp_path):
    path = tmp_path / "A.bin"
    A.T.tofile(path)
    return np.memmap(path, dtype=np.float64, mode="r", shape=A.shape, order="F")


def wide():
    """A as every other column of a larger matrix, with rows beyond its own."""
    larger = np.zeros((43, 180), order="F")
    larger[:40, ::2] = A
    return larger[:40, ::2]


def unaligned(array):
    """The same at an odd address, in column-major order."""
    result = np.ndarray(array.shape, array.dtype, bytearray(array.nbytes + 1), 1, order="F")
    result[...] = array
    return result


def frame():
    pd = pytest.importorskip("pandas")
    return pd.DataFrame(A, columns=[f"c{j}" for j in range(90)])


@pytest.mark.parametrize(
    ("make", "is_copied"),
    [
        (lambda _: A, False),
        (lambda _: np.ascontiguousarray(A.T).T, False),
        (lambda _: wide(), False),
        (memmap, False),
        (lambda _: OnTheHost(A), False),
        (lambda _: frame(), False),
        (lambda _: np.ascontiguousarray(A), True),
        (lambda _: A[::-1][::-1], False),
        (lambda _: A.tolist(), True),
        (lambda _: unaligned(A), True),
        (lambda _: A.view(np.matrix), False),
        (lambda _: np.ma.array(A), False),
    ],
    ids=[
        *("fortran", "transposed", "slice", "memmap", "dlpack", "pandas", "c-order", "view", "list"),
        *("unaligned", "matrix", "masked-nowhere"),
    ],
)
def test_sources(tmp_path, make, is_copied):
    source = make(tmp_path)
    matrix = as_matrix(source)
    assert matrix.flags.aligned and type(matrix) is np.ndarray
    if not isinstance(source, list):
        original = source.array if isinstance(source, OnTheHost) else np.asarray(source)
        assert np.shares_memory(matrix, original) != is_copied
    found = sr.solve(source, Y, 3)
    assert found.support.tolist() == SUPPORT
    np.testing.assert_allclose(found.predict(source if hasattr(source, "shape") else A), Y, rtol=1e-10)


def test_unaligned_numbers():
    y, weights = unaligned(Y), unaligned(np.ones(40))
    assert not y.flags.aligned and as_observations(y).flags.aligned
    assert as_observations(Y) is Y
    assert sr.solve(A, y, 3, weights=weights, algorithm="omp").support.tolist() == SUPPORT


@pytest.mark.parametrize("dtype", [np.float32, np.float16, np.int32, np.int64, np.uint8, bool])
def test_types(dtype):
    B = RNG.integers(0, 2, (40, 60)).astype(dtype)
    y = B[:, [3, 30]].astype(float) @ [2.0, 1.0]
    assert sr.solve(B, y, 2).support.tolist() == [3, 30]


@pytest.mark.parametrize("precision", ["single", "double"])
def test_single_precision(precision):
    B = A.astype(np.float32)
    y = B[:, SUPPORT].astype(float) @ [3.0, -2.0, 1.5]
    found = sr.Problem(B, precision=precision).solve(y, 3)
    # Least squares are in double precision, of the numbers as given.
    assert found.support.tolist() == SUPPORT and found.relative_residual < 1e-14


def test_cuda_arrays_come_by_one_copy():
    class Array:
        """What CuPy's arrays have."""

        __module__ = "cupy"

        def get(self):
            return A

    assert as_matrix(Array()) is A


def test_frames_of_several_types():
    pd = pytest.importorskip("pandas")
    plain = pd.DataFrame({"a": Y, "b": np.arange(40), "c": Y > 0, "d": RNG.standard_normal(40).astype("f4")})
    dense = np.column_stack([plain[name].to_numpy(dtype=float) for name in plain])
    y = 2 * dense[:, 1] - 5 * dense[:, 2]
    for table in (plain, plain.convert_dtypes()):
        assert (as_matrix(table) == dense).all()
        found = sr.solve(table, pd.Series(y).convert_dtypes(), 2)
        assert found.support.tolist() == [1, 2]
        predicted = found.predict(table)
        assert predicted.dtype == np.float64
        np.testing.assert_allclose(predicted, y, rtol=1e-10)
    holes = plain.convert_dtypes()
    holes.loc[3, "b"] = pd.NA
    with pytest.raises(sr.DataError, match="found nan in row 3, column 1"):
        sr.Problem(holes)
    # Texts are no numbers, though they may look like some.
    with pytest.raises(TypeError, match="expected a matrix of numbers, found object"):
        sr.Problem(plain.assign(b=plain["b"].astype(str)))


def test_masked_entries_are_refused():
    hidden = np.arange(40) == 3
    for matrix, y, options in (
        (np.ma.array(A, mask=A > 2), Y, {}),
        (A, np.ma.array(Y, mask=hidden), {}),
        (A, Y, {"weights": np.ma.array(np.ones(40), mask=hidden)}),
    ):
        with pytest.raises(sr.DataError, match="found masked entries: fill them"):
            sr.solve(matrix, y, 3, **options)


@pytest.mark.filterwarnings("ignore:Constructing a DIA matrix")
@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia", "lil", "operator"])
def test_operators(kind):
    scipy = pytest.importorskip("scipy")
    S = scipy.sparse.random(60, 200, 0.2, random_state=1, format="coo")
    dense = np.asfortranarray(S.toarray())
    x = np.zeros(200)
    x[[5, 60, 130]] = 1, -2, 3
    source = scipy.sparse.linalg.aslinearoperator(S) if kind == "operator" else S.asformat(kind)
    for options in ({}, {"algorithm": "sea"}, {"backend": "reference", "algorithm": "omp"}):
        found = sr.solve(source, dense @ x, 3, **options)
        expected = sr.solve(dense, dense @ x, 3, **options)
        assert found.support.tolist() == expected.support.tolist() == [5, 60, 130]
        np.testing.assert_allclose(found.coefficients, [1, -2, 3], rtol=1e-10)
        predicted = found.predict(source)
        assert predicted.shape == (60,) and predicted.dtype == np.float64
        np.testing.assert_allclose(predicted, dense @ x, atol=1e-10)


def test_sparse_matrix_is_never_gathered():
    scipy = pytest.importorskip("scipy")
    # Columns of 100 000 numbers: 64 of them would be 51 MB.
    rng = np.random.default_rng(5)
    S = scipy.sparse.random(100_000, 3000, 2e-4, random_state=rng, format="csc")
    x = np.zeros(3000)
    x[[5, 600, 2300]] = 1, -2, 3
    y = S @ x + 7 + 0.001 * rng.standard_normal(100_000)
    problem = sr.Problem(S, intercept=True)
    for options in ({}, {"algorithm": "sea"}, {"algorithm": "omp"}):
        found = problem.solve(y, 3, **options)
        assert found.support.tolist() == [5, 600, 2300]
        np.testing.assert_allclose(found.coefficients, [1, -2, 3], atol=0.01)
        assert found.intercept == pytest.approx(7, abs=1e-4)


def test_sparse_entries_that_meet_are_summed():
    scipy = pytest.importorskip("scipy")
    S = scipy.sparse.coo_matrix(([1.0, 2, 3, 4], ([1, 1, 0, 2], [0, 0, 1, 1])), shape=(3, 2))
    found = sr.solve(S, [0, 6, 0], 1, algorithm="omp")
    assert found.support.tolist() == [0]
    np.testing.assert_allclose(found.coefficients, [2])


def test_sparse_numbers_are_checked():
    scipy = pytest.importorskip("scipy")
    S = scipy.sparse.csc_matrix(([1.0, np.nan], ([0, 1], [0, 1])), shape=(3, 2))
    with pytest.raises(sr.DataError, match="found nan"):
        sr.Problem(S)


def test_operator_that_fails():
    class Broken:
        shape = (5, 8)
        products = 0

        def matvec(self, x):
            return np.eye(5, 8) @ x

        def rmatvec(self, r):
            raise ZeroDivisionError("nothing works")

    with pytest.raises(ZeroDivisionError, match="nothing works"):
        sr.solve(Broken(), [1, 2, 0, 0, 3], 2, algorithm="omp")


@pytest.mark.parametrize(
    ("matrix", "y", "k", "error", "text"),
    [
        (A, Y[:-1], 3, sr.DataError, "expected an observation of length 40"),
        (A, Y, 0, sr.RequestError, "expected a sparsity from 1 to 90"),
        (A, Y, 91, sr.RequestError, "expected a sparsity from 1 to 90"),
        (A, Y, 2.5, TypeError, "expected a whole number, found 2.5"),
        (A, Y, 2**70, sr.RequestError, "64 bits"),
        (A, np.where(np.arange(40) == 3, np.nan, Y), 3, sr.DataError, "found nan at index 3"),
        (A[0], Y, 3, sr.DataError, "expected a matrix, found an array of 1 dimensions"),
        (A[:, :0], Y, 3, sr.DataError, "the matrix is empty"),
        (np.zeros((40, 3)), Y, 1, sr.DataError, "all 3 columns of the matrix are zero"),
        (A.astype(object), Y, 3, TypeError, "expected a matrix of numbers"),
        (A, Y.astype(str), 3, TypeError, "expected an observation of numbers"),
        ("nowhere.npy", Y, 3, sr.FileError, "cannot read nowhere.npy"),
        ("A\0.npy", Y, 3, sr.RequestError, "A: expected a text, found a zero byte"),
        ("A\udcff.npy", Y, 3, sr.RequestError, "A: expected a text in UTF-8, found b'A.xff.npy'"),
    ],
)
def test_bad_data(matrix, y, k, error, text):
    with pytest.raises(error, match=text):
        sr.solve(matrix, y, k)


def test_not_a_number_is_named():
    B = A.copy()
    B[3, 4] = np.nan
    with pytest.raises(ValueError, match="found nan in row 3, column 4 of the matrix"):
        sr.Problem(B)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"algorithm": "magic"}, "algorithm: expected one of portfolio, sea"),
        ({"iteration": 5}, "option: expected one of"),
        ({"iterations": 0}, "iterations: expected a number of at least 1, found 0"),
        ({"tolerance": "small"}, "tolerance: expected"),
        ({"intercept": True}, "option: expected"),
        ({"time_limit": -1}, "time-limit: expected seconds"),
        ({"resume": True}, "resume: expected"),
        ({"algorithm": "exhaustive"}, "an exhaustive search tries at most"),
        ({"algorithm": "o\0mp"}, "zero byte"),
        ({"checkpoint": "state\0"}, "checkpoint: expected a text, found a zero byte"),
        ({"checkpoint": "state\udcff"}, "checkpoint: expected a text in UTF-8"),
    ],
)
def test_bad_options_of_a_solve(options, text):
    with pytest.raises(sr.RequestError, match=text):
        sr.Problem(A).solve(Y, 12, **options)


@pytest.mark.parametrize(
    ("y", "k", "options", "error", "text"),
    [
        (
            Y,
            3,
            {"criterion": "magic"},
            sr.RequestError,
            "criterion: expected some of aic, bic, ebic, gic, cv, none",
        ),
        (Y, 3, {"criterion": ["bic", "bic"]}, sr.RequestError, "each once, found bic,bic"),
        (Y, 3, {"criterion": "bic", "target_residual": 0.5}, sr.RequestError, "none with target-residual"),
        (Y, 3, {"joint": "false"}, TypeError, "joint: expected true or false, found 'false'"),
        (Y, 3, {"joint": 1}, TypeError, "joint: expected true or false"),
        (Y, 3, {"alternatives": 2}, sr.RequestError, "alternatives: expected none of a path"),
        (Y, 3, {"bootstrap": 2, "subsample": 2}, sr.RequestError, "none together with subsample"),
        (Y, (3, 2), {}, sr.RequestError, "a range from 0 on"),
        (Y, 91, {}, sr.RequestError, "expected a sparsity from"),
        (np.zeros((40, 0)), 3, {}, sr.RequestError, "at least one observation"),
        (np.zeros((40, 0)), 3, {"joint": True}, sr.RequestError, "at least one observation"),
        (np.stack([Y, Y], 1)[:-1], 3, {}, sr.DataError, "expected an observation of length 40"),
        (np.stack([Y, np.nan * Y], 1), 3, {}, sr.DataError, "found nan at index 0"),
        (np.stack([Y, np.nan * Y], 1), 3, {"joint": True}, sr.DataError, "found nan at index 0"),
        (Y[None, None], 3, {}, sr.DataError, "found an array of 3 dimensions"),
    ],
)
def test_bad_paths(y, k, options, error, text):
    with pytest.raises(error, match=text):
        sr.Problem(A).path(y, k, **options)


class Name:
    """A path in bytes."""

    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return bytes(self.path)


@pytest.mark.parametrize("kind", [str, Path, bytes, Name])
def test_paths(tmp_path, kind):
    np.save(tmp_path / "Ä.npy", A)
    state = tmp_path / "state Ω"
    problem = sr.Problem(kind(tmp_path / "Ä.npy") if kind is not bytes else Name(tmp_path / "Ä.npy"))
    found = problem.solve(Y, 3, algorithm="sea", checkpoint=kind(state), checkpoint_interval=0)
    assert found.support.tolist() == SUPPORT and state.exists()


MASK = np.isin(np.arange(90), [7, 9])


@pytest.mark.parametrize(
    "columns",
    [
        *([7, 9], (7, 9), {7, 9}, range(7, 10, 2), np.array([7.0, 9.0])),
        *(iter([7, 9]), {7: 1, 9: 1}.keys(), MASK, MASK.tolist(), MASK[None], (c for c in MASK)),
    ],
    ids=lambda columns: type(columns).__name__,
)
def test_lists_of_columns(columns):
    problem = sr.Problem(A, include=columns)
    again = pickle.loads(pickle.dumps(problem))
    for each in (problem, again):
        assert each.solve(A[:, 20] + A[:, 30], 4, algorithm="omp").support.tolist() == [7, 9, 20, 30]


@pytest.mark.parametrize("number", [7, np.int64(7), np.array(7), [7]])
def test_one_column(number):
    assert sr.solve(A, A[:, 20], 2, include=number).support.tolist() == [7, 20]
    assert 7 not in sr.solve(A, Y, 3, exclude=number).support
    assert 0 in sr.solve(A, Y, 3, include=0).support


def test_excluded_by_a_mask():
    pd = pytest.importorskip("pandas")
    for mask in (MASK, pd.Series(MASK), pd.Series(MASK).convert_dtypes()):
        found = sr.solve(A, A[:, 7] + A[:, 1], 2, exclude=mask)
        assert 7 not in found.support and 1 in found.support


def test_numbers_in_arrays_without_dimensions():
    for limit in (np.array(5), np.int32(5)):
        found = sr.solve(A, Y + RNG.standard_normal(40), 9, algorithm="sea", iterations=limit)
        assert found.iterations == 5


def test_options_that_change_are_read_again():
    class Start:
        """What a tensor is: hashed by itself, whatever it holds."""

        def __init__(self, values):
            self.values = values

        def __len__(self):
            return len(self.values)

        def __array__(self, dtype=None, copy=None):
            return np.array(self.values, dtype=dtype)

    problem, start, seen = sr.Problem(A), Start([0.0] * 90), []
    for pair in ([3, 60], [20, 21]):
        start.values[:] = np.isin(np.arange(90), pair).astype(float)
        problem.solve(Y, 2, algorithm="sea", start=start, iterations=1, observe=seen.append)
    assert [report["support"].tolist() for report in seen] == [[3, 60], [20, 21]]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"include": "3"}, "include: expected real numbers"),
        ({"exclude": [1, None]}, "exclude: expected real numbers, found object"),
        ({"weights": np.ones(40) * 1j}, "weights: expected real numbers, found complex128"),
    ],
)
def test_lists_of_something_else(options, text):
    with pytest.raises(TypeError, match=text):
        sr.Problem(A, **options)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"include": MASK[:-1]}, "include: expected a mask of the 90 columns, found one of 89"),
        ({"exclude": True}, "exclude: expected a mask of the 90 columns, found one of 1"),
        ({"backend": "cuda"}, "backend: expected one of auto, cpu, opencl, reference"),
        ({"weights": [1.0]}, "expected 40 weights"),
        ({"ridge": -1}, "ridge: expected"),
        ({"include": [90]}, "include: expected columns from 0 to 89"),
        ({"include": [0.5]}, "include: expected columns"),
        ({"iterations": 5}, "none of that name for a problem"),
        ({"backend": "cpu", "device": 0}, "device: expected none with backend cpu"),
    ],
)
def test_bad_options_of_a_problem(options, text):
    with pytest.raises(ValueError, match=text):
        sr.Problem(A, **options)


def test_device_that_is_not_there():
    with pytest.raises(RuntimeError, match="no OpenCL device"):
        sr.Problem(A, device="a device that nobody has")


def test_memory_that_is_not_there():
    # Virtual memory alone: a conversion to double would need more than any machine has.
    huge = np.broadcast_to(np.zeros((1, 1), np.float32), (1 << 20, 1 << 30))
    with pytest.raises((MemoryError, ValueError)):
        sr.Problem(huge)
