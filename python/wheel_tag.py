"""Says that the wheel holds a library of this platform, for every Python 3: it is called through ctypes."""

import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelTag(BuildHookInterface):  # type: ignore[misc, type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        library = Path(self.root) / "src/sparse_recovery/libsparse_recovery.so"
        if version != "editable" and not library.exists():
            raise FileNotFoundError(f"{library}: expected the library; 'make wheel' builds it first")
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
