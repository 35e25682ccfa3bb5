"""The cells of the measurement of quality: families of problems, each problem named by a seed."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from problem import Problem, Recipe, Vector

Indices = npt.NDArray[np.integer]

# Residuals up to so many ‖y‖ are rounding.
ROUNDING = 1e-11
# Columns of data whose correlation is closer to ±1 than this are the same.
DUPLICATE = 1e-9


@dataclass(frozen=True)
class Trial:
    """One problem of a cell. `known`: its truth is known. `noisy`: y has noise."""

    problem: Problem
    seed: int
    noisy: bool
    known: bool = True

    @property
    def truth(self) -> Indices:
        return np.flatnonzero(self.problem.truth)

    @property
    def noiseless(self) -> bool:
        return self.known and not self.noisy

    def residual(self, support: Indices) -> float:
        """‖Ax − y‖ / ‖y‖ of least squares on a support; by QR, so that close columns do no harm."""
        observation = self.problem.observation
        basis = np.linalg.qr(self.problem.matrix[:, support])[0]
        rest = observation - basis @ (basis.T @ observation)
        rest -= basis @ (basis.T @ rest)
        return float(np.linalg.norm(rest) / np.linalg.norm(observation))


Maker = Callable[[str, Path, int], Trial]


@dataclass(frozen=True)
class Cell:
    """A family of problems. `make` takes the tool, a folder to write into and a seed.

    `small` says that exact solvers may try, and `default` that the cell is measured unless others
    are asked for.
    """

    name: str
    make: Maker
    problems: int = 20
    small: bool = False
    default: bool = True


def write(
    recipe: Recipe, folder: Path, matrix: Vector, observation: Vector, truth: Vector
) -> Problem:
    """Writes arrays as `sea generate` does, with A in column order."""
    folder.mkdir(parents=True, exist_ok=True)
    matrix = np.asfortranarray(matrix)
    for name, array in (("A", matrix), ("y", observation), ("x", truth)):
        np.save(folder / f"{name}.npy", array)
    return Problem(recipe, folder, matrix, observation, truth)


def generated(sparsity: int, options: tuple[str, ...], sea: str, folder: Path, seed: int) -> Trial:
    """A problem of `sea generate`, given unit columns where it has none."""
    command = [sea, "generate", *options, "--sparsity", str(sparsity), "--seed", str(seed)]
    subprocess.run([*command, "--output", str(folder)], check=True, stdout=subprocess.DEVNULL)
    matrix, observation, truth = (np.load(folder / f"{name}.npy") for name in ("A", "y", "x"))
    norms = np.linalg.norm(matrix, axis=0)
    recipe = Recipe(" ".join(options), sparsity, options)
    problem = write(recipe, folder, matrix / norms, observation, truth * norms)
    return Trial(problem, seed, noisy="--snr" in options)


def gaussian(rows: int, columns: int, sparsity: int, problems: int, small: bool = False) -> Cell:
    """Without noise, coefficients of magnitude 1 to 2."""
    options = ("gaussian", "--rows", str(rows), "--columns", str(columns))
    make = partial(generated, sparsity, options)
    return Cell(f"{rows}x{columns} k={sparsity}", make, problems, small)


def deconvolution(sparsity: int, snr: str = "") -> Cell:
    """Spikes blurred by a Gaussian of standard deviation 3."""
    options: tuple[str, ...] = ("deconvolution", "--size", "500", "--width", "3")
    if snr:
        options += ("--snr", snr)
    name = f"deconvolution k={sparsity}" + (f" {snr} dB" if snr else "")
    return Cell(name, partial(generated, sparsity, options), 60 if sparsity == 10 else 20)


# Other laws of the coefficients, and other means of the entries of A.
LAWS: dict[str, Callable[[np.random.Generator, int], Vector]] = {
    "normal": lambda random, count: random.standard_normal(count),
    "signs": lambda random, count: random.choice([-1.0, 1.0], count),
    "positive": lambda random, count: random.uniform(1, 2, count),
    "lognormal": lambda random, count: (
        random.choice([-1.0, 1.0], count) * random.lognormal(0, 1, count)
    ),
    "uniform": lambda random, count: (
        random.choice([-1.0, 1.0], count) * random.uniform(1, 2, count)
    ),
}
LAW_SHAPE, LAW_SPARSITY = (128, 256), 52


def lawful(law: str, mean: float, sea: str, folder: Path, seed: int) -> Trial:
    """Entries N(mean, 1), then unit columns; coefficients of a law; no noise. Made here."""
    random = np.random.default_rng((seed, list(LAWS).index(law), round(10 * mean)))
    matrix = random.standard_normal(LAW_SHAPE) + mean
    matrix /= np.linalg.norm(matrix, axis=0)
    truth = np.zeros(LAW_SHAPE[1])
    support = random.choice(LAW_SHAPE[1], LAW_SPARSITY, replace=False)
    truth[support] = LAWS[law](random, LAW_SPARSITY)
    recipe = Recipe(f"{law}, mean {mean}", LAW_SPARSITY, ("gaussian",))
    return Trial(write(recipe, folder, matrix, matrix @ truth, truth), seed, noisy=False)


def mixed(sea: str, folder: Path, seed: int) -> Trial:
    """A problem of a random family, size, sparsity and noise."""
    random = np.random.default_rng((seed, 1))
    family = random.choice(["gaussian", "toeplitz", "deconvolution"])
    rows, columns = int(random.integers(20, 201)), int(random.integers(40, 601))
    options: tuple[str, ...]
    if family == "deconvolution":
        options = ("--size", str(columns), "--width", f"{random.uniform(0.5, 5):.2f}")
        sparsity = int(random.integers(1, columns // 8 + 1))
    else:
        options = ("--rows", str(rows), "--columns", str(columns))
        sparsity = int(random.integers(1, min(rows, columns) // 2 + 1))
        if family == "toeplitz":
            options += ("--rho", f"{random.uniform(0, 0.95):.2f}")
    if random.random() < 0.5:
        options += ("--snr", f"{random.uniform(5, 40):.1f}")
    return generated(sparsity, (str(family), *options), sea, folder, seed)


def centred(matrix: Vector, target: Vector) -> tuple[Vector, Vector]:
    """Without means and of unit norm; columns that are constant or repeated are left out."""
    matrix = matrix - matrix.mean(axis=0)
    norms = np.linalg.norm(matrix, axis=0)
    matrix = matrix[:, norms > 1e-12 * norms.max()]
    matrix /= np.linalg.norm(matrix, axis=0)
    same = np.triu(np.abs(matrix.T @ matrix) > 1 - DUPLICATE, 1).any(axis=0)
    target = target - target.mean()
    return matrix[:, ~same], target / np.linalg.norm(target)


def diabetes() -> tuple[Vector, Vector]:
    """442 patients; 10 measurements with their squares and products."""
    from sklearn.datasets import load_diabetes
    from sklearn.preprocessing import PolynomialFeatures

    matrix, target = load_diabetes(return_X_y=True)
    return PolynomialFeatures(2, include_bias=False).fit_transform(matrix), target


def breast_cancer() -> tuple[Vector, Vector]:
    """569 tumours; 30 measurements, and whether it is benign."""
    from sklearn.datasets import load_breast_cancer

    matrix, target = load_breast_cancer(return_X_y=True)
    return matrix, target.astype(float)


def from_files(matrix: Path, target: Path) -> tuple[Vector, Vector]:
    """A matrix and its observation in files of NumPy."""
    return np.load(matrix).astype(float), np.load(target).astype(float).ravel()


def data(
    name: str,
    read: Callable[[], tuple[Vector, Vector]],
    sparsities: list[int],
    small: int = 0,
) -> list[Cell]:
    """A cell for each sparsity, of one problem. Exact solvers may try sparsities up to `small`."""

    def make(sparsity: int, sea: str, folder: Path, seed: int) -> Trial:
        matrix, target = centred(*read())
        recipe = Recipe(name, sparsity, ("data",))
        problem = write(recipe, folder, matrix, target, np.zeros(matrix.shape[1]))
        return Trial(problem, seed, noisy=True, known=False)

    return [
        Cell(f"{name} k={sparsity}", partial(make, sparsity), 1, sparsity <= small)
        for sparsity in sparsities
    ]


def cells() -> list[Cell]:
    """All cells, in the order in which they are measured."""
    toeplitz = ("toeplitz", "--rho", "0.8", "--rows", "100", "--columns", "400")
    laws = [Cell(f"law {law}", partial(lawful, law, 0)) for law in LAWS if law != "uniform"]
    laws += [Cell(f"mean {mean}", partial(lawful, "uniform", mean)) for mean in (0.5, 2)]
    return [
        gaussian(16, 64, 5, 60, small=True),
        *(gaussian(32, 64, sparsity, 60) for sparsity in (12, 14, 16)),
        *(gaussian(64, 128, sparsity, 20) for sparsity in (26, 30)),
        *(gaussian(128, 256, sparsity, 20) for sparsity in (48, 52, 56, 60)),
        *(gaussian(500, 5000, sparsity, 10) for sparsity in (75, 100, 110)),
        Cell("toeplitz .8 100x400 k=15", partial(generated, 15, toeplitz), 60),
        *(deconvolution(sparsity) for sparsity in (10, 20, 30, 40)),
        *(deconvolution(sparsity, "20") for sparsity in (10, 20, 30, 40)),
        *laws,
        *data("diabetes", diabetes, [5, 10, 15, 20, 30], small=5),
        *data("breast cancer", breast_cancer, [3, 5, 10, 15], small=5),
        replace(Cell("mixed", mixed, 60), default=False),
    ]
