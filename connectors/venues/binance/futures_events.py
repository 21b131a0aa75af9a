"""Events of the USD-M futures account stream."""

from collections.abc import Mapping

import msgspec

from catalog.text import clean
from connectors.contracts.orders import AccountUpdate, Balance, Position, PositionSide
from connectors.rest.numbers import decimal_of
from connectors.venues.binance import futures_wire as wire
from connectors.venues.binance.decode import FAULTS, bad_frame, decoder
from connectors.venues.binance.symbols import SYMBOLS
from connectors.venues.binance.unknown_events import passed_over
from connectors.venues.binance.wire import Envelope, EventName

_envelope = decoder(Envelope[msgspec.Raw])
_event_name = decoder(EventName)
_account_update = decoder(wire.FuturesAccountUpdate)
_WITHOUT_HOLDINGS = frozenset(
    {
        "ACCOUNT_CONFIG_UPDATE",
        "ALGO_UPDATE",
        "CONDITIONAL_ORDER_TRIGGER_REJECT",
        "GRID_UPDATE",
        "MARGIN_CALL",
        "ORDER_TRADE_UPDATE",
        "STRATEGY_UPDATE",
        "TRADE_LITE",
        "listenKeyExpired",
        "serverShutdown",
    }
)
SIDES: Mapping[wire.PositionSide, PositionSide | None] = {"BOTH": None, "LONG": "long", "SHORT": "short"}


def decode_futures_account(frame: bytes) -> AccountUpdate | None:
    """An event of the account's stream; `None` for those that name neither balances nor positions, or are not known.

    The stream tells wallet balances: what stands behind isolated positions is locked, the rest is free. How much of
    that is bound as cross margin only `get_assets_info` tells. Raises `BadFrame`.
    """
    try:
        payload = bytes(_envelope(frame).data) if frame.startswith(b'{"stream"') else frame
        name = _event_name(payload).event
        event = _account_update(payload) if name == "ACCOUNT_UPDATE" else None
    except FAULTS as fault:
        raise bad_frame(fault) from None
    if event is None:
        if name not in _WITHOUT_HOLDINGS:
            passed_over(name)
        return None
    changes = event.changes
    return AccountUpdate(
        event.event_time,
        tuple(_changed_balance(each) for each in changes.balances),
        tuple(
            Position(
                SYMBOLS[each.symbol],
                decimal_of(each.amount),
                decimal_of(each.entry_price),
                None,
                decimal_of(each.unrealized_profit),
                side=SIDES[each.side],
            )
            for each in changes.positions
        ),
    )


def _changed_balance(each: wire.ChangedBalance) -> Balance:
    wallet, cross = decimal_of(each.wallet), decimal_of(each.cross_wallet)
    return Balance(clean(each.asset, 32), cross, wallet - cross)
