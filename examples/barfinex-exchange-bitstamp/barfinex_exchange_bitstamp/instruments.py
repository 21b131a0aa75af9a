"""Instruments from `GET /markets/` (HTTP API, "Market info")."""

import logging
from contextlib import suppress
from decimal import Decimal

import msgspec

from barfinex_exchange_bitstamp import wire
from barfinex_exchange_bitstamp.symbols import SYMBOLS
from catalog.model import MarketType
from connectors.contracts.errors import BadFrame
from connectors.contracts.instruments import Instrument
from connectors.toolkit import FAULTS, bad_frame, clean, decimal_of, decoder

logger = logging.getLogger(__name__)

_SPOT = "SPOT"
_markets = decoder(list[msgspec.Raw])
_market = decoder(wire.Market)


def decode_markets(body: bytes) -> list[Instrument]:
    """The spot pairs of the list. A malformed row is left out and counted in the log. Raises `BadFrame`."""
    try:
        rows = _markets(body)
    except FAULTS as fault:
        raise bad_frame(fault) from None
    markets: list[wire.Market] = []
    for row in rows:
        with suppress(*FAULTS):
            markets.append(_market(bytes(row)))
    SYMBOLS.name_apart(market.market_symbol for market in markets)
    instruments: dict[str, Instrument] = {}
    left_out = len(rows) - len(markets)
    for market in markets:
        if market.market_type.upper() != _SPOT:
            continue
        try:
            instrument = _instrument_of(market)
        except (*FAULTS, BadFrame):
            left_out += 1
            continue
        if instruments.setdefault(instrument.symbol, instrument) is not instrument:
            left_out += 1
    if left_out:
        logger.warning("markets left out: count=%d reason=malformed", left_out)
    if not instruments:
        raise BadFrame("the list has no market that can be read")
    return list(instruments.values())


def _instrument_of(market: wire.Market) -> Instrument:
    status = clean(market.trading, 32).upper()
    return Instrument(
        symbol=SYMBOLS[market.market_symbol],
        base_asset=clean(market.base_currency, 32),
        quote_asset=clean(market.counter_currency, 32),
        venue_symbol=market.market_symbol,
        market_type=MarketType.SPOT,
        tick_size=Decimal(1).scaleb(-market.counter_decimals),
        lot_size=Decimal(1).scaleb(-market.base_decimals),
        min_quantity=_limit(market.minimum_order_amount),
        max_quantity=_limit(market.maximum_order_amount),
        min_notional=_limit(market.minimum_order_value),
        status=status,
        tradable=status == "ENABLED",
    )


def _limit(text: str | None) -> Decimal | None:
    if text is None:
        return None
    number = decimal_of(text)
    if number < 0:
        raise BadFrame("a limit is negative")
    return number or None
