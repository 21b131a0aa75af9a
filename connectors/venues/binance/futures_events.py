"""Events of the USD-M futures account stream."""

from catalog.text import clean
from connectors.contracts.orders import AccountUpdate, Balance, Position
from connectors.rest.numbers import decimal_of
from connectors.venues.binance import futures_wire as wire
from connectors.venues.binance.decode import FAULTS, bad_frame, decoder
from connectors.venues.binance.symbols import SYMBOLS
from connectors.venues.binance.wire import Envelope

_bare = decoder(wire.FuturesAccountFrame)
_enveloped = decoder(Envelope[wire.FuturesAccountFrame])


def decode_futures_account(frame: bytes) -> AccountUpdate | None:
    """An event of the account's stream; `None` for those that name neither balances nor positions.

    The stream tells wallet balances: what stands behind isolated positions is locked, the rest is free. How much of
    that is bound as cross margin only `get_assets_info` tells. Raises `BadFrame`.
    """
    try:
        event = _bare(frame)
    except FAULTS as fault:
        if not frame.startswith(b'{"stream"'):
            raise bad_frame(fault) from None
        try:
            event = _enveloped(frame).data
        except FAULTS as inner:
            raise bad_frame(inner) from None
    changes = event.changes if event.event == "ACCOUNT_UPDATE" else None
    if changes is None:
        return None
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
            )
            for each in changes.positions
        ),
    )


def _changed_balance(each: wire.ChangedBalance) -> Balance:
    wallet, cross = decimal_of(each.wallet), decimal_of(each.cross_wallet)
    return Balance(clean(each.asset, 32), cross, wallet - cross)
