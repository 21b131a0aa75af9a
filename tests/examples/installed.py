"""A package built and installed as somebody else would: as a wheel, beside the app, in an environment of its own."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.tui.command_line.running import environment

TIMEOUT = 120
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input")
_HOST = "import site; site.addsitedir({site!r})\n"
"""Everything of the environment that runs the tests is there too; nothing is downloaded."""


def build_wheel(project: Path, folder: Path) -> Path:
    """Without a network and without leaving anything in the project's folder."""
    _run(
        *_PIP,
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(project),
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


class Installed:
    """A virtual environment with the app in it, to which packages are added and taken away."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "venv"
        self._home = folder / "home"
        self._home.mkdir()
        venv.create(self._folder, with_pip=False, symlinks=os.name != "nt")
        (self.site / "host.pth").write_text(_HOST.format(site=sysconfig.get_path("purelib")))

    @property
    def python(self) -> str:
        return str(self._folder / ("Scripts" if os.name == "nt" else "bin") / "python")

    @property
    def site(self) -> Path:
        base = str(self._folder)
        return Path(sysconfig.get_path("purelib", vars={"base": base, "platbase": base}))

    @property
    def home(self) -> Path:
        return self._home

    def install(self, wheel: Path) -> None:
        _run(*_PIP, "--python", self.python, "install", "--quiet", "--no-deps", "--no-index", str(wheel))

    def uninstall(self, name: str) -> None:
        _run(*_PIP, "--python", self.python, "uninstall", "--quiet", "--yes", name)

    def run(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """`python` with these arguments, out of the project's folder, so that only what is installed is found."""
        return subprocess.run(
            [self.python, "-P", *arguments],
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            cwd=cwd or self._home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def barfinex(self, *arguments: str) -> str:
        """What the command prints. Raises `AssertionError` where it fails."""
        done = self.run("-m", "tui", *arguments)
        assert done.returncode == 0, done.stderr[-4_000:]
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """As every command's of the tests, but without the project's folder on the path."""
        return {name: value for name, value in environment(self._home).items() if name != "PYTHONPATH"}


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
