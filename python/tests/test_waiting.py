"""Ctrl-C, progress, threads and forks."""

import contextlib
import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import sparse_recovery as sr
from sparse_recovery import _functions, _problem, _reduced

RNG = np.random.default_rng(3)
A = np.asfortranarray(RNG.standard_normal((300, 3000)))
Y = A[:, :40] @ RNG.standard_normal(40) + RNG.standard_normal(300)
# Ended by a clock, should nothing else do it.
LONG = {"algorithm": "sea", "iterations": 10**9, "time_limit": 30}


@pytest.fixture(autouse=True)
def _listening():
    """Python as in a terminal: where it is started in the background, the shell lets it ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt_soon(signal_number=signal.SIGINT, seconds=0.3):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal_number))
    timer.start()
    return timer


def test_interrupt_keeps_the_best():
    interrupt_soon()
    begin = time.monotonic()
    with pytest.raises(KeyboardInterrupt) as caught:
        sr.solve(A, Y, 40, **LONG)
    assert time.monotonic() - begin < 5
    best = caught.value.solution
    assert best.stop_reason == "interrupted" and 0 < len(best.support) <= 40
    assert best.relative_residual < 1


SMALL = np.asfortranarray(RNG.standard_normal((16, 256)))


@pytest.mark.parametrize(
    "solve",
    [
        lambda problem: problem.path(SMALL[:, 0], 8, bootstrap=10**4, time_limit=30),
        lambda problem: problem.solve(RNG.standard_normal(16), 8, effort="thorough"),
        lambda problem: problem.solve(RNG.standard_normal((16, 50)), 8),
        lambda problem: problem.solve(RNG.standard_normal(16), 8, **LONG),
    ],
    ids=["path", "thorough", "observations", "iterations"],
)
def test_interrupt_of_what_is_small_and_takes_long(solve):
    interrupt_soon(seconds=0.2)
    begin = time.monotonic()
    with pytest.raises(sr.Interrupted) as caught:
        solve(sr.Problem(SMALL))
    assert time.monotonic() - begin < 5 and caught.value.solution.columns == 256


def test_interrupt_of_an_operator_that_is_small():
    class Slow:
        shape = (4, 6)

        def matvec(self, x):
            return np.eye(4, 6) @ x

        def rmatvec(self, r):
            time.sleep(0.05)
            return np.eye(6, 4) @ r

    interrupt_soon()
    with pytest.raises(sr.Interrupted) as caught:
        sr.solve(Slow(), [1, 2, 3, 5], 3, **LONG)
    assert caught.value.solution.stop_reason == "interrupted"


def test_solves_that_surely_end_soon_need_no_thread(monkeypatch):
    def refuse(*_):
        raise AssertionError("waited for")

    assert sr.algorithms().keys() >= _problem._STEPWISE
    assert _functions.option_names("problem") >= _problem._PLAIN
    assert _functions.option_names("solve") | _functions.option_names("portfolio") >= _problem._BRIEF
    monkeypatch.setattr(_problem, "_watched", refuse)
    problem = sr.Problem(SMALL[:, :60], intercept=True)
    for algorithm in [*_problem._STEPWISE, "portfolio"]:
        assert problem.solve(SMALL[:, 3], 1, algorithm=algorithm).support.tolist() == [3]
    huber = sr.Problem(SMALL, loss="huber", huber_threshold=1)
    for solve in (
        lambda: problem.solve(SMALL[:, 3], 1, algorithm="sea"),
        lambda: huber.solve(SMALL[:, 3], 1, algorithm="omp"),
        # More supports than are soon tried one by one.
        lambda: problem.solve(SMALL[:, 3], 8),
    ):
        with pytest.raises(AssertionError, match="waited for"):
            solve()


@pytest.mark.parametrize("runs", [False, True])
def test_interrupt_while_the_thread_starts(monkeypatch, runs):
    start, ended = threading.Thread.start, threading.Event()

    def interrupted(thread):
        if runs:
            start(thread)
            time.sleep(0.1)
        ended.set()
        raise KeyboardInterrupt

    problem = sr.Problem(A)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", interrupted)
        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt) as caught:
            problem.solve(Y, 40, **LONG)
    assert ended.is_set() and isinstance(caught.value, sr.Interrupted) == runs
    # Nothing solves any more: one solve at a time would wait for it.
    assert problem.solve(Y, 3, algorithm="omp").support.size == 3
    assert time.monotonic() - begin < 5


@pytest.mark.parametrize("make", [lambda: sr.Problem(A), lambda: sr.ReducedTable(3)])
def test_interrupt_of_what_is_made_gives_it_back(monkeypatch, make):
    def interrupt(_):
        raise KeyboardInterrupt

    gc.collect()  # what other tests have left
    given_back = []
    for module, destroy in ((_problem, "sr_problem_destroy"), (_reduced, "sr_reduced_destroy")):
        # As if Ctrl-C had come while C made it.
        monkeypatch.setattr(module, "check", interrupt)
        own = getattr(_problem.library, destroy)
        monkeypatch.setattr(
            _problem.library, destroy, lambda handle, own=own: given_back.append(handle.value) or own(handle)
        )
    with contextlib.suppress(KeyboardInterrupt):
        make()
        pytest.fail("no interrupt")
    gc.collect()
    assert len(given_back) == 1 and given_back[0]


def test_interrupt_reaches_other_processes():
    found = sr.solve(A, Y, 3, algorithm="omp")
    again = pickle.loads(pickle.dumps(sr.Interrupted([found], KeyboardInterrupt())))
    assert isinstance(again, KeyboardInterrupt)
    assert again.solution.support.tolist() == found.support.tolist()


def test_interrupt_of_an_estimator():
    from sparse_recovery import SEARegressor

    model = SEARegressor(40, max_iter=10**9)
    interrupt_soon()
    with pytest.raises(KeyboardInterrupt):
        model.fit(A, Y)
    assert model.stop_reason_ == ["interrupted"] and model.score(A, Y) > 0


@pytest.mark.parametrize("observations", ["one", "several", "joint"])
def test_interrupt_of_a_path(observations):
    target = Y if observations == "one" else np.stack([Y, -Y, Y[::-1]], axis=1)
    interrupt_soon()
    begin = time.monotonic()
    with pytest.raises(sr.Interrupted) as caught:
        sr.path(A, target, (40, 60), joint=observations == "joint", **LONG)
    assert time.monotonic() - begin < 8
    seen = {solution.observation for solution in caught.value.solutions}
    assert seen == ({0} if observations == "one" else {0, 1, 2})


def test_interrupt_of_an_estimator_of_several_targets():
    model = sr.SparsePathCV(60, criterion="bic", algorithm="sea", max_iter=10**9, joint=True)
    interrupt_soon()
    with pytest.raises(sr.Interrupted):
        model.fit(A, np.stack([Y, -Y], axis=1))
    assert model.coef_.shape == (2, 3000) and model.n_nonzero_coefs_ >= 1


def test_observe_of_several_paths():
    places = []
    sr.path(
        A,
        np.stack([Y, -Y], 1),
        2,
        algorithm="omp",
        observe=lambda report: places.append(report["observation"]),
    )
    assert set(places) == {0, 1}


def test_any_signal_handler_may_raise():
    class Alarm(Exception):
        pass

    def handle(*_):
        raise Alarm

    before = signal.signal(signal.SIGALRM, handle)
    try:
        interrupt_soon(signal.SIGALRM)
        with pytest.raises(Alarm):
            sr.solve(A, Y, 40, **LONG)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert sr.solve(A, Y, 5, algorithm="omp").support.size == 5


def test_progress():
    calls = []

    def stop(iteration, best):
        calls.append((iteration, best))
        assert threading.current_thread() is threading.main_thread()
        return len(calls) == 3

    found = sr.solve(A, Y, 40, progress=stop, **LONG)
    assert found.stop_reason == "interrupted" and len(calls) == 3
    assert calls[-1][0] >= calls[0][0] and calls[-1][1] <= calls[0][1]

    def fail(*_):
        raise RuntimeError("of the caller")

    with pytest.raises(RuntimeError, match="of the caller"):
        sr.solve(A, Y, 40, progress=fail, **LONG)


def test_bar(capsys):
    pytest.importorskip("tqdm")
    sr.solve(A, Y, 40, algorithm="sea", iterations=3000, progress=True)
    assert "supports" in capsys.readouterr().err


def test_observe():
    reports = []
    found = sr.solve(A, Y, 10, algorithm="sea", iterations=50, observe=reports.append)
    assert len(reports) == found.iterations == 50
    assert [report["iteration"] for report in reports] == list(range(50))
    best = min(report["relative_residual"] for report in reports)
    np.testing.assert_allclose(best, found.relative_residual, rtol=1e-9)
    assert all(len(report["support"]) == 10 for report in reports)
    assert reports[0]["solver"] == "sea" and reports[0]["is_new"]

    def fail(report):
        raise KeyError("of the caller")

    with pytest.raises(KeyError, match="of the caller"):
        sr.solve(A, Y, 10, algorithm="sea", observe=fail)


def test_threads_on_one_problem_and_on_many():
    alone = [sr.Problem(A).solve(Y, k, algorithm="omp").support.tolist() for k in range(5, 13)]
    shared = sr.Problem(A)
    for problem in (shared, None):
        found = [None] * 8

        def run(place, problem=problem, found=found):
            own = problem or sr.Problem(A)
            found[place] = own.solve(Y, place + 5, algorithm="omp").support.tolist()

        threads = [threading.Thread(target=run, args=(place,)) for place in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == alone


def test_others_run_while_one_solves():
    turns = 0
    done = threading.Event()

    def turn():
        nonlocal turns
        while not done.is_set():
            turns += 1

    thread = threading.Thread(target=turn)
    thread.start()
    sr.solve(A, Y, 40, algorithm="sea", iterations=2000)
    done.set()
    thread.join()
    assert turns > 1000


def _solve(k):
    return sr.solve(A, Y, k, algorithm="omp").support.tolist()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_forks():
    expected = [_solve(k) for k in range(3, 7)]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_solve, range(3, 7)) == expected


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_during_a_solve_does_not_hang():
    shared = sr.Problem(A)
    thread = threading.Thread(target=lambda: shared.solve(Y, 40, **{**LONG, "time_limit": 1.5}))
    thread.start()
    time.sleep(0.3)

    def child(queue):
        try:
            shared.solve(Y, 4, algorithm="omp")
            queue.put("solved")
        except sr.DeviceError as error:
            queue.put(str(error))

    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    assert "forked" in queue.get(timeout=20)
    process.join()
    thread.join()


def test_opencl_after_a_fork_is_an_error():
    code = """
import os, numpy as np, sparse_recovery as sr
if not sr.devices(): raise SystemExit(0)
A = np.asfortranarray(np.random.default_rng(0).standard_normal((50, 100)))
inherited = sr.Problem(A, backend="opencl", precision="single")
for make in (lambda: inherited, lambda: sr.Problem(A, backend="opencl", precision="single")):
    pid = os.fork()
    if pid == 0:
        try:
            make().solve(A[:, 3], 1, algorithm="omp")
            os._exit(1)
        except sr.DeviceError as error:
            os._exit(0 if "forked" in str(error) else 2)
    assert os.waitpid(pid, 0)[1] == 0
assert inherited.solve(A[:, 3], 1, algorithm="omp").support.tolist() == [3]
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=120)


def test_memory_stays_flat():
    code = """
import numpy as np, sparse_recovery as sr
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
A = np.asfortranarray(np.random.default_rng(0).standard_normal((40, 80)))
def round():
    P = sr.Problem(A)
    P.solve(A[:, 3], 2, algorithm="omp")
    P.path(A[:, 3], 3, algorithm="omp")
    try: P.solve(A[:, 3], 0)
    except ValueError: pass
for _ in range(200): round()
before = resident()
for _ in range(1500): round()
assert resident() - before < 4 << 20, resident() - before
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_no_copy_of_the_matrix():
    code = """
import numpy as np, sparse_recovery as sr
def peak():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) * 1024
rng = np.random.default_rng(0)
A = np.empty((1000, 16000), order="F")
for j in range(16000): A[:, j] = rng.standard_normal(1000)
y = A[:, 5] - A[:, 9]
before = peak()
# Where drivers of devices are not asked for, which take memory of their own.
sr.solve(A, y, 10, algorithm="sea", backend="cpu")
assert peak() - before < 64 << 20, (peak() - before) >> 20
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=300)


def test_the_library_may_be_closed():
    code = """
import _ctypes, ctypes as c, importlib.util, os, time
import numpy as np
folder = importlib.util.find_spec("sparse_recovery").submodule_search_locations[0]
path = os.environ.get("SPARSE_RECOVERY_LIBRARY") or folder + "/libsparse_recovery.so"
A = np.asfortranarray(np.random.default_rng(0).standard_normal((500, 5000)))
y = A[:, 3] - A[:, 77]
for _ in range(3):
    library = c.CDLL(path)
    problem, results = c.c_void_p(), c.c_void_p()
    address = c.c_void_p(A.ctypes.data)
    assert library.sr_problem_create(
        address, 8, c.c_int64(500), c.c_int64(5000), c.c_int64(500), None, c.byref(problem)) == 0
    assert library.sr_solve(
        problem, c.c_void_p(y.ctypes.data), c.c_int64(500), c.c_int64(1), c.c_int64(500), c.c_int64(9),
        None, None, c.byref(results)) == 0
    library.sr_results_destroy(results)
    library.sr_problem_destroy(problem)
    # Threads of it still wait for work.
    _ctypes.dlclose(library._handle)
    time.sleep(0.3)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
