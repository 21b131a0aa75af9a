"""Every error the library raises on purpose.

`retryable` says whether the same call may succeed later without a change: a refusal is not, a fault on the way is.
The text of each is one plain line that says what is wrong and, where it can, what to do; venue text in it is cleaned.
"""

from collections.abc import Iterable

from catalog.text import MESSAGE_LIMIT, clean


class BarfinexError(Exception):
    """The root of the tree."""

    retryable = False

    def __str__(self) -> str:
        return clean(super().__str__(), MESSAGE_LIMIT)


# --- what was asked for does not exist or is not offered ---------------------------------------------------------


class UsageError(BarfinexError):
    """The call names something that does not exist or that this connector does not offer."""


class UnknownConnector(UsageError):
    """The catalog has no such type."""

    def __init__(self, connector_type: str) -> None:
        super().__init__(f"unknown connector '{clean(connector_type)}'; 'barfinex catalog' lists them")


class BrokenConnector(UsageError):
    """Its code cannot be loaded or is incomplete; the reason is in the text."""

    def __init__(self, connector_type: str, reason: str) -> None:
        self.reason = clean(reason, MESSAGE_LIMIT)
        super().__init__(f"connector '{clean(connector_type)}' is broken: {self.reason}")


class ComingSoon(UsageError):
    """The catalog lists it, and there is no code yet."""

    def __init__(self, display_name: str) -> None:
        super().__init__(f"{clean(display_name)} is in the catalog but has no connector yet (coming soon)")


class UnsupportedMarket(UsageError):
    """The connector does not do this market."""

    def __init__(self, connector_type: str, market: str, supported: Iterable[str]) -> None:
        super().__init__(
            f"'{clean(connector_type)}' has no market '{clean(market)}'; it has {', '.join(supported) or 'none'}"
        )


class UnsupportedEnvironment(UsageError):
    """The entry names no such environment."""

    def __init__(self, connector_type: str, environment: str, supported: Iterable[str]) -> None:
        super().__init__(
            f"'{clean(connector_type)}' has no environment '{clean(environment)}'; "
            f"it has {', '.join(supported) or 'none'}"
        )


class UnsupportedTimeFrame(UsageError):
    """The venue has no candles of this length: none is silently put in its place."""

    def __init__(self, time_frame: str, supported: Iterable[str]) -> None:
        super().__init__(f"unsupported interval '{clean(time_frame)}'; choose one of {', '.join(supported)}")


class UnknownSymbol(UsageError):
    """The market lists no such symbol."""

    def __init__(self, symbol: str, where: str) -> None:
        super().__init__(f"unknown symbol '{clean(symbol)}' on {clean(where)}")


class NotSupported(UsageError):
    """The venue has no such thing (a data provider takes no orders)."""


class NotYetImplemented(UsageError):
    """The venue has it, this connector does not do it yet."""


class NotActive(UsageError):
    """`reason`: why its activation failed, where it was tried."""

    def __init__(self, connector_type: str, market: str, reason: str | None = None) -> None:
        name = f"'{clean(connector_type)}:{clean(market)}'"
        super().__init__(
            f"{name} is not active: {reason}" if reason else f"{name} is not active; activate it first"
        )


class MissingCredentials(UsageError):
    """Required fields are empty; they are named by label."""

    def __init__(self, display_name: str, labels: Iterable[str]) -> None:
        self.labels = tuple(labels)
        super().__init__(f"{clean(display_name)} needs: {', '.join(self.labels)}")


class InvalidCredentials(UsageError):
    """A field has a form that cannot be right (unknown key, not a URL, not a PEM key)."""


class InvalidOrder(UsageError):
    """The order is refused before anything is sent (finer than the lot or tick, outside the limits)."""


# --- what the venue answered --------------------------------------------------------------------------------------


class VenueError(BarfinexError):
    """The venue answered with an error. `code` is its own code, where it sent one."""

    def __init__(self, message: str, *, code: int | str | None = None, status: int | None = None) -> None:
        self.code = code
        self.status = status
        super().__init__(message)


class AuthenticationFailed(VenueError):
    """The key, its signature or its format is wrong."""


class PermissionDenied(VenueError):
    """The key is right but may not do this, or not from this address."""


class BadRequest(VenueError):
    """The venue calls the request malformed."""


class BadSymbol(VenueError):
    """The venue does not know the symbol."""


class InsufficientFunds(VenueError):
    """Balance or margin is too small."""


class OrderRejected(VenueError):
    """The venue refused the order: positive evidence that it does not stand."""


class OrderNotFound(VenueError):
    """The venue knows no such order."""


class DuplicateOrder(OrderRejected):
    """The client order id was used before."""


class TimestampRejected(VenueError):
    """The request's time is outside the venue's window: the clock offset must be measured anew."""

    retryable = True


class RateLimited(VenueError):
    """Too many requests. `retry_after` is in seconds; `banned` where the venue shut the address out."""

    retryable = True

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        banned: bool = False,
        code: int | str | None = None,
        status: int | None = None,
    ) -> None:
        self.retry_after = retry_after
        self.banned = banned
        super().__init__(message, code=code, status=status)


class VenueUnavailable(VenueError):
    """Maintenance, overload or a 5xx."""

    retryable = True


class BadResponse(VenueError):
    """The venue's answer cannot be understood."""

    retryable = True


# --- what happened on the way --------------------------------------------------------------------------------------


class TransportError(BarfinexError):
    """The venue could not be reached or did not answer in time."""

    retryable = True


class ConnectionFailed(TransportError):
    """No connection, or it broke."""


class CertificateNotTrusted(ConnectionFailed):
    """The certificate is signed by nobody that this machine trusts, is out of date, or is another host's."""

    retryable = False


class RequestTimeout(TransportError):
    """No answer in time; whether the request was carried out is unknown."""


class SubscriptionFailed(TransportError):
    """The venue refused a subscription or did not acknowledge it in time. `refused` where trying again is in vain."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        self.retryable = not refused
        super().__init__(message)


class OrderOutcomeUnknown(BarfinexError):
    """The order was sent and its fate is unknown: look it up by its client id, never send it again blindly."""


# --- frames ---------------------------------------------------------------------------------------------------------


class BadFrame(BarfinexError):
    """A frame that does not decode, or whose numbers are out of range. It is counted and dropped."""


# --- the secret store ------------------------------------------------------------------------------------------------


class SecretStoreError(BarfinexError):
    """The secret store did not do what was asked."""


class StoreUnavailable(SecretStoreError):
    """There is no store on this machine."""


class StoreLocked(SecretStoreError):
    """The store is there but locked."""

    retryable = True


class StoreTimeout(SecretStoreError):
    """The store did not answer in time: an unlock prompt may be open."""

    retryable = True


class WrongPassword(SecretStoreError):
    """The encrypted file was not opened: wrong password, or it was altered."""
