"""Problems with a known answer, and what a solver makes of one."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

# The exit statuses of `sea` for options that it does not know, and for a start that it does not
# know and takes for a missing file.
REFUSALS = (64, 66)

Vector = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Recipe:
    """What `sea generate` is asked for."""

    title: str
    sparsity: int
    options: tuple[str, ...]


RECIPES = (
    Recipe(
        "Gaussian 2000 × 20000, k = 50, 20 dB of noise",
        50,
        ("gaussian", "--rows", "2000", "--columns", "20000", "--snr", "20"),
    ),
    Recipe(
        "Gaussian 500 × 5000, k = 75, no noise",
        75,
        ("gaussian", "--rows", "500", "--columns", "5000"),
    ),
    Recipe(
        "Gaussian 500 × 5000, k = 75, 20 dB of noise",
        75,
        ("gaussian", "--rows", "500", "--columns", "5000", "--snr", "20"),
    ),
    Recipe(
        "Deconvolution 500 × 500, width 3, k = 20, no noise",
        20,
        ("deconvolution", "--size", "500", "--width", "3"),
    ),
)


@dataclass(frozen=True)
class Problem:
    """Files in a folder, and the same numbers in memory: A in Fortran order, with unit columns."""

    recipe: Recipe
    folder: Path
    matrix: Vector
    observation: Vector
    truth: Vector

    @classmethod
    def generate(cls, recipe: Recipe, sea: str, folder: Path, seed: int) -> "Problem":
        """Writes a problem into `folder` and reads it back."""
        command = [sea, "generate", *recipe.options, "--sparsity", str(recipe.sparsity)]
        command += ["--seed", str(seed), "--output", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        arrays = (np.load(folder / f"{name}.npy") for name in ("A", "y", "x"))
        problem = cls(recipe, folder, *arrays)
        assert np.isfortran(problem.matrix)
        assert np.allclose(np.linalg.norm(problem.matrix, axis=0), 1)
        return problem

    @property
    def sparsity(self) -> int:
        return self.recipe.sparsity

    def hits(self, coefficients: Vector) -> int:
        """How many of the true support are in the support of `coefficients`."""
        return int(np.count_nonzero((coefficients != 0) & (self.truth != 0)))

    def relative_residual(self, coefficients: Vector) -> float:
        """‖Ax − y‖ / ‖y‖."""
        residual = self.matrix @ coefficients - self.observation
        return float(np.linalg.norm(residual) / np.linalg.norm(self.observation))


@dataclass(frozen=True)
class Answer:
    """What one run of a solver found, and what it took."""

    seconds: float
    coefficients: Vector
    passes: int | None = None
    load_seconds: float | None = None


class Refused(Exception):
    """A solver that does not know what it was asked for, in its own words."""


def solve_with_sea(problem: Problem, sea: str, options: list[str]) -> Answer:
    """Runs `sea solve` on the processor. Its own clock tells loading from solving."""
    command = [sea, "solve", "--json", "--backend", "cpu", *options]
    command += ["--matrix", str(problem.folder / "A.npy")]
    command += ["--observation", str(problem.folder / "y.npy")]
    command += ["--sparsity", str(problem.sparsity)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode in REFUSALS:
        raise Refused(done.stderr.strip())
    done.check_returncode()
    report = json.loads(done.stdout)
    coefficients = np.zeros_like(problem.truth)
    coefficients[report["support"]] = report["coefficients"]
    seconds = report["seconds"]
    passes = report["matrixPasses"]
    return Answer(seconds["solve"], coefficients, passes, seconds["load"])
