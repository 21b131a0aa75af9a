"""Connectors whose adapters are impure, credulous or merely wrong."""

import itertools
import random
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from connectors.contracts.errors import BadFrame, NotYetImplemented
from connectors.contracts.events import Candle, Trade
from connectors.contracts.timeframes import TimeFrame
from tests.connectors.conformance.wrong.base import Wrong, adapted

Change = Callable[[Any], Any]


def _trades(change: Change) -> Callable[[Any], Callable[..., Any]]:
    """The trade adapter with every event changed before it is delivered."""
    return lambda right: lambda handler: right.create_trade_adapter(lambda event: handler(change(event)))


def _changing(name: str, case: str, told: str, change: Change) -> Wrong:
    return Wrong(name, case, told, lambda _: adapted(name, create_trade_adapter=_trades(change)))


def _reading(name: str, case: str, told: str, read: Callable[[Any, Any, Any], None]) -> Wrong:
    """A trade adapter that reads a frame its own way: `read(right, handler, frame)`."""

    def wrong(right: Any) -> Callable[..., Any]:
        def create(handler: Any) -> Any:
            return lambda market: (
                lambda frame: read(right.create_trade_adapter(handler)(market), handler, frame)
            )

        return create

    return Wrong(name, case, told, lambda _: adapted(name, create_trade_adapter=wrong))


def _swallows(right: Any, handler: Any, frame: Any) -> None:
    with suppress(BadFrame):
        right(frame)


def _raises_value_error(right: Any, handler: Any, frame: Any) -> None:
    try:
        right(frame)
    except BadFrame as error:
        raise ValueError(str(error)) from None


def _delivers_first(right: Any, handler: Any, frame: Any) -> None:
    handler(Trade("BTCUSDT", 0.0, 0.0, 0, "buy", ""))
    right(frame)


def _decodes_naively(right: Any, handler: Any, frame: Any) -> None:
    """Any number is good enough for it."""
    try:
        right(frame)
    except BadFrame:
        try:
            data = (frame if isinstance(frame, dict) else msgspec.json.decode(frame))["data"]
            symbol, price, quantity = str(data["s"]), float(data["p"]), float(data["q"])
            handler(Trade(symbol, price, quantity, int(data["T"]), "sell", str(data["t"])))
        except (TypeError, ValueError, LookupError, UnicodeError, RecursionError, msgspec.MsgspecError):
            raise BadFrame("not a trade") from None


def _bytes_only(right: Any, handler: Any, frame: Any) -> None:
    if not isinstance(frame, bytes | str):
        raise BadFrame("a frame is bytes or text")
    right(frame)


def _by_the_clock(trade: Trade) -> Trade:
    return msgspec.structs.replace(trade, timestamp=int(time.time() * 1000))


def _by_chance(trade: Trade) -> Trade:
    return msgspec.structs.replace(trade, trade_id=str(random.random()))


def _from_a_file(trade: Trade) -> Trade:
    with open("/dev/null") as file:
        return msgspec.structs.replace(trade, trade_id=trade.trade_id + file.read())


_count = itertools.count()


def _counted(trade: Trade) -> Trade:
    return msgspec.structs.replace(trade, trade_id=f"{trade.trade_id}-{next(_count)}")


def _other_side(trade: Trade) -> Trade:
    return msgspec.structs.replace(trade, side="sell" if trade.side == "buy" else "buy")


def _candles(right: Any) -> Callable[..., Any]:
    def create(options: Any) -> Any:
        def shrunk(candle: Candle) -> None:
            options.handler(msgspec.structs.replace(candle, volume=candle.volume / 2))

        return right.create_candle_adapter(type(options)(interval=options.interval, handler=shrunk))

    return create


def _refuses(right: Any) -> Callable[..., Any]:
    def create(handler: Any) -> Any:
        raise NotYetImplemented("trades come later")

    return create


def _converts(name: str, case: str, told: str, convert: Callable[[Any, Any], Any]) -> Wrong:
    return Wrong(
        name,
        case,
        told,
        lambda _: adapted(
            name, convert_time_frame=lambda right: lambda frame: convert(right.convert_time_frame, frame)
        ),
    )


def _day_for_week(right: Any, frame: Any) -> Any:
    return right(TimeFrame.D1 if frame is TimeFrame.W1 else frame)


def _minute_for_none(right: Any, frame: Any) -> Any:
    return {one.value: one.value for one in TimeFrame}.get(frame, "1m")


ADAPTERS = (
    Wrong(
        "refuses trades that it claims",
        "A01",
        "the trade adapter is refused",
        lambda _: adapted("refuses", create_trade_adapter=_refuses),
    ),
    Wrong(
        "makes no adapter of a market",
        "A01",
        "is NoneType, not a function",
        lambda _: adapted("none", create_trade_adapter=lambda right: lambda handler: lambda market: None),
    ),
    _reading("swallows noise", "A02", "passes over it instead of raising BadFrame", _swallows),
    _reading("raises ValueError", "A02", "raises ValueError instead of BadFrame", _raises_value_error),
    _reading("delivers before it decodes", "A02", "calls its handler", _delivers_first),
    _reading("lets infinity through", "A03", "delivers it: Trade of", _decodes_naively),
    _changing("stamps by the clock", "A04", "time.time", _by_the_clock),
    _changing("numbers by chance", "A04", "random.random", _by_chance),
    _changing("reads a file", "A04", "open", _from_a_file),
    _changing("counts", "A05", "the first time", _counted),
    _changing("takes the other side", "A06", "the trade adapter gives", _other_side),
    Wrong(
        "halves volumes",
        "A06",
        "the candle adapter gives",
        lambda _: adapted("halves", create_candle_adapter=_candles),
    ),
    _reading("reads bytes alone", "A07", "as decoded JSON, refuses it", _bytes_only),
    _converts("gives another interval", "T01", "silent substitute", _day_for_week),
    _converts("gives no name", "T01", "which is no name", lambda right, frame: right(frame) and ""),
    _converts(
        "takes what it does not know for a minute", "T02", "instead of UnsupportedTimeFrame", _minute_for_none
    ),
)
