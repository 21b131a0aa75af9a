"""The venue's errors: `{"code": ..., "msg": ...}` and the HTTP status each comes with (errors.md)."""

from connectors.emulator.orders import Refusal


class VenueRefusal(Exception):
    """A request that the venue answers with an error."""

    def __init__(self, code: int, message: str, *, status: int = 400, retry_after: int | None = None) -> None:
        self.code, self.message, self.status, self.retry_after = code, message, status, retry_after
        super().__init__(f"{code}: {message}")

    @property
    def content(self) -> dict[str, object]:
        return {"code": self.code, "msg": self.message}


def missing(name: str) -> VenueRefusal:
    return VenueRefusal(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")


def empty(name: str) -> VenueRefusal:
    return VenueRefusal(-1105, f"Parameter '{name}' was empty.")


def illegal(name: str, legal: str) -> VenueRefusal:
    return VenueRefusal(-1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'.")


def unread(read: int, sent: int) -> VenueRefusal:
    if read == 0:
        return VenueRefusal(-1101, f"Too many parameters; expected '0' and received '{sent}'.")
    return VenueRefusal(
        -1104, f"Not all sent parameters were read; read '{read}' parameter(s) but was sent '{sent}'."
    )


def not_required(name: str) -> VenueRefusal:
    return VenueRefusal(-1106, f"Parameter '{name}' sent when not required.")


def too_precise(name: str) -> VenueRefusal:
    return VenueRefusal(-1111, f"Parameter '{name}' has too much precision.")


def invalid_data(name: str) -> VenueRefusal:
    return VenueRefusal(-1130, f"Data sent for parameter '{name}' is not valid.")


def filter_failure(name: str) -> VenueRefusal:
    return VenueRefusal(-1013, f"Filter failure: {name}")


BAD_SYMBOL = (-1121, "Invalid symbol.")
CLOSED = (-1013, "Market is closed.")
BAD_INTERVAL = (-1120, "Invalid interval.")
BAD_SIDE = (-1117, "Invalid side.")
BAD_TYPE = (-1116, "Invalid orderType.")
BAD_TIME_IN_FORCE = (-1115, "Invalid timeInForce.")
BAD_COMBINATION = (-1128, "Combination of optional parameters invalid.")
BAD_SIGNATURE = (-1022, "Signature for this request is not valid.")
BAD_KEY_FORMAT = (-2014, "API-key format invalid.")
BAD_KEY = (-2015, "Invalid API-key, IP, or permissions for action.")
STALE = (-1021, "Timestamp for this request is outside of the recvWindow.")
AHEAD = (-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
LONG_WINDOW = (-1131, "recvWindow must be less than 60000.")
NO_ORDER = (-2013, "Order does not exist.")
RANGE_TOO_LONG = (-1127, "More than 24 hours between startTime and endTime.")

_REFUSALS: dict[Refusal, tuple[int, str]] = {
    Refusal.INSUFFICIENT_BALANCE: (-2010, "Account has insufficient balance for requested action."),
    Refusal.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    Refusal.DUPLICATE: (-2010, "Duplicate order sent."),
    Refusal.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
}


def refused(reason: Refusal) -> VenueRefusal:
    """The engine's refusal in the venue's words."""
    return VenueRefusal(*_REFUSALS[reason])
