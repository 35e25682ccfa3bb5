"""The solvers that are compared. Each is imported where it is used: not all need be installed."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from time import perf_counter

import numpy as np
from numpy_sea import explore, least_squares, normal_equations
from problem import Answer, Problem, Vector, solve_with_sea

# Options of `sea solve`, a row for each; one that the tool does not know is named and left out.
VARIANTS = (
    "",
    "--start zero",
    "--start zero --gradient direct",
    "--start omp",
    "--algorithm omp",
    "--algorithm cosamp",
    "--algorithm sp",
)

BASELINE = "scikit-learn orthogonal_mp"


@dataclass(frozen=True)
class Solver:
    """A row of the tables."""

    name: str
    solve: Callable[[Problem], Answer]


def timed(solve: Callable[[], Vector], passes: int | None = None) -> Answer:
    """Runs `solve` by the clock."""
    begin = perf_counter()
    coefficients = solve()
    return Answer(perf_counter() - begin, coefficients, passes)


def scikit_learn_omp(problem: Problem) -> Answer:
    """OMP with a growing Cholesky factor. It swaps columns, so it gets a copy, made beforehand."""
    from sklearn.linear_model import orthogonal_mp

    matrix = problem.matrix.copy(order="F")
    options = {"n_nonzero_coefs": problem.sparsity, "precompute": False, "copy_X": False}
    passes = problem.sparsity + 1
    return timed(lambda: orthogonal_mp(matrix, problem.observation, **options), passes)


def spams_omp(problem: Problem) -> Answer:
    """OMP in C++, for many observations at once; here for one."""
    import spams

    observation = np.asfortranarray(problem.observation[:, None])
    options = {"L": problem.sparsity, "eps": 0.0, "numThreads": -1}
    return timed(lambda: spams.omp(observation, problem.matrix, **options).toarray().ravel())


def abess_splicing(problem: Problem) -> Answer:
    """Splicing. It stops at an absolute change of the loss, hence the scaled observation."""
    from abess import LinearRegression

    scale = 100
    observation = problem.observation * scale
    model = LinearRegression(support_size=problem.sparsity, fit_intercept=False)
    return timed(lambda: model.fit(problem.matrix, observation).coef_ / scale)


def skscope_grasp(problem: Problem) -> Answer:
    """CoSaMP on an objective in JAX, which every call compiles again."""
    import jax
    from skscope import GraspSolver

    jax.config.update("jax_enable_x64", True)
    data = (jax.numpy.asarray(problem.matrix), jax.numpy.asarray(problem.observation))
    model = GraspSolver(len(problem.truth), problem.sparsity)
    return timed(lambda: np.asarray(model.solve(squared_loss, data, jit=True)))


def squared_loss(coefficients, data):
    """½‖Ax − y‖², to be traced by JAX."""
    matrix, observation = data
    residual = matrix @ coefficients - observation
    return residual @ residual / 2


def numpy_sea(problem: Problem) -> Answer:
    """SEA as it is written down, one pass over A in every iteration, in NumPy."""
    coherent = problem.recipe.options[0] == "deconvolution"
    project = least_squares if coherent else normal_equations
    begin = perf_counter()
    coefficients, passes = explore(problem.matrix, problem.observation, problem.sparsity, project)
    return Answer(perf_counter() - begin, coefficients, passes)


def solvers(sea: str) -> list[Solver]:
    """All solvers whose libraries are installed, in the order in which they take turns."""
    rows = [
        Solver(
            f"sea {variant}".strip(), partial(solve_with_sea, sea=sea, options=variant.split())
        )
        for variant in VARIANTS
    ]
    peers = {
        "sklearn": Solver(BASELINE, scikit_learn_omp),
        "spams": Solver("SPAMS omp", spams_omp),
        "abess": Solver("abess LinearRegression", abess_splicing),
        "skscope": Solver("skscope GraspSolver", skscope_grasp),
    }
    rows += [peer for module, peer in peers.items() if find_spec(module)]
    return [*rows, Solver("SEA in NumPy", numpy_sea)]
