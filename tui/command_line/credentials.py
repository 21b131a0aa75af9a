"""`barfinex credentials`: the keys of an account, in the operating system's keyring."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from catalog.text import clean
from tui.command_line import completion
from tui.command_line.credential_doctor import doctor
from tui.command_line.log import Verbose, start_secure
from tui.command_line.output import json_line, print_lines
from tui.command_line.problems import INTERRUPTED, OK, BadUsage, Failure, say
from tui.command_line.stored_choice import Wanted, stored
from tui.command_line.terminal import on_terminal
from tui.command_line.vault_password import PasswordDescriptor, PasswordFile, PasswordSource, open_store_of

if TYPE_CHECKING:
    from catalog.catalog import Catalog
    from catalog.model import CatalogEntry
    from connectors.runtime.credential_index import StoredCredentials
    from connectors.runtime.manager import ExchangeManager

Connector: TypeAlias = Annotated[
    str,
    typer.Argument(
        help="A connector of the catalog, for example binance.", autocompletion=completion.connectors
    ),
]
EnvironmentName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--environment",
        help="Whose keys: testnet, live, local. What is stored is found without it where there is one, never live.",
        show_default=False,
    ),
]
Profile: TypeAlias = Annotated[str, typer.Option(help="A name for the account.")]
InFile: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--encrypted-file",
        help="The encrypted file instead of the keyring; its password is asked for, or named by --password-file.",
    ),
]

RIGHT_WORDS = {True: "yes", False: "no", None: "unknown: the venue does not tell"}


def commands() -> typer.Typer:
    """The group `credentials`."""
    group = typer.Typer(
        help="Store, list, test and delete credentials, and find what is left of them.", rich_markup_mode=None
    )
    group.command("set")(set_credentials)
    group.command("list")(list_credentials)
    group.command("test")(try_credentials)
    group.command("delete")(delete_credentials)
    group.command("doctor")(doctor)
    group.command("allow")(allow_package)
    return group


def set_credentials(
    connector: Connector,
    environment: EnvironmentName = None,
    profile: Profile = "main",
    encrypted_file: InFile = False,
    password_file: PasswordFile = None,
    password_fd: PasswordDescriptor = None,
    verbose: Verbose = 0,
) -> None:
    """Store credentials.

    On a terminal each value is asked for, secrets without showing them. Otherwise they are read from standard input:
    a JSON object ({"apiKey": "..."}) or lines of key=value. Values are never taken from the command line, which every
    program on the machine can read. Nothing is contacted; 'credentials test' does that.
    """
    from tui.command_line.choice import environment_to_store
    from tui.command_line.credential_input import read_values

    password = PasswordSource(password_file, password_fd)
    if password.takes_standard_input and not on_terminal():
        raise BadUsage("standard input holds the values: give --password-fd another descriptor")
    start_secure(verbose)
    catalog, entry = _named(connector)
    chosen = environment_to_store(entry, environment)
    values = read_values(entry)

    async def work(manager: "ExchangeManager") -> int:
        vault = manager.vault
        if encrypted_file or password.given:
            await vault.use_encrypted_file(password.read(new=not vault.encrypted_file.exists()))
        await manager.save_credentials(entry.connector_type, chosen, profile, values)
        name = f"{entry.connector_type} {chosen} {profile}"
        say(f"stored {', '.join(values)} for {name} in {vault.description}")
        return OK

    raise typer.Exit(_run(catalog, work))


def list_credentials(
    connector: Annotated[
        str | None, typer.Argument(help="Only this connector's.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    verbose: Verbose = 0,
) -> None:
    """List what is stored: names, never values."""
    from catalog.catalog import Catalog
    from tui.command_line import choice

    start_secure(verbose)
    catalog = Catalog.load()
    only = None if connector is None else choice.connector(catalog, connector).connector_type

    async def work(manager: "ExchangeManager") -> int:
        records = await manager.list_credentials()
        stored = [record for record in records if only in (None, record.connector_type)]
        if problem := manager.vault.index_problem:
            say(problem)
        if not stored:
            say("no credentials are stored")
        print_lines(map(_as_json if as_json else _as_text, stored))
        return OK

    raise typer.Exit(_run(catalog, work))


def try_credentials(
    connector: Connector,
    environment: EnvironmentName = None,
    profile: Profile = "main",
    encrypted_file: InFile = False,
    password_file: PasswordFile = None,
    password_fd: PasswordDescriptor = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    verbose: Verbose = 0,
) -> None:
    """Make a signed, read-only call with stored credentials and say what they may do."""
    password = PasswordSource(password_file, password_fd)
    start_secure(verbose)
    catalog, wanted = _wanted(connector, environment, profile, encrypted_file)

    async def work(manager: "ExchangeManager") -> int:
        from connectors.runtime.package_identity import package_identity

        record = await stored(manager.vault, wanted)
        package = await package_identity(catalog, record.connector_type)
        package.check(record)
        await open_store_of(manager.vault, record, password)
        credentials = await manager.vault.load(*record.key[:3], store=record.store, package=package)
        if credentials is None:
            raise Failure(f"the credentials of {record.name} were deleted a moment ago")
        info = await manager.test_credentials(
            record.connector_type, environment=record.environment, credentials=credentials
        )
        rights = {"read": info.can_read, "trade": info.can_trade, "withdraw": info.can_withdraw}
        if as_json:
            of = {
                "connector": record.connector_type,
                "environment": record.environment,
                "profile": record.profile,
            }
            told = {"account": info.account_id, **rights, "permissions": info.permissions}
            print_lines([json_line({**of, **told})])
        else:
            account = f"account   {clean(info.account_id or 'not told')}"
            print_lines([account, *(f"{right:<8}  {RIGHT_WORDS[may]}" for right, may in rights.items())])
        if info.can_withdraw:
            say("these credentials can withdraw: better use a key that cannot")
        return OK

    raise typer.Exit(_run(catalog, work))


def delete_credentials(
    connector: Connector,
    environment: EnvironmentName = None,
    profile: Profile = "main",
    encrypted_file: InFile = False,
    password_file: PasswordFile = None,
    password_fd: PasswordDescriptor = None,
    verbose: Verbose = 0,
) -> None:
    """Delete stored credentials."""
    password = PasswordSource(password_file, password_fd)
    start_secure(verbose)
    catalog, wanted = _wanted(connector, environment, profile, encrypted_file)

    async def work(manager: "ExchangeManager") -> int:
        record = await stored(manager.vault, wanted)
        await open_store_of(manager.vault, record, password)
        if not await manager.delete_credentials(*record.key[:3], store=record.store):
            raise Failure(f"the credentials of {record.name} were deleted a moment ago")
        say(f"deleted {record.name}")
        return OK

    raise typer.Exit(_run(catalog, work))


def allow_package(
    connector: Connector,
    environment: Annotated[
        str | None, typer.Option("--environment", help="Only these keys; by default all of the connector's.")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="Only this account's; by default all.", show_default=False)
    ] = None,
    verbose: Verbose = 0,
) -> None:
    """Let a connector's package have the credentials that are stored for it.

    Credentials go to the package that they were given to, with the files that it had then. After an upgrade, or where
    another package brings the connector, they are not handed over until this, or a new 'credentials set', says so.
    """
    from catalog.catalog import Catalog
    from tui.command_line import choice

    start_secure(verbose)
    catalog = Catalog.load()
    entry = choice.connector(catalog, connector)

    async def work(manager: "ExchangeManager") -> int:
        given = await manager.allow_package(entry.connector_type, environment, profile)
        if not given:
            raise BadUsage(f"no such credentials are stored for {entry.connector_type}")
        owner = catalog.source(entry.connector_type).package or "barfinex itself"
        say(f"{', '.join(record.name for record in given)}: for {owner} from now on")
        return OK

    raise typer.Exit(_run(catalog, work))


def _named(connector: str) -> "tuple[Catalog, CatalogEntry]":
    from catalog.catalog import Catalog
    from tui.command_line import choice

    catalog = Catalog.load()
    return catalog, choice.connector(catalog, connector)


def _wanted(
    connector: str, environment: str | None, profile: str, encrypted_file: bool
) -> "tuple[Catalog, Wanted]":
    from tui.command_line import choice

    catalog, entry = _named(connector)
    if environment is not None:
        choice.environment(entry, environment)
    return catalog, Wanted(entry, profile, environment, "encrypted-file" if encrypted_file else None)


def _run(catalog: "Catalog", work: "Callable[[ExchangeManager], Awaitable[int]]") -> int:
    from connectors.runtime.manager import ExchangeManager
    from connectors.runtime.vault import CredentialVault
    from tui.command_line.headless import run_headless

    async def with_manager() -> int:
        manager = ExchangeManager(catalog, CredentialVault())
        try:
            return await work(manager)
        finally:
            await manager.close()

    return run_headless(with_manager(), when_interrupted=INTERRUPTED)


def _as_json(record: "StoredCredentials") -> str:
    return json_line(record.as_dict())


def _as_text(record: "StoredCredentials") -> str:
    name = f"{record.connector_type}  {record.environment}  {record.profile}"
    unfinished = "  unfinished: save or delete them again" if record.pending else ""
    package = f"  for the package {record.package}" if record.of_package else ""
    return f"{name}  {', '.join(record.touched)}  ({record.store}){package}{unfinished}"
