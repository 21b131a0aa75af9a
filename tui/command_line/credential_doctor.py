"""`barfinex credentials doctor`: what killed programs left of credentials, found and, if wanted, deleted."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tui.command_line.interrupts import heard_while_blocked
from tui.command_line.log import Verbose, start_secure
from tui.command_line.output import print_lines
from tui.command_line.problems import FAILED, INTERRUPTED, OK, BadUsage, say
from tui.command_line.terminal import on_terminal
from tui.command_line.vault_password import PasswordDescriptor, PasswordFile, PasswordSource

if TYPE_CHECKING:
    from connectors.runtime.vault import CredentialVault
    from connectors.runtime.vault_leftovers import Leftover


def doctor(
    yes: Annotated[bool, typer.Option("--yes", help="Delete what is found without asking.")] = False,
    password_file: PasswordFile = None,
    password_fd: PasswordDescriptor = None,
    verbose: Verbose = 0,
) -> None:
    """Find credentials that were left half stored or half deleted, or that are stored and not listed; delete them.

    Every one is asked about on a terminal. Without one nothing is deleted but with --yes, and what is left ends the
    command with exit code 1. What a damaged list may have named is never deleted unasked. The keyrings of Windows and
    macOS cannot be searched: there, what the list knows of is looked at.
    """
    from connectors.runtime.vault import CredentialVault
    from tui.command_line.headless import run_headless

    password = PasswordSource(password_file, password_fd)
    start_secure(verbose)
    raise typer.Exit(run_headless(_look(CredentialVault(), password, yes=yes), when_interrupted=INTERRUPTED))


async def _look(vault: "CredentialVault", password: PasswordSource, *, yes: bool) -> int:
    found, whole = await _found(vault, password)
    if vault.index_problem:
        say(vault.index_problem)
    left = doubtful = 0
    for leftover in found:
        print_lines([f"{leftover.name}  {', '.join(leftover.entries)}  ({leftover.store})  {leftover.what}"])
        if (yes and not leftover.doubtful) or _agreed():
            await vault.delete_leftover(leftover)
            say(f"deleted {leftover.name}")
        else:
            left += 1
            doubtful += leftover.doubtful
    if not found and whole:
        say("nothing is left over")
    if doubtful:
        say(
            "what a damaged list may have named may be in use, so --yes does not delete it: 'credentials set' lists it "
            "again; where nothing of it is needed, remove the list that was set aside first: "
            + ", ".join(map(str, vault.set_aside_lists))
        )
    if left > doubtful and not on_terminal():
        say("--yes deletes what is left over")
    return FAILED if left or not whole else OK


async def _found(vault: "CredentialVault", password: PasswordSource) -> "tuple[Sequence[Leftover], bool]":
    """What is left over, and whether everything there is could be looked into."""
    from connectors.contracts.errors import SecretStoreError

    records = await vault.list()
    found: list[Leftover] = []
    whole = True
    try:
        found += await vault.leftovers()
    except SecretStoreError as error:
        # Without a keyring there is nothing in it to be looked for.
        whole = not any(record.store == vault.store.kind for record in records)
        say(f"{vault.description} was not looked into: {error}")
    if vault.encrypted_file.exists():
        try:
            await vault.open_encrypted_file(password.read())
            found += await vault.leftovers("encrypted-file")
        except (SecretStoreError, BadUsage) as error:
            whole = False
            say(f"the encrypted file was not looked into: {error}")
    return found, whole


def _agreed() -> bool:
    with heard_while_blocked():
        return on_terminal() and input("Delete it? [y/N] ").strip().lower() in ("y", "yes")
