"""The password of the encrypted file: from a file, a descriptor or the terminal; never from argv or the environment."""

import os
import stat
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from catalog.text import clean
from tui.command_line.interrupts import heard_while_blocked
from tui.command_line.problems import BadUsage, say
from tui.command_line.terminal import has_terminal

if TYPE_CHECKING:
    from connectors.runtime.credential_index import StoredCredentials
    from connectors.runtime.vault import CredentialVault

LIMIT = 4_096
"""Bytes of a password's line."""

PasswordFile: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="Open the encrypted file with the password in the first line of FILE.",
        show_default=False,
    ),
]
PasswordDescriptor: TypeAlias = Annotated[
    int | None,
    typer.Option(
        "--password-fd",
        metavar="N",
        min=0,
        max=2**31 - 1,
        help="As --password-file, read from the open file descriptor N.",
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class PasswordSource:
    """Where the password is, if the command line says so; else it is asked for."""

    file: Path | None = None
    descriptor: int | None = None

    def __post_init__(self) -> None:
        if self.file is not None and self.descriptor is not None:
            raise BadUsage("--password-file and --password-fd both name a password: give one of them")
        if self.file is not None and str(self.file) == "-":
            raise BadUsage("--password-file takes a file; for standard input write --password-fd 0")

    @property
    def given(self) -> bool:
        return self.file is not None or self.descriptor is not None

    @property
    def takes_standard_input(self) -> bool:
        return self.descriptor == 0

    def read(self, *, new: bool = False) -> str:
        """The password; asked for twice where the file is made now. Raises `BadUsage`."""
        with heard_while_blocked():
            return self._read() if self.given else _asked(new=new)

    def _read(self) -> str:
        named = "--password-file" if self.file is not None else "--password-fd"
        try:
            descriptor = self.descriptor
            if descriptor is None:
                assert self.file is not None  # noqa: S101 - one of them is given
                descriptor = os.open(self.file.expanduser(), os.O_RDONLY)
                _warn_of_readers(descriptor)
            with os.fdopen(descriptor, "rb") as file:
                line = file.readline(LIMIT + 1)
        except OSError as error:
            raise BadUsage(
                f"{named} cannot be read: {clean(error.strerror or type(error).__name__)}"
            ) from None
        if len(line) > LIMIT:
            raise BadUsage(f"{named}: its first line is longer than {LIMIT} bytes")
        try:
            password = line.decode("utf-8-sig").rstrip("\r\n")
        except UnicodeDecodeError:
            password = None
        if password is None:
            raise BadUsage(f"{named}: its first line is not UTF-8 text")
        if not password:
            raise BadUsage(f"{named}: its first line is empty")
        return password


def _warn_of_readers(descriptor: int) -> None:
    found = os.fstat(descriptor)
    if os.name == "posix" and stat.S_ISREG(found.st_mode) and found.st_mode & 0o077:
        say("other users can read the password file: chmod 600 it")


def _asked(*, new: bool) -> str:
    """On the terminal, whatever standard input is."""
    if not has_terminal():
        raise BadUsage(
            "the encrypted file needs its password, and there is no terminal to ask for it on: "
            "name it with --password-file FILE or --password-fd N"
        )
    password = getpass("Password of the encrypted file: ")
    if not password:
        raise BadUsage("an empty password protects nothing")
    if new and getpass("Again, as the file is made now: ") != password:
        raise BadUsage("the two passwords differ")
    return password


async def open_store_of(
    vault: "CredentialVault", record: "StoredCredentials", password: PasswordSource
) -> None:
    """Open the encrypted file where the record is in it."""
    if record.store == "encrypted-file" and not vault.is_open(record.store):
        await vault.open_encrypted_file(password.read())
