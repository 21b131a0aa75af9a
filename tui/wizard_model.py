"""The setup wizard without its screen: what is asked, whether an answer can be right, what a refusal means."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.text import clean, clean_message
from connectors.contracts import errors
from connectors.contracts.credentials import Secret
from connectors.runtime.pasted_values import LONGEST, tidied
from tui.catalog_text import is_live

if TYPE_CHECKING:
    from catalog.model import CatalogEntry, CredentialField
    from connectors.contracts.orders import AccountInfo

VALUE_LIMIT = LONGEST
PROFILE_FORM = re.compile(r"[a-z0-9][a-z0-9_-]{0,19}")
DEFAULT_PROFILE = "main"


@dataclass(slots=True)
class Draft:
    """What was answered so far. It holds secrets: no repr, and `wipe` before it is let go."""

    environment: str
    profile: str = DEFAULT_PROFILE
    values: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    account: "AccountInfo | None" = None

    def wipe(self) -> None:
        self.values.clear()
        self.account = None


def read_value(item: "CredentialField", raw: str) -> tuple[str, str | None]:
    """The value as it is meant, and why it cannot be right, or `None`. Never quotes the value."""
    if len(raw) > VALUE_LIMIT:
        return raw, f"is longer than {VALUE_LIMIT:,} characters"
    secret, fault = tidied(item, Secret(raw))
    value = secret.reveal()
    if not value:
        return "", "is needed" if item.required else None
    # A key of several lines ends in a line break, as PEM wants it.
    return (f"{value}\n" if item.type in ("multiline", "file") and "\n" in value else value), fault


def read_file(path_text: str) -> tuple[str, str | None]:
    """(content, problem) of the file a `file` field names."""
    path = Path(path_text.strip()).expanduser()
    try:
        if not path.is_file():
            return "", "names no file"
        if path.stat().st_size > VALUE_LIMIT:
            return "", f"names a file of more than {VALUE_LIMIT:,} bytes"
        return path.read_text(encoding="utf-8-sig"), None
    except UnicodeDecodeError:
        return "", "names a file that is not text"
    except OSError as error:
        return "", f"cannot be read: {clean(error.strerror or type(error).__name__)}"


def profile_problem(profile: str) -> str | None:
    if PROFILE_FORM.fullmatch(profile):
        return None
    return "must be 1 to 20 characters: a to z, 0 to 9, - and _"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What went wrong in plain words: what happened, what it is likely to be, what the other side said."""

    title: str
    causes: Sequence[str]
    said: str


def explain(error: BaseException, entry: "CatalogEntry", environment: str) -> Explanation:
    """Put a failed test of credentials into words."""
    title, causes = _causes(error, clean(entry.display_name), environment)
    return Explanation(title, causes, clean_message(error))


def _causes(error: BaseException, name: str, environment: str) -> tuple[str, Sequence[str]]:
    if isinstance(error, errors.AuthenticationFailed):
        other = "the test system" if is_live(environment) else "the live venue"
        return f"{name} refused the key.", (
            "A part is missing or swapped: key and secret must be of the same pair, copied whole.",
            f"The key is of {other}: here it is used on {environment}.",
            "The key was deleted, has expired, or was made a moment ago and is not known everywhere yet.",
        )
    if isinstance(error, errors.PermissionDenied):
        return "The key is right, but it may not do this.", (
            "This computer's address is not on the key's IP list.",
            "Reading is not among the key's rights: switch it on at the venue.",
        )
    if isinstance(error, errors.TimestampRejected):
        return f"{name} finds this computer's clock wrong.", (
            "Set the clock by the network (NTP) and try again.",
        )
    if isinstance(error, errors.RateLimited):
        wait = f"Wait {error.retry_after:.0f} seconds" if error.retry_after else "Wait a minute"
        shut = "The venue has shut this address out for a while." if error.banned else "Too many requests."
        return f"{name} asks us to wait.", (shut, f"{wait}, then try again.")
    if isinstance(error, errors.VenueUnavailable):
        return f"{name} is not available now.", ("Maintenance or overload at the venue: try again later.",)
    if isinstance(error, (errors.RequestTimeout, TimeoutError)):
        return f"{name} did not answer in time.", (
            "The network is slow or a firewall drops the connection.",
            "The venue is slow: try again.",
        )
    if isinstance(error, errors.TransportError):
        local = environment == "local"
        cause = "The local emulator is not running." if local else "No network, or the name does not resolve."
        return f"{name} could not be reached.", (cause, "A proxy or firewall is in the way.")
    if isinstance(error, (errors.MissingCredentials, errors.InvalidCredentials)):
        return "A field cannot be right.", ("Go back and look at the field that is named below.",)
    if isinstance(error, errors.BadRequest):
        return f"{name} does not understand the request.", (
            "The key has a form the venue does not know: copy it again.",
        )
    if isinstance(error, errors.UsageError):
        return "This cannot be tested.", ("The reason is below.",)
    return f"{name} answered in a way that is not understood.", (
        "Try again; if it stays so, it is a defect.",
    )


@dataclass(frozen=True, slots=True)
class Right:
    """One right of a key, told by word as well as by glyph."""

    name: str
    glyph: str
    word: str
    style: str


def _right(name: str, held: bool | None, *, good: bool) -> Right:
    if held is None:
        return Right(name, "?", "unknown: the venue does not say", "$warning")
    style = "$success" if held is good else "bold $error" if held else "$muted-text"
    return Right(name, "✓" if held else "–", "yes" if held else "no", style)


def rights(account: "AccountInfo") -> list[Right]:
    """What the key may do, for the screen."""
    restricted = account.ip_restricted
    if restricted is None:
        address = Right("Only from listed IPs", "?", "unknown: the venue does not say", "$warning")
    elif restricted:
        address = Right("Only from listed IPs", "✓", "yes", "$success")
    else:
        address = Right("Only from listed IPs", "–", "no: anybody who has the key can use it", "$warning")
    return [
        _right("Read", account.can_read, good=True),
        _right("Trade", account.can_trade, good=True),
        _right("Withdraw", account.can_withdraw, good=False),
        address,
    ]


def withdrawal_warning(account: "AccountInfo") -> str | None:
    if account.can_withdraw:
        return (
            "This key CAN WITHDRAW. Nothing here needs that: whoever gets the key can empty the account. "
            "Better make a key without the right to withdraw and use that one."
        )
    if account.can_withdraw is None:
        return "The venue does not say whether this key can withdraw: look it up there."
    return None


def store_trouble(error: BaseException) -> tuple[str, str]:
    """(what is wrong with the secret store, what to do)."""
    if isinstance(error, errors.StoreLocked):
        return "The keyring is locked.", "Unlock it: a prompt opens on the desktop. Or choose another place."
    if isinstance(error, errors.StoreTimeout):
        return "The keyring does not answer.", "Look for a prompt on the desktop, then try again."
    if isinstance(error, errors.StoreUnavailable):
        return "There is no keyring on this computer.", "Choose another place below."
    if isinstance(error, errors.WrongPassword):
        return "The password does not open the encrypted file.", "Try again, or choose another place."
    return "The secret store failed.", "Try again, or choose another place."


def missing_labels(entry: "CatalogEntry", values: Mapping[str, str]) -> list[str]:
    return [item.label for item in entry.required_credentials if not values.get(item.key)]
