"""How many columns? Every sparsity of a regression, and which ones cross-validation and EBIC choose."""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import PolynomialFeatures, StandardScaler

import sparse_recovery as sr
from sparse_recovery.plotting import plot_path

# Diabetes of 442 patients (Efron et al. 2004), with squares and products of the ten measurements.
data = load_diabetes()
polynomials = PolynomialFeatures(2, include_bias=False)
X = StandardScaler().fit_transform(polynomials.fit_transform(data.data))
names = polynomials.get_feature_names_out(data.feature_names)

path = sr.path(X, data.target, 16, criterion=["cv", "ebic"], folds=10, intercept=True, effort="quick")

fig, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
plot_path(path, ax=axes[0])
best = path.best
order = np.argsort(np.abs(best.coefficients))
axes[1].barh(names[best.support][order], best.coefficients[order], color="#1a5fb4")
axes[1].axvline(0, color="#5f6368", linewidth=0.8)
axes[1].set_xlabel("coefficient of the standardised column")
axes[1].set_title(
    f"the {best.sparsity} columns of least error held out: R² {best.r_squared:.2f}", fontsize=10
)
