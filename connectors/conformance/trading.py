"""The emulator's keys in a connector's own fields, and orders that rest or fill there."""

from decimal import ROUND_DOWN, ROUND_UP, Decimal

from connectors.conformance.case import CaseFailed
from connectors.conformance.pairs import Pair
from connectors.conformance.rig import Rig
from connectors.conformance.subject import Subject
from connectors.contracts.orders import OrderRequest, OrderType, TimeInForce
from connectors.emulator.accounts import TRADE_KEY, TRADE_SECRET
from connectors.emulator.dialect import GivesCredentials

_SECRETS = ("secret", "private")
_VALUE = Decimal(200)
"""What an order is worth, in the quote asset: well above any venue's least."""


def venue_credentials(subject: Subject, key: str = TRADE_KEY, secret: str = TRADE_SECRET) -> dict[str, str]:
    """The connector's fields for one of the emulator's keys: as its dialect says, or by the fields' names.

    Raises `CaseFailed` where neither tells.
    """
    venue = subject.venue
    if isinstance(venue, GivesCredentials):
        return venue.credentials(key, secret)
    fields = [field.key for field in subject.entry.credentials]
    of_secret = next((name for name in fields if any(part in name.lower() for part in _SECRETS)), None)
    of_key = next((name for name in fields if "key" in name.lower() and name != of_secret), None)
    if of_key is None or of_secret is None:
        raise CaseFailed(
            "the emulator module has a function credentials(key, secret), as the fields are no key and secret"
        )
    return {of_key: key, of_secret: secret}


def resting_order(rig: Rig, *, client_order_id: str | None = None, pair: Pair | None = None) -> OrderRequest:
    """A buy far below the market: it stands until it is cancelled."""
    pair = pair or rig.pairs[0]
    best = pair.listing.book.bids.best or 1
    price = stepped(pair.listing.instrument.price(best) * Decimal("0.9"), pair.instrument.tick_size)
    return limit_order(pair, price, client_order_id=client_order_id)


def limit_order(
    pair: Pair, price: Decimal, *, client_order_id: str | None = None, value: Decimal = _VALUE
) -> OrderRequest:
    return OrderRequest(
        instrument=pair.instrument,
        side="buy",
        type=OrderType.LIMIT,
        quantity=stepped(value / price, pair.instrument.lot_size, up=True),
        price=price,
        time_in_force=TimeInForce.GTC,
        client_order_id=client_order_id,
    )


def stepped(number: Decimal, step: Decimal | None, *, up: bool = False) -> Decimal:
    """The nearest multiple of a step that is not above (or, `up`, not below) the number."""
    size = step or Decimal("0.00000001")
    return (number / size).to_integral_value(ROUND_UP if up else ROUND_DOWN) * size
