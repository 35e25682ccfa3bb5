"""Problems, and how Python waits for their solves."""

from __future__ import annotations

import ctypes as c
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._arrays import (
    CallbackOperator,
    address,
    aligned,
    as_matrix,
    as_observations,
    is_operator,
    is_sparse,
    sparse_columns,
)
from ._library import DataError, RequestError, Watch, check, library
from ._options import Options, as_text, listed, numbers_of
from ._paths import JointPath, Path, read_path
from ._results import Found, Solution, read_solutions

#: Called now and then with the supports evaluated and the smallest relative residual; true stops.
Progress = Callable[[int, float], Any]

# What takes a tenth of a second at most is solved in the calling thread, where Ctrl-C waits for it: another thread
# takes a tenth of a millisecond. The bounds were measured: least squares on matrices up to so many numbers,
_SMALL = 4096
# by solvers of about as many steps as columns are selected,
_STEPWISE = {"els", "foba", "gomp", "htp", "nhtp", "ols", "omp", "ompr", "sp", "splicing"}
# or by the portfolio, which tries so many supports one by one,
_FEW = 1 << 16
# with options of the problem and of the solve that make neither longer.
_PLAIN = {"complex", "exclude", "include", "intercept", "normalize", "precision", "standardize", "weights"}
_BRIEF = {"seed", "stagnation", "time_limit", "tolerance"}


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a solve. ``solutions`` holds the best found before it."""

    def __init__(self, solutions: Sequence[Solution], cause: BaseException) -> None:
        super().__init__(*cause.args)
        self.solutions = list(solutions)

    def __reduce__(self) -> tuple[Any, ...]:
        # So that it reaches those who wait for another process.
        return type(self), (self.solutions, KeyboardInterrupt(*self.args))

    @property
    def solution(self) -> Solution:
        """The best found for the first observation."""
        return self.solutions[0]


class _Origin:
    """The problem of solutions, for what is computed of them later: it keeps neither A nor the problem alive."""

    def __init__(self, problem: Problem, A: Any, options: dict[str, Any]) -> None:
        self._problem = weakref.ref(problem)
        try:
            # A path is short; what cannot be referred to weakly, such as a list, is kept.
            self._matrix: Any = weakref.ref(A)
        except TypeError:
            self._matrix = lambda: A
        self._options = {name: value for name, value in options.items() if name not in _PLACES}

    def __call__(self) -> Problem:
        """The problem, made anew on the processor where it is gone."""
        problem = self._problem()
        if problem is not None:
            return problem
        matrix = self._matrix()
        if matrix is None:
            raise RequestError(
                "cp: expected the matrix, found it gone: keep A, or its Problem, to ask for cp"
            )
        return Problem(matrix, backend="cpu", **self._options)


# Options that say where and how products are computed, of which no fit depends.
_PLACES = {"backend", "device", "gemv", "storage", "device_memory"}


class Problem:
    """A on a backend, with what solves on it share: norms, products of columns, the upload to a device.

    Parameters
    ----------
    A : array of shape (m, n), path, sparse matrix or linear operator
        A NumPy array in Fortran order, a pandas frame, a memory map and a DLPack array on the host are not
        copied, where their numbers have the precision of gradients; C order is copied once, arrays of CuPy and
        torch on a device as well. A path names a .npy, .npz, .mtx or text file, which is mapped where it can be.
        SciPy's sparse matrices and ``LinearOperator`` are called for their products. Of complex numbers the
        problem is complex: see Notes.
    intercept, standardize, nonnegative, normalize : bool
        A constant beside the columns; columns in standard deviations about their means; no negative
        coefficient; columns compared as if they had unit norm (the default).
    ridge : float
        λ of a term λ‖x‖²/2.
    weights : array of shape (m,)
        The weight of every row, at least 0.
    frequency_weights : bool
        Whether a row of weight w stands for w rows, as criteria count them.
    loss : {"squares", "logistic", "poisson", "huber"}
        What is minimised: least squares; half the deviance of labels 0 and 1, or of counts; or squares up to
        ``huber_threshold``, in the unit of y, and lines beyond.
    include, exclude : sequence of int, or of bool
        Columns in every support, and in none: by their numbers, or a mask, a truth for each column.
    column_groups : sequence
        The group of every column, as labels of any kind. A support has all columns of a group or none, and k
        counts groups.
    backend : {"auto", "cpu", "opencl", "reference"}
        Where products with A are computed. ``auto`` takes a GPU for large matrices.
    device : int or str
        An OpenCL device, by its number in :func:`devices` or a part of its name.
    precision : {"double", "single"}
        Of the gradients. Least squares are always in double precision.
    complex : bool
        Whether A is taken as complex where its numbers are real.
    **options
        What else ``sr_options_set`` takes for a problem: see :func:`options`.

    Attributes
    ----------
    shape : (int, int)
    is_complex : bool
        Whether coefficients are complex.

    Notes
    -----
    One solve at a time: others on the same problem wait. A must not change while the problem lives.

    In a complex problem rows and columns are complex ones, and y may be real or complex. There is no intercept,
    no standardised column, no sign and no other loss than squares; ``ridge``, ``weights``, ``include``,
    ``exclude`` and ``column_groups`` are as for real numbers. ``rmatvec`` of an operator is the product with
    the conjugate transpose.

    Examples
    --------
    >>> import numpy as np
    >>> from sparse_recovery import Problem
    >>> A = np.asfortranarray(np.random.default_rng(0).standard_normal((50, 200)))
    >>> y = 3 * A[:, 7] - A[:, 42]
    >>> Problem(A).solve(y, 2).support
    array([ 7, 42])
    """

    def __init__(self, A: Any, **options: Any) -> None:
        # They are read again where the problem is made anew.
        options = {name: listed(value) for name, value in options.items()}
        self._source, self._options = A, options
        self._origin = _Origin(self, A, options)
        self._loss = str(options.get("loss") or "squares")
        # Before anything is made: what Ctrl-C ends here is given back as well.
        self._as_parameter_ = handle = c.c_void_p()
        chosen = Options(options)
        wants_complex = options.get("complex") in (True, "true")
        self._operator: CallbackOperator | None = None
        if isinstance(A, (str, os.PathLike)):
            check(library.sr_problem_open(as_text("A", A), chosen, c.byref(handle)))
        elif is_sparse(A):
            parts = sparse_columns(A, wants_complex)
            chosen = _for_numbers(parts[2].dtype.kind == "c", chosen, options)
            starts, rows, values = (part.ctypes.data for part in parts)
            check(library.sr_problem_of_sparse(*A.shape, starts, rows, values, chosen, c.byref(handle)))
        elif is_operator(A):
            self._operator = CallbackOperator(A, wants_complex)
            chosen = _for_numbers(self._operator.is_complex, chosen, options)
            status = library.sr_problem_of_operator(c.byref(self._operator.record), chosen, c.byref(handle))
            self._operator.raise_error()
            check(status)
        else:
            a = as_matrix(A, wants_complex)
            chosen = _for_numbers(a.dtype.kind == "c", chosen, options)
            m, n = a.shape
            stride = a.strides[1] // a.itemsize if n > 1 else max(m, 1)
            size = a.real.itemsize
            check(library.sr_problem_create(a.ctypes.data, size, m, n, stride, chosen, c.byref(handle)))
            self._source = a  # kept: it is borrowed
        self.is_complex = bool(library.sr_problem_is_complex(handle))
        self.shape: tuple[int, int] = (
            library.sr_problem_rows(handle),
            library.sr_problem_columns(handle),
        )
        for name, size in chosen.masks.items():
            if size != self.shape[1]:
                raise DataError(
                    f"{name}: expected a mask of the {self.shape[1]} columns, found one of {size}"
                )
        self._is_small = (
            self.shape[0] * self.shape[1] <= _SMALL
            and self._operator is None
            and not self.is_complex
            and options.keys() <= _PLAIN
        )

    def __del__(self) -> None:
        handle = self.__dict__.pop("_as_parameter_", None)
        if handle is not None:
            library.sr_problem_destroy(handle)

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (type(self), self._source, self._options)

    def __repr__(self) -> str:
        given = "".join(f", {name}={value!r}" for name, value in self._options.items())
        return f"{type(self).__name__}({self.shape[0]} × {self.shape[1]}{given})"

    def solve(
        self,
        y: Any,
        k: int,
        *,
        algorithm: str = "portfolio",
        progress: Progress | bool | None = None,
        observe: Callable[[dict[str, Any]], Any] | None = None,
        **options: Any,
    ) -> Any:
        """Finds the at most ``k`` columns that explain ``y`` best.

        Parameters
        ----------
        y : array of shape (m,) or (m, L)
            One observation, or several, one a column: of complex numbers where the problem is complex.
        k : int
            The most columns to select.
        algorithm : str
            The solver: see :func:`algorithms`.
        progress : callable or True
            Called now and then in the main thread with the number of supports evaluated and the smallest
            relative residual; a true answer stops the solve. ``True`` shows a bar of tqdm.
        observe : callable
            Called after every evaluated support with a dictionary: iteration, observation, support,
            relative_residual, best_relative_residual, seconds, is_new, solver. A true answer stops.
        **options
            ``iterations``, ``time_limit`` (seconds), ``stagnation``, ``tolerance``, ``joint`` (one support for
            all observations), ``alternatives`` (how many of the supports that explain one observation next best
            the solution is to name), ``checkpoint`` (a file) and ``resume``, and the options of the algorithm,
            such as ``effort``, ``rounds`` and ``seed`` of the portfolio, or ``start`` of sea: see :func:`options`.

        Returns
        -------
        Solution, or a list of them for a matrix of observations

        Raises
        ------
        Interrupted
            At Ctrl-C, with the best found so far. It is a ``KeyboardInterrupt``.
        """
        targets = self._observations(y)
        m = targets.shape[0]
        count = 1 if targets.ndim == 1 else targets.shape[1]
        k = _whole(k, "k")
        handle = c.c_void_p()
        found = Found(handle, self._origin, self._loss)
        interrupt = self._call(
            library.sr_solve,
            (self, address(targets), m, count, m, k, Options.of(algorithm, self._in_parts(options))),
            c.byref(handle),
            progress,
            observe,
            is_brief=count == 1 and self._is_brief(algorithm, k, options),
        )
        known = None if "alternatives" in options else count
        solutions = read_solutions(found, self.shape[1], known)
        if interrupt is not None:
            raise _raised(interrupt, solutions)
        if targets.ndim > 1:
            return solutions
        best, *others = solutions
        if others:
            best.__dict__["alternatives"] = tuple(others)
        return best

    def _observations(self, y: Any) -> NDArray[Any]:
        """Observations of numbers as A has them."""
        targets = as_observations(y)
        if self.is_complex:
            return aligned(targets, np.complex128)
        if targets.dtype.kind == "c":
            raise TypeError(
                "expected an observation of real numbers as those of A, found complex ones: "
                "make A complex, by Problem(A.astype(complex)), or Problem(A, complex=True)"
            )
        return targets

    def _in_parts(self, options: dict[str, Any]) -> dict[str, Any]:
        """Options of a solve, of which the numbers to start from are real and imaginary parts in turns."""
        if not self.is_complex or options.get("start") is None:
            return options
        start = numbers_of("start", options["start"], may_be_complex=True)
        return {**options, "start": aligned(start.ravel(), np.complex128).view(np.float64)}

    def _is_brief(self, algorithm: str, k: int, options: dict[str, Any]) -> bool:
        """Whether a solve for one observation surely ends within a tenth of a second."""
        if not self._is_small or not options.keys() <= _BRIEF:
            return False
        return algorithm in _STEPWISE or (
            algorithm == "portfolio" and k > 0 and comb(self.shape[1], k) <= _FEW
        )

    def path(
        self,
        y: Any,
        k: int | tuple[int, int] | range,
        *,
        criterion: str | Sequence[str] | None = None,
        joint: bool = False,
        algorithm: str = "portfolio",
        progress: Progress | bool | None = None,
        observe: Callable[[dict[str, Any]], Any] | None = None,
        **options: Any,
    ) -> Any:
        """Solves every sparsity of a range, and chooses one.

        Parameters
        ----------
        y : array of shape (m,) or (m, L)
            One observation, or several, one a column: of complex numbers where the problem is complex.
        k : int, (int, int) or range
            The largest sparsity, of a range from 1; or the smallest and the largest.
        criterion : {"ebic", "bic", "aic", "gic", "cv", "none"}, or several of them
            What chooses: an information criterion, cross-validation, or nothing (the largest). Of several, as a
            list or as ``"ebic,cv"``, the first counts most. EBIC unless given, cross-validation with the loss of
            Huber, which is no likelihood.
        joint : bool
            Whether all observations have one support: one path for all of them, in which criteria, folds and draws
            count all observations.
        algorithm, progress, observe
            Those of :meth:`solve`.
        **options
            ``gamma`` of ebic, ``folds``, ``fold_repeats``, ``fold_labels`` and ``fold_groups`` (whole numbers,
            one a row), ``one_standard_error`` and ``seed`` of cross-validation, ``bootstrap`` or ``subsample``, a
            number of draws on which the path is solved again, ``target_residual``, ``warm_start`` (sparsities start
            from each other, for a tenth of the time), and what :meth:`solve` takes.

        Returns
        -------
        Path, or a list of them for a matrix of observations, or a JointPath for one with ``joint``

        Raises
        ------
        Interrupted
            At Ctrl-C, with the solutions of all points so far.
        """
        targets = self._observations(y)
        m = targets.shape[0]
        count = 1 if targets.ndim == 1 else targets.shape[1]
        least, most = _range(k)
        if not isinstance(joint, (bool, np.bool_)):
            raise TypeError(f"joint: expected true or false, found {joint!r}")
        names = _criteria(criterion, options, self._loss)
        given = None if criterion is None else ",".join(names)
        chosen = Options.of(algorithm, {"criterion": given, "joint": joint, **self._in_parts(options)})
        # Together where they have one support.
        handles = (c.c_void_p * (1 if joint else count))()
        interrupt = self._call(
            library.sr_paths,
            (self, address(targets), m, count, m, least, most, chosen),
            handles,
            progress,
            observe,
            is_brief=False,
        )
        held = [Found(c.c_void_p(handle), self._origin, self._loss) for handle in handles]
        together = count if joint and targets.ndim > 1 else None
        paths = [read_path(found, self.shape[1], names, together) for found in held]
        if interrupt is not None:
            raise _raised(interrupt, [solution for path in paths for solution in _solutions(path)])
        return paths if targets.ndim > 1 and not joint else paths[0]

    def _call(
        self,
        function: Any,
        arguments: tuple[Any, ...],
        results: Any,
        progress: Progress | bool | None,
        observe: Any,
        is_brief: bool,
    ) -> BaseException | None:
        """Calls what solves: in this thread where that is brief, else in another one, for which it waits.

        Returns
        -------
        What was raised here meanwhile, where there are results all the same
        """
        if progress is not None or observe is not None or not is_brief:
            return _watched(
                lambda watch: function(*arguments, watch, results), progress, observe, self._operator
            )
        check(function(*arguments, None, results))
        return None


def _for_numbers(are_complex: bool, chosen: Options, options: dict[str, Any]) -> Options:
    """The options chosen, which say that numbers are complex where they are."""
    if not are_complex:
        return chosen
    given = options.get("complex")
    if given is None:
        return Options({**options, "complex": True})
    if given in (False, "false"):
        raise RequestError(f"complex: expected true for a matrix of complex numbers, found {given!r}")
    return chosen


def _raised(interrupt: BaseException, solutions: Sequence[Solution]) -> BaseException:
    """What to raise for an interruption, with what was found before it."""
    return Interrupted(solutions, interrupt) if isinstance(interrupt, KeyboardInterrupt) else interrupt


def _solutions(path: Path | JointPath) -> list[Solution]:
    if isinstance(path, JointPath):
        return [solution for point in path.points for solution in point]
    return list(path.points)


def _criteria(criterion: str | Sequence[str] | None, options: dict[str, Any], loss: str) -> list[str]:
    """The names of criteria, of which C says whether there are such."""
    if criterion is None:
        if options.get("target_residual") is not None:
            return ["none"]
        return ["cv" if loss == "huber" else "ebic"]
    return criterion.split(",") if isinstance(criterion, str) else list(criterion)


def _remade(kind: type[Problem], source: Any, options: dict[str, Any]) -> Problem:
    return kind(source, **options)


def _whole(value: Any, name: str) -> int:
    if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__index__"):
        raise TypeError(f"{name}: expected a whole number, found {value!r}")
    number = int(value.__index__())
    if not -(2**63) <= number < 2**63:
        raise RequestError(f"{name}: expected a number of 64 bits, found {number}")
    return number


def _range(k: Any) -> tuple[int, int]:
    if isinstance(k, range):
        if k.step != 1 or len(k) == 0:
            raise RequestError(f"k: expected a range of step 1 that is not empty, found {k!r}")
        return k.start, k.stop - 1
    if isinstance(k, (tuple, list)):
        if len(k) != 2:
            raise RequestError(f"k: expected the smallest and the largest, found {k!r}")
        return _whole(k[0], "k"), _whole(k[1], "k")
    return 1, _whole(k, "k")


def _watched(
    call: Callable[[Any], int],
    progress: Progress | bool | None,
    observe: Any,
    operator: CallbackOperator | None,
) -> BaseException | None:
    """Lets another thread solve, and waits for it.

    A signal's handler runs in the main thread, and only between two steps of Python: a call into C would keep
    Ctrl-C waiting until it ends. Whatever is raised here while waiting stops the solve, and is returned with
    its best so far.
    """
    # Before anything runs: it may refuse.
    bar = _Bar() if progress is True else None
    show: Any = bar if bar is not None else (progress or None)
    watch, done, turn = Watch(), threading.Lock(), threading.Lock()
    failures: list[BaseException] = []
    raised: list[BaseException] = []

    def report(_: Any, record: Any) -> int:
        try:
            return int(bool(observe(_as_dictionary(record.contents))))
        except BaseException as error:  # it must not pass through C
            raised.append(error)
            return 1

    if observe is not None:
        watch.observe = Watch.OBSERVE(report)

    def solve() -> None:
        if not turn.acquire(blocking=False):
            return
        try:
            # The message is that of this thread.
            check(call(c.byref(watch)))
        except BaseException as error:  # it is raised where the caller waits
            failures.append(error)
        finally:
            done.release()

    done.acquire()
    # A lock, and not Thread.join: a join that is interrupted counts the thread as ended (CPython 3.11).
    interrupt: BaseException | None = None
    try:
        threading.Thread(target=solve, daemon=True).start()
    except BaseException as error:
        # Whoever is first has the turn: the thread may run, though a signal's handler raised while it was started.
        if turn.acquire(blocking=False):
            raise
        interrupt = error
        watch.stop = 1
    while True:
        try:
            wait = 0.1 if show is not None and interrupt is None else -1
            if done.acquire(timeout=wait):
                break
            if show(watch.iteration, watch.best):
                watch.stop = 1
        except BaseException as error:  # the solver still writes to our memory
            interrupt = interrupt or error
            watch.stop = 1
    if bar is not None:
        bar.close()
    interrupt = interrupt or (raised[0] if raised else None)
    if failures:
        if operator is not None:
            operator.raise_error()
        raise interrupt or failures[0]
    return interrupt


def _as_dictionary(report: Any) -> dict[str, Any]:
    return {
        "iteration": report.iteration,
        "observation": report.observation,
        "support": np.array(report.support[: report.count], dtype=np.int64),
        "relative_residual": report.relative_residual,
        "best_relative_residual": report.best_relative_residual,
        "seconds": report.seconds,
        "is_new": bool(report.is_new),
        "solver": report.solver.decode(),
    }


class _Bar:
    """A bar of tqdm, where that is installed."""

    def __init__(self) -> None:
        try:
            from tqdm.auto import tqdm
        except ImportError:
            raise RequestError("progress: expected tqdm to be installed, or a function") from None
        self._bar = tqdm(unit=" supports")

    def __call__(self, iteration: int, best: float) -> None:
        self._bar.update(iteration - self._bar.n)
        self._bar.set_postfix_str(f"relative residual {best:.3g}")

    def close(self) -> None:
        self._bar.close()
