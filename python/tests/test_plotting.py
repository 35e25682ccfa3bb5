"""Pictures have what they are to show."""

import numpy as np
import pytest

import sparse_recovery as sr

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

RNG = np.random.default_rng(6)
A = RNG.standard_normal((50, 80))
X = np.zeros(80)
X[[3, 40, 71]] = 2, -1, 1
Y = A @ X + 0.05 * RNG.standard_normal(50)


def test_support():
    ax = sr.solve(A, Y, 3).plot(truth=X)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["truth", "found"]
    assert "3 of 80 columns" in ax.get_title()


@pytest.mark.parametrize("criterion", ["ebic", "cv", "none"])
def test_path(criterion):
    ax = sr.path(A, Y, 6, criterion=criterion, effort="quick").plot()
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0] == "relative residual" and labels[-1] == "chosen"
    assert len(labels) == (2 if criterion == "none" else 3)


def test_path_of_several_criteria():
    path = sr.path(A, Y, 6, criterion=["aic", "cv"], effort="quick")
    labels = [text.get_text() for text in path.plot().get_legend().get_texts()]
    assert labels[:2] == ["relative residual", "aic"]
    # One line for each sparsity that is chosen, with the names of those that choose it.
    expected = ["chosen by aic, cv"] if path.choices["aic"] == path.choices["cv"] else ["aic", "cv"]
    assert [label.removeprefix("chosen by ") for label in labels[2:]] == [
        label.removeprefix("chosen by ") for label in expected
    ]
    held_out = path.plot(criterion="cv")
    assert held_out.get_legend().get_texts()[1].get_text() == "error held out"
    with pytest.raises(KeyError):
        path.plot(criterion="bic")


def test_joint_path():
    path = sr.path(A, np.stack([Y, -Y], axis=1), 6, joint=True, effort="quick")
    ax = path.plot()
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), path.relative_residuals)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["relative residual", "ebic", "chosen"]


def test_trace():
    from sparse_recovery.plotting import plot_trace

    reports = []
    sr.solve(A, Y, 3, algorithm="sea", iterations=20, observe=reports.append)
    ax = plot_trace(reports)
    assert ax.get_lines()[0].get_xdata().size == len(reports)
