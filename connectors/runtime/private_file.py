"""Files only their owner can read, replaced whole or not at all, and read without being led astray."""

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def make_private_folder(folder: Path) -> None:
    """Make `folder` and what is missing above it, mode 0700 whatever the umask. Raises `OSError`."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    with contextlib.suppress(FileExistsError):  # somebody was quicker
        folder.mkdir()
        folder.chmod(0o700)


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: mode 0600, on disk before it takes the old one's place. Raises `OSError`."""
    make_private_folder(path.parent)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if os.name == "posix":
                os.fchmod(descriptor, 0o600)  # the umask may take even that away
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
        _sync_folder(path.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def leftovers(path: Path) -> list[Path]:
    """What a killed `write_private` of `path` left beside it. Ask only while nobody else can be writing."""
    return sorted(path.parent.glob(f".{path.name}.*"))


def read_regular(path: Path, limit: int) -> bytes:
    """What is in a file, which is a real one of at most `limit` bytes: a pipe or a device would never end.

    Raises `OSError` with the reason.
    """
    # A pipe without a writer would hold up the opening itself.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is not a regular file")
        content = file.read(limit + 1)
    if len(content) > limit:
        raise OSError(0, f"it is longer than {limit:,} bytes")
    return content


def _sync_folder(folder: Path) -> None:
    """The new name, too, is on disk before anything that relies on it. Windows cannot, and need not."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
