"""Packages that cannot be imported, or whose import does more than it should."""

import sys
import sysconfig
import venv
from pathlib import Path

from connectors.conformance.target import Target
from tests.connectors.conformance.wrong.base import Wrong, pointed, right

_RIGHT = "from connectors.venues.binance import create_connector, create_replay\n"


def _module(name: str, case: str, told: str, code: str, function: str = "create_connector") -> Wrong:
    module = "wrong_" + name.replace(" ", "_")

    def build(folder: Path) -> Target:
        (folder / f"{module}.py").write_text(code)
        sys.path.insert(0, str(folder))
        return pointed(right(), f"{module}:{function}")

    return Wrong(name, case, told, build)


def _early(folder: Path) -> Target:
    """A package that has itself imported whenever Python starts, by a .pth file."""
    (folder / "wrong_early.py").write_text(_RIGHT)
    venv.create(folder / "venv")
    # The same on every system: this one's scheme with that one's base.
    base = {"base": str(folder / "venv"), "platbase": str(folder / "venv")}
    site = Path(sysconfig.get_path("purelib", "venv", vars=base))
    (site / "wrong_early.pth").write_text("\n".join([str(folder), *sys.path[1:], "import wrong_early"]))
    sys.executable = str(Path(sysconfig.get_path("scripts", "venv", vars=base)) / Path(sys.executable).name)
    sys.path.insert(0, str(folder))
    return pointed(right(), "wrong_early:create_connector")


PACKAGES = (
    _module(
        "needs what is not there", "I01", "ModuleNotFoundError", "import a_package_that_is_not_installed\n"
    ),
    _module("has not the function", "I01", "AttributeError", _RIGHT, function="make"),
    _module("is no function", "I01", "is a int, not a function", "create_connector = 5\n"),
    _module("ends the process", "I01", "ends the process with 3", "import os\nos._exit(3)\n"),
    _module("leaves", "I01", "SystemExit: 3", "import sys\nsys.exit(3)\n"),
    _module("prints", "I02", "its import prints: hello", _RIGHT + "print('hello')\n"),
    _module("draws", "I02", "brings in rich", _RIGHT + "import rich\n"),
    _module(
        "connects on import", "I02", "makes a socket", _RIGHT + "import socket\nsocket.socket().close()\n"
    ),
    _module(
        "starts a thread on import",
        "I02",
        "starts a thread (feeder)",
        _RIGHT
        + "import threading\n"
        + "threading.Thread(target=threading.Event().wait, daemon=True, name='feeder').start()\n",
    ),
    Wrong("is imported unasked", "I04", "finding it in the catalog imports wrong_early", _early),
    _module("is slow", "I03", "beyond the contracts' own", _RIGHT + "import time\ntime.sleep(2)\n"),
)
