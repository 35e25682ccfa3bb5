"""scikit-learn's own checks of estimators."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from sparse_recovery import SEARegressor, SparsePathCV, SparseRegressor

ESTIMATORS = [
    SparseRegressor(),
    SparseRegressor(1),
    SparseRegressor(algorithm="omp", fit_intercept=False),
    SparseRegressor(ridge=0.1, positive=True),
    SEARegressor(),
    SparsePathCV(3, cv=3, effort="quick"),
    SparsePathCV(criterion="ebic", algorithm="omp"),
    SparsePathCV(criterion="bic", algorithm="omp", joint=True),
]


@parametrize_with_checks(ESTIMATORS)
def test_checks(estimator, check):
    check(estimator)
