"""scikit-learn's interface."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MultiOutputMixin, RegressorMixin, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_selection import SelectorMixin
from sklearn.model_selection import check_cv
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from ._arrays import is_sparse, refuse_masked
from ._functions import algorithms, option_names
from ._paths import JointPath, Path
from ._problem import Interrupted, Problem
from ._results import Solution, mean_of, twice_loss

_COUNT = Interval(Integral, 1, None, closed="left")


class _SparseLinearModel(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """What the estimators share: the data, the constant case, the fitted attributes, prediction."""

    _parameter_constraints: dict[str, Any] = {
        "fit_intercept": ["boolean"],
        "ridge": [Interval(Real, 0, None, closed="left")],
        "positive": ["boolean"],
        "column_groups": ["array-like", None],
        "max_iter": [_COUNT],
        "tol": [Interval(Real, 0, 1, closed="left")],
        "time_limit": [Interval(Real, 0, None, closed="left"), None],
        "effort": [StrOptions({"quick", "normal", "thorough"})],
        "backend": [StrOptions({"auto", "cpu", "opencl", "reference"})],
        "device": [Integral, str, None],
        "precision": [StrOptions({"double", "single"})],
        "n_threads": [_COUNT, None],
        "random_state": [Interval(Integral, 0, None, closed="left")],
        "callback": [callable, None],
    }
    # Parameters where there is a choice.
    loss = "squares"
    huber_threshold: float | None = None
    joint = False
    column_groups: Any = None

    @property
    def _algorithm(self) -> str:
        return str(self.algorithm)

    def _data(
        self, X: Any, y: Any, sample_weight: Any
    ) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64] | None]:
        for given in (X, y, sample_weight):
            refuse_masked(given)
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csc",
            dtype=[np.float64, np.float32],
            multi_output=isinstance(self, MultiOutputMixin),
            y_numeric=isinstance(self, RegressorMixin),
            ensure_min_samples=2,
        )
        if sample_weight is not None:
            sample_weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        return X, y, sample_weight

    def _problem(self, X: NDArray[Any], sample_weight: NDArray[np.float64] | None) -> Problem:
        return Problem(
            X,
            intercept=self.fit_intercept,
            weights=sample_weight,
            ridge=self.ridge,
            nonnegative=self.positive,
            column_groups=self.column_groups,
            loss=self.loss,
            huber_threshold=self.huber_threshold if self.loss == "huber" else None,
            backend=self.backend,
            device=None if self.device is None else str(self.device),
            precision=self.precision,
            threads=self.n_threads,
        )

    def _options(self) -> dict[str, Any]:
        given = {
            "algorithm": self._algorithm,
            "iterations": self.max_iter,
            "tolerance": self.tol,
            "time_limit": self.time_limit,
        }
        own = option_names(self._algorithm)
        if "effort" in own:
            given["effort"] = self.effort
        if "seed" in own:
            given["seed"] = self.random_state
        return given

    def _choices(self, X: NDArray[Any]) -> tuple[int, str]:
        """How many features there are to choose from, or groups of them, and what they are."""
        if self.column_groups is None:
            return X.shape[1], "features (n_features)"
        return len(np.unique(np.asarray(self.column_groups))), "groups of columns"

    def _is_constant(self, X: NDArray[Any], weights: NDArray[np.float64] | None) -> bool:
        """Whether there is nothing to select: every column is constant, or zero without an intercept."""
        if is_sparse(X):
            rows: Any = X if weights is None else X[np.flatnonzero(weights > 0)]
            if rows is X and not X.has_canonical_format:
                rows = X.copy()  # where entries that meet are summed in place
            least, most = rows.min(axis=0).toarray(), rows.max(axis=0).toarray()
            return not (most != least if self.fit_intercept else (most != 0) | (least != 0)).any()
        for start in range(0, X.shape[1], 1024):
            # Some columns at a time, so that no copy of X is made; the first that varies ends it.
            part = X[:, start : start + 1024]
            if weights is not None:
                part = part[weights > 0]
            if (part != (part[:1] if self.fit_intercept else 0)).any():
                return False
        return True

    def _fit_count(self, X: NDArray[Any], y: NDArray[Any], sample_weight: NDArray[np.float64] | None) -> None:
        """Fits so many coefficients as are asked for."""
        n = X.shape[1]
        count, kind = self._choices(X)
        k = max(count // 10, 1) if self.n_nonzero_coefs is None else self.n_nonzero_coefs
        if k > count:
            raise ValueError(f"n_nonzero_coefs: expected at most the {count} {kind}, found {k}")
        if self._is_constant(X, sample_weight):
            self._keep_constant(X, y, sample_weight)
            return
        given = {**self._options(), "joint": self.joint}
        problem = self._problem(X, sample_weight)
        try:
            found = problem.solve(y, k, progress=self.callback, **given)
        except Interrupted as interrupt:
            self._keep(interrupt.solutions, y, n)
            raise
        solutions = [found] if y.ndim == 1 else found
        self._keep(solutions, y, n)
        self._warn(solutions)

    def _keep(self, solutions: list[Solution], y: NDArray[Any], n_features: int) -> None:
        """Sets what a fit has found."""
        coef = np.zeros((len(solutions), n_features))
        for row, solution in zip(coef, solutions):
            row[solution.support] = solution.coefficients
        intercept = np.array([solution.intercept for solution in solutions])
        self._keep_coefficients(coef, intercept, y)
        # At least 1, as other estimators have it: an exact start needs none.
        iterations = [max(1, solution.iterations) for solution in solutions]
        self.n_iter_ = iterations[0] if y.ndim == 1 else np.array(iterations)
        self.stop_reason_ = [solution.stop_reason for solution in solutions]

    def _keep_constant(
        self, X: NDArray[Any], y: NDArray[np.float64], weights: NDArray[np.float64] | None
    ) -> None:
        """Where X is constant, the intercept is all that can be fitted."""
        targets = y.reshape(len(y), -1)
        intercept = np.zeros(targets.shape[1])
        if self.fit_intercept and self.loss == "squares":
            intercept = np.average(targets, axis=0, weights=weights)
        elif self.fit_intercept:
            # The null model of any other column.
            null = self._problem(np.arange(len(y), dtype=np.float64)[:, None], weights)
            for place, target in enumerate(targets.T):
                intercept[place] = null.path(target, (0, 0), criterion="none").best.intercept
        self._keep_coefficients(np.zeros((targets.shape[1], X.shape[1])), intercept, y)
        self.n_iter_ = 1 if y.ndim == 1 else np.ones(targets.shape[1], dtype=int)
        self.stop_reason_ = ["converged"] * targets.shape[1]

    def _keep_coefficients(
        self, coef: NDArray[np.float64], intercept: NDArray[np.float64], y: NDArray[Any]
    ) -> None:
        single = y.ndim == 1
        self.coef_ = coef[0] if single else coef
        self.intercept_ = (float(intercept[0]) if single else intercept) if self.fit_intercept else 0.0
        self.support_ = np.flatnonzero(coef.any(axis=0))

    def _warn(self, solutions: list[Solution]) -> None:
        texts = {text for solution in solutions for text in solution.warnings if "no minimum" in text}
        if "time" in self.stop_reason_:
            texts.add("the time limit was reached: the best so far is kept")
        for text in sorted(texts):
            warnings.warn(text, ConvergenceWarning, stacklevel=4)

    def _linear_predictor(self, X: Any) -> NDArray[np.float64]:
        """``X @ coef_ + intercept_``; reads the selected columns alone."""
        check_is_fitted(self)
        refuse_masked(X)
        X = validate_data(self, X, reset=False, accept_sparse=["csc", "csr"], dtype=[np.float64, np.float32])
        coef = np.atleast_2d(self.coef_)[:, self.support_]
        result = X[:, self.support_] @ coef.T + self.intercept_
        return np.asarray(result[:, 0] if self.coef_.ndim == 1 else result)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        mask = np.zeros(self.n_features_in_, dtype=bool)
        mask[self.support_] = True
        return mask


class _SparseRegressor(RegressorMixin, _SparseLinearModel):  # type: ignore[misc]
    """What regressors share."""

    def predict(self, X: Any) -> NDArray[np.float64]:
        """``X @ coef_ + intercept_``, or the expected count at that; reads the selected columns alone.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples,) or (n_samples, n_targets)
        """
        return mean_of(self.loss, self._linear_predictor(X))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = self.loss == "poisson"
        return tags


class SparseRegressor(MultiOutputMixin, _SparseRegressor):  # type: ignore[misc]
    """Linear regression with at most ``n_nonzero_coefs`` nonzero coefficients.

    Minimises ``norm(y - X @ w - b)**2 / 2 + ridge * norm(w)**2 / 2``, or that with another loss, over the
    supports of that size, by a portfolio of solvers around the Support Exploration Algorithm, or by one of them. It
    is a feature selector as well: ``transform``, ``get_support`` and ``get_feature_names_out`` are those of the
    columns selected.

    Parameters
    ----------
    n_nonzero_coefs : int, default=None
        The most coefficients that are not zero; a tenth of the features, at least 1, if None.
    loss : {"squares", "poisson", "huber"}, default="squares"
        What is minimised: least squares; half the deviance of counts, whose mean is ``exp(X @ w + b)``; or squares
        up to ``huber_threshold`` and lines beyond, so that rows far off pull less.
    huber_threshold : float, default=None
        With ``loss="huber"``, in the unit of y; 1.345 standard deviations of the noise is usual.
    algorithm : str, default="portfolio"
        The solver: see :func:`sparse_recovery.algorithms`.
    fit_intercept : bool, default=True
        Whether a constant is fitted. It does not count as a coefficient.
    ridge : float, default=0.0
        The weight of the squared norm of the coefficients.
    positive : bool, default=False
        Whether coefficients must not be negative.
    column_groups : array-like of shape (n_features,), default=None
        The group of every feature, as labels of any kind: all features of a group are selected or none, and
        ``n_nonzero_coefs`` counts groups.
    joint : bool, default=False
        Whether all targets have one support.
    max_iter : int, default=1000
        The most supports that one run of a solver evaluates.
    tol : float, default=1e-12
        The relative residual at which nothing is left to explain.
    time_limit : float, default=None
        The longest time of one target, in seconds.
    effort : {"quick", "normal", "thorough"}, default="normal"
        How long the portfolio searches.
    backend : {"auto", "cpu", "opencl", "reference"}, default="auto"
        Where products with X are computed.
    device : int or str, default=None
        The OpenCL device, by its number or a part of its name.
    precision : {"double", "single"}, default="double"
        Of the gradients. ``single`` takes float32 without a copy.
    n_threads : int, default=None
        Threads of the processor; one a core if None.
    random_state : int, default=1
        What random starts of searches are drawn from.
    callback : callable, default=None
        Called now and then with the supports evaluated and the smallest relative residual; a true answer stops.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_targets, n_features)
    intercept_ : float or array of shape (n_targets,)
    support_ : array of int
        The features that any target has a coefficient for.
    n_iter_ : int or array of shape (n_targets,)
        The supports evaluated.
    stop_reason_ : list of str
        Why each target's solve ended.

    Examples
    --------
    >>> import numpy as np
    >>> from sparse_recovery import SparseRegressor
    >>> X = np.random.default_rng(0).standard_normal((60, 100))
    >>> y = 2 * X[:, 3] - X[:, 70] + 1
    >>> SparseRegressor(2).fit(X, y).support_
    array([ 3, 70])
    """

    _parameter_constraints: dict[str, Any] = {
        **_SparseLinearModel._parameter_constraints,
        "n_nonzero_coefs": [_COUNT, None],
        "loss": [StrOptions({"squares", "poisson", "huber"})],
        "huber_threshold": [Interval(Real, 0, None, closed="neither"), None],
        "algorithm": [StrOptions(set(algorithms()))],
        "joint": ["boolean"],
    }

    def __init__(
        self,
        n_nonzero_coefs: int | None = None,
        *,
        loss: str = "squares",
        huber_threshold: float | None = None,
        algorithm: str = "portfolio",
        fit_intercept: bool = True,
        ridge: float = 0.0,
        positive: bool = False,
        column_groups: Any = None,
        joint: bool = False,
        max_iter: int = 1000,
        tol: float = 1e-12,
        time_limit: float | None = None,
        effort: str = "normal",
        backend: str = "auto",
        device: int | str | None = None,
        precision: str = "double",
        n_threads: int | None = None,
        random_state: int = 1,
        callback: Callable[[int, float], Any] | None = None,
    ) -> None:
        self.n_nonzero_coefs = n_nonzero_coefs
        self.loss = loss
        self.huber_threshold = huber_threshold
        self.algorithm = algorithm
        self.fit_intercept = fit_intercept
        self.ridge = ridge
        self.positive = positive
        self.column_groups = column_groups
        self.joint = joint
        self.max_iter = max_iter
        self.tol = tol
        self.time_limit = time_limit
        self.effort = effort
        self.backend = backend
        self.device = device
        self.precision = precision
        self.n_threads = n_threads
        self.random_state = random_state
        self.callback = callback

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SparseRegressor:
        """Fits the model.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)
            Borrowed, not copied, where it is in Fortran order and its precision is that of gradients.
        y : array of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array of shape (n_samples,), default=None
            The weight of every squared residual, or of the loss of every row.

        Returns
        -------
        self

        Raises
        ------
        Interrupted
            At Ctrl-C. The estimator is fitted with the best found so far.
        """
        self._fit_count(*self._data(X, y, sample_weight))
        return self


class SEARegressor(SparseRegressor):
    """:class:`SparseRegressor` with the Support Exploration Algorithm alone, from zero.

    Parameters are those of :class:`SparseRegressor` but ``algorithm``, ``effort`` and ``random_state``.

    References
    ----------
    M. Mohamed, F. Malgouyres, V. Emiya, C. Chaux: Support Exploration Algorithm for Sparse Support Recovery,
    ICML 2024.
    """

    _parameter_constraints: dict[str, Any] = {
        name: rule
        for name, rule in SparseRegressor._parameter_constraints.items()
        if name not in ("algorithm", "effort", "random_state")
    }
    algorithm = "sea"
    effort = "normal"
    random_state = 1

    def __init__(
        self,
        n_nonzero_coefs: int | None = None,
        *,
        loss: str = "squares",
        huber_threshold: float | None = None,
        fit_intercept: bool = True,
        ridge: float = 0.0,
        positive: bool = False,
        column_groups: Any = None,
        joint: bool = False,
        max_iter: int = 1000,
        tol: float = 1e-12,
        time_limit: float | None = None,
        backend: str = "auto",
        device: int | str | None = None,
        precision: str = "double",
        n_threads: int | None = None,
        callback: Callable[[int, float], Any] | None = None,
    ) -> None:
        self.n_nonzero_coefs = n_nonzero_coefs
        self.loss = loss
        self.huber_threshold = huber_threshold
        self.fit_intercept = fit_intercept
        self.ridge = ridge
        self.positive = positive
        self.column_groups = column_groups
        self.joint = joint
        self.max_iter = max_iter
        self.tol = tol
        self.time_limit = time_limit
        self.backend = backend
        self.device = device
        self.precision = precision
        self.n_threads = n_threads
        self.callback = callback


class SparseClassifier(ClassifierMixin, _SparseLinearModel):  # type: ignore[misc]
    """Logistic regression with at most ``n_nonzero_coefs`` nonzero coefficients, for two classes.

    Minimises half the deviance plus ``ridge * norm(w)**2 / 2`` over the supports of that size. It is a feature
    selector as well: see :class:`SparseRegressor`.

    Parameters
    ----------
    n_nonzero_coefs : int, default=None
        The most coefficients that are not zero; a tenth of the features, at least 1, if None.
    ridge : float, default=0.0
        The weight of the squared norm of the coefficients. Without it there is no minimum where a plane separates
        the classes, which a ``ConvergenceWarning`` says.
    algorithm, fit_intercept, positive, column_groups, max_iter, tol, time_limit, effort, backend, device, \
precision, n_threads, random_state, callback
        Those of :class:`SparseRegressor`.

    Attributes
    ----------
    classes_ : array of shape (2,)
        The labels; probabilities of the second grow with the decision function.
    coef_ : array of shape (1, n_features)
    intercept_ : array of shape (1,)
    support_ : array of int
        The features that have a coefficient.
    n_iter_ : int
        The supports evaluated.
    stop_reason_ : list of str
        Why the solve ended.

    Examples
    --------
    >>> import numpy as np
    >>> from sparse_recovery import SparseClassifier
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((200, 50))
    >>> y = np.where(3 * X[:, 3] - 3 * X[:, 20] + rng.standard_normal(200) > 0, "ill", "well")
    >>> model = SparseClassifier(2).fit(X, y)
    >>> model.support_, model.classes_.tolist(), model.predict(X[:2]).tolist() == y[:2].tolist()
    (array([ 3, 20]), ['ill', 'well'], True)
    """

    _parameter_constraints: dict[str, Any] = {
        **_SparseLinearModel._parameter_constraints,
        "n_nonzero_coefs": [_COUNT, None],
        "algorithm": [StrOptions(set(algorithms()))],
    }
    loss = "logistic"

    def __init__(
        self,
        n_nonzero_coefs: int | None = None,
        *,
        algorithm: str = "portfolio",
        fit_intercept: bool = True,
        ridge: float = 0.0,
        positive: bool = False,
        column_groups: Any = None,
        max_iter: int = 1000,
        tol: float = 1e-12,
        time_limit: float | None = None,
        effort: str = "normal",
        backend: str = "auto",
        device: int | str | None = None,
        precision: str = "double",
        n_threads: int | None = None,
        random_state: int = 1,
        callback: Callable[[int, float], Any] | None = None,
    ) -> None:
        self.n_nonzero_coefs = n_nonzero_coefs
        self.algorithm = algorithm
        self.fit_intercept = fit_intercept
        self.ridge = ridge
        self.positive = positive
        self.column_groups = column_groups
        self.max_iter = max_iter
        self.tol = tol
        self.time_limit = time_limit
        self.effort = effort
        self.backend = backend
        self.device = device
        self.precision = precision
        self.n_threads = n_threads
        self.random_state = random_state
        self.callback = callback

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SparseClassifier:
        """Fits the model: see :meth:`SparseRegressor.fit`.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)
        y : array of shape (n_samples,)
            Labels of two classes: numbers or texts.
        sample_weight : array of shape (n_samples,), default=None
            The weight of the loss of every row.

        Returns
        -------
        self
        """
        X, y, sample_weight = self._data(X, y, sample_weight)
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind != "binary":
            # The words of scikit-learn, which its checks look for.
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        self.classes_, labels = np.unique(y, return_inverse=True)
        found = np.unique(labels if sample_weight is None else labels[sample_weight > 0])
        if len(found) < 2:
            raise ValueError(f"y: expected labels of two classes, found {len(found)} class in rows of weight")
        self._fit_count(X, labels.astype(np.float64), sample_weight)
        return self

    def _keep_coefficients(
        self, coef: NDArray[np.float64], intercept: NDArray[np.float64], y: NDArray[Any]
    ) -> None:
        super()._keep_coefficients(coef, intercept, y)
        self.coef_, self.intercept_ = coef, np.atleast_1d(self.intercept_)

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """``X @ coef_ + intercept_``, the logarithm of the odds of the second class.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples,)
        """
        return self._linear_predictor(X)[:, 0]

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples, 2)
        """
        odds = self.decision_function(X)
        return np.column_stack([mean_of(self.loss, -odds), mean_of(self.loss, odds)])

    def predict(self, X: Any) -> NDArray[Any]:
        """The likelier class.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples,)
        """
        places = (self.decision_function(X) > 0).astype(int)
        return np.asarray(self.classes_[places])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        # Classes that only coefficients below zero tell apart.
        tags.classifier_tags.poor_score = self.positive
        return tags


class SparsePathCV(MultiOutputMixin, _SparseRegressor):  # type: ignore[misc]
    """Regression whose number of nonzero coefficients is chosen from the data.

    Solves every number from 1 to ``max_nonzero_coefs`` as :class:`SparseRegressor` does, and chooses one by
    cross-validation or by an information criterion: one for each target, or one for all with ``joint``.

    Parameters
    ----------
    max_nonzero_coefs : int, default=None
        The largest number that is tried; at most 20 and half of the samples if None. Never more than there are
        features, nor than the samples of a fold allow.
    loss, huber_threshold
        Those of :class:`SparseRegressor`. Cross-validation compares the mean squared error, or twice the mean of
        another loss, the mean deviance of counts; criteria are made of the deviance, which ``"huber"`` has not.
    criterion : {"cv", "ebic", "bic", "aic", "gic"}, default="cv"
        What chooses.
    cv : int, splitter or iterable of splits, default=10
        The folds of cross-validation: a number of them, dealt out in the order that ``random_state`` names, or
        what scikit-learn takes. As many as samples where these are fewer.
    one_standard_error : bool, default=False
        Whether the smallest number within one standard error of the smallest error is chosen.
    joint : bool, default=False
        Whether all targets have one support: errors and criteria then count all of them.
    algorithm, fit_intercept, ridge, positive, column_groups, max_iter, tol, time_limit, effort, backend, device, \
precision, n_threads, random_state, callback
        Those of :class:`SparseRegressor`.

    Attributes
    ----------
    coef_, intercept_, support_, n_iter_, stop_reason_
        Those of :class:`SparseRegressor`, for the number chosen.
    n_nonzero_coefs_ : int or array of shape (n_targets,)
        The number chosen; for each of several targets unless these have one support.
    path_ : Path, list of Path or JointPath
        Every number tried, and what was compared: a list where each of several targets has a path.
    """

    _parameter_constraints: dict[str, Any] = {
        **_SparseLinearModel._parameter_constraints,
        "max_nonzero_coefs": [_COUNT, None],
        "loss": SparseRegressor._parameter_constraints["loss"],
        "huber_threshold": SparseRegressor._parameter_constraints["huber_threshold"],
        "criterion": [StrOptions({"cv", "ebic", "bic", "aic", "gic"})],
        "cv": ["cv_object"],
        "one_standard_error": ["boolean"],
        "joint": ["boolean"],
        "algorithm": [StrOptions(set(algorithms()))],
    }

    def __init__(
        self,
        max_nonzero_coefs: int | None = None,
        *,
        loss: str = "squares",
        huber_threshold: float | None = None,
        criterion: str = "cv",
        cv: Any = 10,
        one_standard_error: bool = False,
        joint: bool = False,
        algorithm: str = "portfolio",
        fit_intercept: bool = True,
        ridge: float = 0.0,
        positive: bool = False,
        column_groups: Any = None,
        max_iter: int = 1000,
        tol: float = 1e-12,
        time_limit: float | None = None,
        effort: str = "normal",
        backend: str = "auto",
        device: int | str | None = None,
        precision: str = "double",
        n_threads: int | None = None,
        random_state: int = 1,
        callback: Callable[[int, float], Any] | None = None,
    ) -> None:
        self.max_nonzero_coefs = max_nonzero_coefs
        self.loss = loss
        self.huber_threshold = huber_threshold
        self.criterion = criterion
        self.cv = cv
        self.one_standard_error = one_standard_error
        self.joint = joint
        self.algorithm = algorithm
        self.fit_intercept = fit_intercept
        self.ridge = ridge
        self.positive = positive
        self.column_groups = column_groups
        self.max_iter = max_iter
        self.tol = tol
        self.time_limit = time_limit
        self.effort = effort
        self.backend = backend
        self.device = device
        self.precision = precision
        self.n_threads = n_threads
        self.random_state = random_state
        self.callback = callback

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> SparsePathCV:
        """Fits the model: see :meth:`SparseRegressor.fit`.

        Parameters
        ----------
        X : array or sparse matrix of shape (n_samples, n_features)
        y : array of shape (n_samples,) or (n_samples, n_targets)
        sample_weight : array of shape (n_samples,), default=None

        Returns
        -------
        self
        """
        X, y, sample_weight = self._data(X, y, sample_weight)
        if self._is_constant(X, sample_weight):
            self._keep_constant(X, y, sample_weight)
            self.n_nonzero_coefs_: Any = 0 if self.joint or y.ndim == 1 else np.zeros(y.shape[1], dtype=int)
            return self
        # Rows without weight take no part, and every fold keeps as many as it selects columns.
        has_weight = np.ones(len(y), bool) if sample_weight is None else sample_weight > 0
        m = int(has_weight.sum())
        kept, folds, splits = m, 0, None
        if self.criterion == "cv" and isinstance(self.cv, Integral):
            folds = min(int(self.cv), m)
            kept = m - -(-m // folds)
        elif self.criterion == "cv":
            splits = [
                (train, test)
                for train, test in check_cv(self.cv).split(X, y)
                if has_weight[train].any() and has_weight[test].any()
            ]
            if len(splits) < 2:
                raise ValueError(
                    f"cv: expected at least 2 splits with rows of weight on both sides, found {len(splits)}"
                )
            kept = min(int(has_weight[train].sum()) for train, _ in splits)
        most = max(1, min(self._choices(X)[0], kept - int(self.fit_intercept)))
        k = self.max_nonzero_coefs
        k = min(max(1, m // 2), most, 20) if k is None else min(k, most)
        given = {**self._options(), "seed": self.random_state, "joint": self.joint}
        try:
            if splits is not None:
                path = self._validated(X, y, sample_weight, k, splits, given)
            else:
                if self.criterion == "cv":
                    given["folds"] = folds
                    given["one_standard_error"] = self.one_standard_error
                path = self._problem(X, sample_weight).path(
                    y, k, criterion=self.criterion, progress=self.callback, **given
                )
        except Interrupted as interrupt:
            # The largest number that each target has got to.
            latest = {solution.observation: solution for solution in interrupt.solutions}
            self._keep_chosen([latest[target] for target in sorted(latest)], y, X.shape[1])
            raise
        self.path_ = path
        best = list(path.best) if isinstance(path, JointPath) else [each.best for each in _each(path)]
        self._keep_chosen(best, y, X.shape[1])
        self._warn(best)
        return self

    def _keep_chosen(self, solutions: list[Solution], y: NDArray[np.float64], n_features: int) -> None:
        numbers = np.array([solution.sparsity for solution in solutions])
        self.n_nonzero_coefs_ = int(numbers[0]) if self.joint or y.ndim == 1 else numbers
        self._keep(solutions, y, n_features)

    def _validated(
        self,
        X: NDArray[Any],
        y: NDArray[np.float64],
        weights: NDArray[np.float64] | None,
        k: int,
        splits: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
        given: dict[str, Any],
    ) -> Path | JointPath | list[Path]:
        """The paths, chosen by the splits of scikit-learn: each solves them on its own rows."""
        w = np.ones(len(y)) if weights is None else weights
        given = {**given, "criterion": "none", "progress": self.callback}
        errors = []
        for train, test in splits:
            found = self._problem(X[train], w[train]).path(y[train], k, **given)
            errors.append([self._errors(path, X[test], y[test], w[test]) for path in _each(found)])
        whole = self._problem(X, weights).path(y, k, **given)
        judged = [self._judged(path, list(folds)) for path, folds in zip(_each(whole), zip(*errors))]
        return judged if isinstance(whole, list) else judged[0]

    def _judged(self, path: Any, errors: list[list[float]]) -> Any:
        """A path with what errors held out choose, those of each fold."""
        # A time limit or the callback may end each of them early: compared is what all have reached.
        count = min(len(path), *map(len, errors))
        path, folds = path._first(count), np.array([fold[:count] for fold in errors])
        means = folds.mean(axis=0)
        spread = folds.std(axis=0, ddof=1) / np.sqrt(len(folds))
        place = int(means.argmin())
        if self.one_standard_error:
            place = int(np.flatnonzero(means <= means[place] + spread[place])[0])
        return replace(
            path,
            chosen=place,
            criterion=means,
            standard_errors=spread,
            fold_errors=folds,
            criteria={"cv": means},
            choices={"cv": place},
        )

    def _errors(
        self, path: Path | JointPath, X: NDArray[Any], y: NDArray[np.float64], weights: NDArray[np.float64]
    ) -> list[float]:
        """The mean error of every point on rows held out; the sum over the targets of a joint path."""
        targets = y.reshape(len(y), -1)
        points = path.points if isinstance(path, JointPath) else [(point,) for point in path.points]
        return [
            sum(
                np.average(
                    twice_loss(
                        self.loss,
                        solution.linear_predictor(X),
                        targets[:, solution.observation],
                        self.huber_threshold,
                    ),
                    weights=weights,
                )
                for solution in point
            )
            for point in points
        ]


def _each(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]
