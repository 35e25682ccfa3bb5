"""Runs the examples and draws their pictures: draw.py FOLDER [EXAMPLE...]."""

import runpy
import sys
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

folder, names = Path(sys.argv[1]), sys.argv[2:]
folder.mkdir(parents=True, exist_ok=True)
plt.rcParams.update({"font.size": 9, "axes.spines.top": False, "savefig.dpi": 110})
for example in sorted(Path(__file__).parent.glob("[0-9]_*.py")):
    if names and example.stem not in names:
        continue
    begin = time.monotonic()
    runpy.run_path(str(example))
    plt.savefig(folder / f"{example.stem}.png", metadata={"Software": None})
    plt.close("all")
    print(f"{example.stem}: {time.monotonic() - begin:.1f} s")
