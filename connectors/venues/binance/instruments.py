"""Instruments from `exchangeInfo`."""

import logging
from contextlib import suppress
from decimal import Decimal

import msgspec

from catalog.model import MarketType
from catalog.text import clean
from connectors.contracts.errors import BadFrame
from connectors.contracts.instruments import Instrument
from connectors.rest.numbers import decimal_of
from connectors.venues.binance import wire
from connectors.venues.binance.decode import FAULTS, bad_frame
from connectors.venues.binance.symbols import SYMBOLS

logger = logging.getLogger(__name__)

_symbol_info = msgspec.json.Decoder(wire.SymbolInfo)


def instruments_of(info: wire.ExchangeInfo, market_type: MarketType) -> list[Instrument]:
    """Every symbol of the market, in the venue's order. A malformed one is left out and counted in the log."""
    rows: list[wire.SymbolInfo] = []
    for raw in info.symbols:
        with suppress(*FAULTS):
            rows.append(_symbol_info.decode(raw))
    SYMBOLS.name_apart(row.symbol for row in rows)
    instruments: dict[str, Instrument] = {}
    left_out = len(info.symbols) - len(rows)
    for row in rows:
        try:
            instrument = _instrument_of(row, market_type)
        except (*FAULTS, BadFrame):
            left_out += 1
            continue
        if instruments.setdefault(instrument.symbol, instrument) is not instrument:
            left_out += 1
    if left_out:
        logger.warning("symbols left out: count=%d market=%s reason=malformed", left_out, market_type.value)
    if info.symbols and not instruments:
        raise BadFrame("no symbol of the instrument list can be read")
    return list(instruments.values())


def decode_exchange_info(body: bytes) -> wire.ExchangeInfo:
    """The answer of `exchangeInfo`. Raises `BadFrame`."""
    try:
        return _exchange_info.decode(body)
    except FAULTS as fault:
        raise bad_frame(fault) from None


_exchange_info = msgspec.json.Decoder(wire.ExchangeInfo)
_NO_FILTER = wire.SymbolFilter("")


def _instrument_of(info: wire.SymbolInfo, market_type: MarketType) -> Instrument:
    filters = {each.filter_type: each for each in info.filters}
    price = filters.get("PRICE_FILTER", _NO_FILTER)
    lot = filters.get("LOT_SIZE", _NO_FILTER)
    notional = filters.get("NOTIONAL") or filters.get("MIN_NOTIONAL", _NO_FILTER)
    status = clean(info.status, 32).upper()
    return Instrument(
        symbol=SYMBOLS[info.symbol],
        base_asset=clean(info.base_asset, 32),
        quote_asset=clean(info.quote_asset, 32),
        venue_symbol=info.symbol,
        market_type=market_type,
        tick_size=_limit(price.tick_size),
        lot_size=_limit(lot.step_size),
        min_quantity=_limit(lot.min_qty),
        max_quantity=_limit(lot.max_qty),
        min_notional=_limit(notional.min_notional or notional.notional),
        min_price=_limit(price.min_price),
        max_price=_limit(price.max_price),
        status=status,
        tradable=status == "TRADING",
        margin_allowed=info.is_margin_trading_allowed,
    )


def _limit(text: str | None) -> Decimal | None:
    """A filter's bound; the venue writes zero where it is switched off."""
    if text is None:
        return None
    number = decimal_of(text)
    if number < 0:
        raise BadFrame("a limit is negative")
    return number or None
