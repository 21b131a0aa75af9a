"""Does what a guide says, block after block: in a folder and a virtual environment of its own."""

import os
import shlex
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docs.blocks import BadBlock, Block, changed, commands_of, require_excerpt, require_printed
from tests.tui.command_line.running import environment

TIMEOUT = 180
_OFFLINE = "--no-index --no-deps --no-build-isolation"
"""pip takes everything from the environment it is in."""


class Workshop:
    """What a block needs, those before it have made: so they are done first, and each once."""

    def __init__(self, blocks: list[Block], folder: Path) -> None:
        self._blocks = blocks
        self._done: list[str | None] = []
        """What is wrong with each block that was done; `None`: nothing."""
        self._folder = folder / "work"
        self._folder.mkdir()
        self._where = folder / "where"
        self._bin = make_environment(folder / "venv")
        self._environ = environment(folder, PATH=f"{self._bin}{os.pathsep}{os.environ['PATH']}")
        # Both would lead past the environment that the guide's reader has.
        del self._environ["PYTHONPATH"]
        self._environ["PYTHONDONTWRITEBYTECODE"] = "1"

    def do(self, number: int) -> None:
        """Raises `BadBlock` where this block is not so, or one before it."""
        while len(self._done) <= number and not any(self._done):
            self._done.append(self._tried(self._blocks[len(self._done)]))
        if number >= len(self._done):
            raise BadBlock(f"line {self._blocks[len(self._done) - 1].line} comes first, and failed")
        if (fault := self._done[number]) is not None:
            raise BadBlock(f"line {self._blocks[number].line}: {fault}")

    def _tried(self, block: Block) -> str | None:
        try:
            self._doers[block.language](self, block)
        except (BadBlock, OSError, subprocess.TimeoutExpired) as fault:
            return str(fault)
        return None

    def _sh(self, block: Block) -> None:
        self._run(block.text, 0)

    def _console(self, block: Block) -> None:
        for command, expected in commands_of(block.text):
            require_printed(expected, self._run(command, int(block.attributes.get("exit", "0"))))

    def _code(self, block: Block) -> None:
        if "title" not in block.attributes:
            self._run(f"python -c {shlex.quote(block.text)}", 0)
            return
        file = self._folder / block.attributes["title"]
        if "new" in block.attributes:
            with file.open("x", encoding="utf-8") as opened:
                opened.write(block.text)
        else:
            require_excerpt(block.text, file.read_text(encoding="utf-8"))

    def _diff(self, block: Block) -> None:
        file = self._folder / block.attributes["title"]
        file.write_text(changed(file.read_text(encoding="utf-8"), block.text), encoding="utf-8")

    def _text(self, block: Block) -> None:
        """It says itself why there is nothing to do."""

    _doers: Mapping[str, Callable[["Workshop", Block], None]] = {
        "sh": _sh,
        "console": _console,
        "python": _code,
        "toml": _code,
        "diff": _diff,
        "text": _text,
    }

    def _run(self, script: str, status: int) -> str:
        """What it prints. Raises `BadBlock` where it ends with another exit code."""
        done = subprocess.run(
            ["bash", "-ec", f"trap 'pwd >{shlex.quote(str(self._where))}' EXIT\n{script}"],
            cwd=self._folder,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        if done.returncode != status:
            raise BadBlock(f"{script.strip()}\nends with {done.returncode}, not {status}:\n{done.stdout}")
        self._folder = Path(self._where.read_text().rstrip("\n"))
        return done.stdout


def make_environment(folder: Path) -> Path:
    """A virtual environment that has what this one has, and the folder of its commands. Its pip asks no index."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    places = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    # Not a plain path: what lies there may name more places itself, as editable installs do.
    lines = [f"import site; site.addsitedir({place!r})" for place in places]
    (folder / "lib" / version / "site-packages" / "outer.pth").write_text("\n".join(lines) + "\n")
    for command, words in {
        "barfinex": '-c "from tui.cli import main; main()" "$@"',
        "pytest": '-m pytest -p no:cacheprovider "$@"',
        "pip": f'-m pip "$1" $(case $1 in install|wheel) echo {_OFFLINE};; esac) "${{@:2}}"',
    }.items():
        script = python.parent / command
        script.write_text(f"#!/usr/bin/env bash\nexec {shlex.quote(str(python))} {words}\n")
        script.chmod(0o755)
    return python.parent
