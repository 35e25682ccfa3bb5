"""What several files of tests use."""

import json
import os
import subprocess

import numpy as np
import pytest

SEA = os.environ.get("SEA")


def make_problem(m=60, n=150, k=4, noise=0.0, seed=0):
    rng = np.random.default_rng(seed)
    A = np.asfortranarray(rng.standard_normal((m, n)))
    support = np.sort(rng.choice(n, k, replace=False))
    x = np.zeros(n)
    x[support] = rng.choice([-1, 1], k) * rng.uniform(1, 2, k)
    return A, A @ x + noise * rng.standard_normal(m), x, support


@pytest.fixture
def problem():
    """Makes A, y, the coefficients behind y and their support."""
    return make_problem


@pytest.fixture
def tool(tmp_path):
    """Asks the command-line tool that SEA names: answers with its JSON."""
    if not SEA:
        pytest.skip("SEA names no command-line tool")

    def run(command, A, y, *words):
        np.save(tmp_path / "A.npy", A)
        np.save(tmp_path / "y.npy", y)
        files = ["--matrix", tmp_path / "A.npy", "--observation", tmp_path / "y.npy"]
        done = subprocess.run([SEA, command, *files, "--json", *words], check=True, capture_output=True)
        return json.loads(done.stdout)

    return run
