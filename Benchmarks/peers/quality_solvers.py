"""The solvers of the measurement of quality: `sea` and what its package does not contain."""

import contextlib
import importlib.util
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from cells import Trial
from learning import bayesian_learning, reweighted_l1
from problem import Answer, Vector, solve_with_sea
from solvers import abess_splicing, skscope_grasp, squared_loss, timed

# Exact solvers get so many seconds for each weight of the penalty that they try.
EXACT_SECONDS = 0.5
# What has been compiled in this process.
COMPILED: list[str] = []


@dataclass(frozen=True)
class Contender:
    """A row of a cell. `solve` takes a problem and seconds, which only `timed` ones heed.

    `exact` ones are for small problems, and `ours` is the tool. One that is not `stoppable` calls Python
    from compiled code, where an exception ends the process: it has no time limit.
    """

    name: str
    solve: Callable[[Trial, float], Answer]
    timed: bool = False
    exact: bool = False
    ours: bool = False
    stoppable: bool = True


def threads() -> list[str]:
    """Holds the tool to the threads that the libraries get."""
    count = os.environ.get("OPENBLAS_NUM_THREADS")
    return ["--threads", count] if count else []


def with_sea(trial: Trial, seconds: float, *, sea: str, options: list[str]) -> Answer:
    """The tool, with its own clock."""
    return solve_with_sea(trial.problem, sea, [*threads(), *options])


def with_bayes(trial: Trial, seconds: float) -> Answer:
    """Sparse Bayesian learning, the noise learned unless there is none."""
    problem = trial.problem
    arguments = (problem.matrix, problem.observation, problem.sparsity, trial.noiseless)
    return timed(lambda: bayesian_learning(*arguments))


def with_l1(trial: Trial, seconds: float) -> Answer:
    """Reweighted ℓ1, with equality where there is no noise."""
    problem = trial.problem
    arguments = (problem.matrix, problem.observation, problem.sparsity, trial.noiseless)
    return timed(lambda: reweighted_l1(*arguments))


def with_abess(trial: Trial, seconds: float) -> Answer:
    """Splicing."""
    return abess_splicing(trial.problem)


def with_grasp(trial: Trial, seconds: float) -> Answer:
    """CoSaMP, compiled in every call."""
    return skscope_grasp(trial.problem)


def with_scope(trial: Trial, seconds: float) -> Answer:
    """Splicing on an objective in JAX, compiled in every call."""
    import jax
    from skscope import ScopeSolver

    jax.config.update("jax_enable_x64", True)
    problem = trial.problem
    arrays = (jax.numpy.asarray(problem.matrix), jax.numpy.asarray(problem.observation))
    model = ScopeSolver(len(problem.truth), problem.sparsity)
    return timed(lambda: np.asarray(model.solve(squared_loss, arrays, jit=True)))


def with_l0bnb(trial: Trial, seconds: float) -> Answer:
    """Branch and bound for penalties that fall until k columns are in; with a small ridge."""
    # The package still asks for the name that NumPy 2 dropped.
    vars(np).setdefault("Inf", np.inf)
    from l0bnb import fit_path

    problem = trial.problem
    options = {"intercept": False, "normalize": False, "time_limit": EXACT_SECONDS}
    options |= {"lambda_2": 0.01, "max_nonzeros": problem.sparsity}

    def solve() -> Vector:
        with contextlib.redirect_stdout(io.StringIO()):
            return fit_path(problem.matrix, problem.observation, **options)[-1]["B"]

    return timed(solve)


def with_el0ps(trial: Trial, seconds: float) -> Answer:
    """Branch and bound for penalties that fall until k columns are in; with a small ridge."""
    # One process: MPI, which may be missing, stays out of it.
    sys.modules.setdefault("mpi4py", None)  # type: ignore[arg-type]
    import pybnb

    if not isinstance(pybnb.Solver, partial):
        pybnb.Solver = partial(pybnb.Solver, comm=None)
    from el0ps.datafit import Leastsquares
    from el0ps.path import Path as PenaltyPath
    from el0ps.penalty import L2norm
    from el0ps.solver import BnbSolver

    options = {"lmbd_min": 1e-3, "lmbd_num": 20, "stop_if_not_optimal": False, "verbose": False}

    def solve(matrix: Vector, observation: Vector, sparsity: int) -> Vector:
        path = PenaltyPath(max_nnz=sparsity - 1, **options)
        solver = BnbSolver(time_limit=EXACT_SECONDS)
        found = path.fit(solver, Leastsquares(observation), L2norm(0.01), matrix)
        return list(found.values())[-1].x

    if not COMPILED:
        # The first call compiles for half a minute.
        solve(np.asfortranarray(np.eye(4)), np.array([2.0, 1.0, 0.0, 0.0]), 1)
        COMPILED.append("el0ps")
    problem = trial.problem
    return timed(lambda: solve(problem.matrix, problem.observation, problem.sparsity))


STRANGERS = (
    ("", Contender("sparse Bayesian learning", with_bayes)),
    ("", Contender("reweighted ℓ1", with_l1)),
    ("abess", Contender("abess", with_abess)),
    ("skscope", Contender("skscope GraspSolver", with_grasp, stoppable=False)),
    ("skscope", Contender("skscope ScopeSolver", with_scope, stoppable=False)),
    ("l0bnb", Contender("l0bnb", with_l0bnb, exact=True)),
    ("el0ps", Contender("El0ps", with_el0ps, exact=True)),
)


def strangers() -> list[Contender]:
    """Those whose libraries are installed; the others are named."""
    found = []
    for package, contender in STRANGERS:
        if package and not find_spec(package):
            print(f"{contender.name} is left out: no package {package}", file=sys.stderr)
        else:
            found.append(contender)
    return found


def variants(sea: str, options: list[str]) -> list[Contender]:
    """A row for each set of options of the tool."""
    return [
        Contender(f"sea {one}".strip(), partial(with_sea, sea=sea, options=one.split()), ours=True)
        for one in options
    ]


def module(path: Path) -> Contender:
    """The `solve(A, y, k, seconds, seed)` of a Python file, called once to warm up."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    if specification is None or specification.loader is None:
        raise ValueError(f"{path} is no Python file")
    loaded = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(loaded)
    random = np.random.default_rng(0)
    matrix = np.asfortranarray(random.standard_normal((16, 32)))
    matrix /= np.linalg.norm(matrix, axis=0)
    loaded.solve(matrix, matrix[:, :3] @ np.array([1.0, -1.5, 2.0]), 3, 0.05, 1)

    def solve(trial: Trial, seconds: float) -> Answer:
        problem = trial.problem
        arguments = (problem.matrix, problem.observation, problem.sparsity, seconds, trial.seed)
        begin = perf_counter()
        support = loaded.solve(*arguments)[0]
        passed = perf_counter() - begin
        coefficients = np.zeros(len(problem.truth))
        coefficients[np.asarray(support, dtype=int)] = 1
        return Answer(passed, coefficients)

    return Contender(path.stem, solve, timed=True)


def keep_compiled(folder: TemporaryDirectory[str]) -> None:
    """Lets JAX keep what it compiles, as shapes come again and again within a cell."""
    os.environ.setdefault("JAX_COMPILATION_CACHE_DIR", folder.name)
    os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
