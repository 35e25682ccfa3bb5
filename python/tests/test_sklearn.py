"""scikit-learn's own checks of estimators."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from sparse_recovery import SEARegressor, SparseClassifier, SparsePathCV, SparseRegressor

ESTIMATORS = [
    SparseRegressor(),
    SparseRegressor(1),
    SparseRegressor(algorithm="omp", fit_intercept=False),
    SparseRegressor(ridge=0.1, positive=True),
    SparseRegressor(loss="huber", huber_threshold=1.0, positive=True, joint=True),
    SparseRegressor(loss="poisson"),
    SparseRegressor(loss="huber", huber_threshold=1.0),
    SEARegressor(),
    SparseClassifier(),
    SparseClassifier(1, algorithm="omp", ridge=0.1, fit_intercept=False),
    SparseClassifier(algorithm="omp", positive=True),
    SparsePathCV(3, cv=3, effort="quick"),
    SparsePathCV(criterion="ebic", algorithm="omp"),
    SparsePathCV(criterion="bic", algorithm="omp", joint=True),
    SparsePathCV(3, loss="poisson", cv=3, algorithm="omp"),
    SparsePathCV(3, loss="huber", huber_threshold=1.0, cv=3, algorithm="omp"),
]


def expected_to_fail(estimator):
    if estimator.loss == "poisson":
        return {"check_regressor_multioutput": "its targets are negative, whatever the tags say"}
    return {}


@parametrize_with_checks(ESTIMATORS, expected_failed_checks=expected_to_fail)
def test_checks(estimator, check):
    check(estimator)
