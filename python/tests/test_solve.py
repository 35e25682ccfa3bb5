"""Problems and solutions."""

import os
import pickle
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import sparse_recovery as sr


def test_solution(problem):
    A, y, x, support = problem()
    found = sr.solve(A, y, 4)
    np.testing.assert_array_equal(found.support, support)
    np.testing.assert_allclose(found.coefficients, x[support], rtol=1e-12)
    np.testing.assert_allclose(found.dense(), x, atol=1e-12)
    np.testing.assert_allclose(found.predict(A), y, atol=1e-12)
    assert found.columns == 150 and found.sparsity == 4 and found.stop_reason == "residual"
    assert found.relative_residual < 1e-12 and found.warnings == ()
    assert "4 of 150 columns" in repr(found) and "<table>" in found._repr_html_()


@pytest.mark.parametrize("algorithm", [name for name in sr.algorithms() if name not in ("exhaustive", "bnb")])
def test_algorithms(algorithm, problem):
    A, y, _, _ = problem()
    found = sr.solve(A, y, 4, algorithm=algorithm, iterations=50)
    assert len(found.support) <= 4 and found.found_by
    # What is returned is least squares on its support, whatever the algorithm.
    best = np.linalg.lstsq(A[:, found.support], y, rcond=None)[0]
    np.testing.assert_allclose(found.coefficients, best, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(
        found.residual_norm, np.linalg.norm(A[:, found.support] @ best - y), rtol=1e-8, atol=1e-10
    )


def test_brute_force(problem):
    A, y, _, _ = problem(m=12, n=9, k=3, noise=0.5)
    best = min(
        combinations(range(9), 3),
        key=lambda S: np.linalg.norm(A[:, S] @ np.linalg.lstsq(A[:, S], y, rcond=None)[0] - y),
    )
    found = sr.solve(A, y, 3)
    assert tuple(found.support) == best and found.optimality_gap == 0


def test_groups(problem):
    A, _, _, _ = problem(m=40, n=24, k=3)
    labels = np.array(list("abcdefgh") * 3)
    rng = np.random.default_rng(3)
    y = A[:, labels == "c"] @ [1, -2, 0.5] + A[:, labels == "f"] @ [2, 1, 1] + 0.5 * rng.standard_normal(40)

    def left(S):
        columns = A[:, np.isin(labels, S)]
        return np.linalg.norm(columns @ np.linalg.lstsq(columns, y, rcond=None)[0] - y)

    best = min(combinations("abcdefgh", 3), key=left)
    for groups in (labels, labels.tolist(), np.unique(labels, return_inverse=True)[1] * 7 - 3):
        found = sr.solve(A, y, 3, column_groups=groups)
        assert sorted(set(labels[found.support])) == list(best) and len(found.support) == 9
        assert found.optimality_gap == 0 and found.residual_norm == pytest.approx(left(best))
    path = sr.path(A, y, 4, column_groups=labels)
    assert [len(point.support) for point in path.points] == [3, 6, 9, 12]
    with pytest.raises(sr.RequestError, match="1 to 8, the number of groups"):
        sr.solve(A, y, 9, column_groups=labels)
    with pytest.raises(sr.RequestError, match="expected 24, one for each column"):
        sr.solve(A, y, 2, column_groups=labels[1:])
    with pytest.raises(sr.RequestError, match="els cannot solve with groups"):
        sr.solve(A, y, 2, column_groups=labels, algorithm="els")


def test_proofs(problem):
    A, y, _, _ = problem(m=60, n=40, k=5, noise=0.5)
    proved = sr.solve(A, y, 5, algorithm="bnb")
    assert proved.stop_reason == "converged" and 0 <= proved.optimality_gap <= 1e-9
    found = sr.solve(A, y, 5, algorithm="omp")
    assert found.optimality_gap is None and found.residual_norm >= proved.residual_norm * (1 - 1e-9)
    assert sr.solve(A, y, 5, algorithm="bnb", gap=0.2).optimality_gap <= 0.2
    with pytest.raises(sr.RequestError, match="no ridge, where nothing can be proved"):
        sr.solve(A[:20], y[:20], 5, algorithm="bnb")


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
def test_same_bits_as_the_tool(tmp_path, words, options, problem, tool):
    A, y, _, _ = problem(noise=0.3, seed=5)
    expected = tool("solve", A, y, "--sparsity", "6", *words)
    for source in (A, tmp_path / "A.npy"):
        found = sr.solve(source, y, 6, **options)
        assert found.support.tolist() == expected["support"]
        assert found.coefficients.tolist() == expected["coefficients"]
        assert found.relative_residual == expected["relativeResidual"]
        assert found.iterations == expected["iterations"]


def test_several_observations(problem):
    A, y, _, _ = problem(noise=0.2)
    Y = np.stack([y, 2 * y[::-1], np.roll(y, 5)], axis=1)
    together = sr.solve(A, Y, 4, algorithm="omp")
    for target, found in zip(Y.T, together):
        alone = sr.solve(A, target, 4, algorithm="omp")
        assert found.support.tolist() == alone.support.tolist()
    joint = sr.solve(A, Y, 4, algorithm="omp", joint=True)
    best = sr.solve(A, Y, 4, joint=True)
    messages = sr.solve(A, Y, 4, algorithm="vamp", joint=True)
    for solutions in (joint, best, messages):
        assert len({tuple(found.support) for found in solutions}) == 1
    losses = [sum(found.residual_norm**2 for found in solutions) for solutions in (joint, best)]
    assert losses[1] <= losses[0] * (1 + 1e-12)


def test_start_and_options_of_solvers(problem):
    A, y, x, support = problem(noise=0.1)
    found = sr.solve(A, y, 4, algorithm="sea", start=x, iterations=1)
    assert found.support.tolist() == support.tolist()
    with pytest.raises(sr.RequestError, match="atoms-per-step"):
        sr.solve(A, y, 4, algorithm="omp", atoms_per_step=2)
    with pytest.raises(sr.RequestError, match="start"):
        sr.solve(A, y, 4, algorithm="omp", start=x)
    assert "atoms-per-step" in sr.options("gomp") and "backend" in sr.options("problem")
    assert sr.options("nobody") == {}


def test_model(problem):
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


def test_checkpoint(tmp_path, problem):
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


def test_devices(problem):
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
def test_time_limit(seconds, problem):
    A, y, _, _ = problem(m=200, n=1000, k=40, noise=1)
    assert sr.solve(A, y, 40, algorithm="sea", time_limit=seconds).stop_reason == "time"


def test_pickle_and_repr(problem):
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
