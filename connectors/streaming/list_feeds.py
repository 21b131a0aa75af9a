"""Feeds of frames that hold many events: a venue's arrays, and the lists of a polled venue, which repeat themselves."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from connectors.contracts.events import Candle, Trade
from connectors.runtime.foreign import pass_ours
from connectors.streaming.candle_feed import CandleFeed
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import TradeFeed
from connectors.streaming.silence_check import SilenceCheck

T = TypeVar("T")


class TradeListFeed(TradeFeed):
    """As `TradeFeed`, of lists: each trade once, however many lists hold it."""

    def __init__(
        self,
        channel: Channel,
        decode: Callable[[bytes], Sequence[Trade]],
        *,
        consecutive: bool,
        check: SilenceCheck | None = None,
        from_now: bool = False,
    ) -> None:
        """`decode` gives the oldest first, whatever the venue's order is; an empty list is no news.

        `from_now`: the first list was traded before anybody asked, and is only remembered.
        """
        super().__init__(channel, lambda frame: decode(frame)[-1], consecutive=consecutive, check=check)
        self._decode_list = decode
        self._begun = not from_now

    def frame(self, frame: bytes) -> None:
        trades = self._decode_list(frame)
        # A list as long as this may come again: its oldest must still be known then.
        self._kept = max(self._kept, len(trades))
        begun, self._begun = self._begun, True
        if begun:
            _each(self._trade, trades)
        else:
            _each(self._is_news, trades)

    def _trade(self, trade: Trade) -> None:
        if self._is_news(trade):
            self.deliver(trade)

    def _is_news(self, trade: Trade) -> bool:
        return self._is_due(int(trade.trade_id), trade) if self._consecutive else self._is_new(trade)


class CandleListFeed(CandleFeed):
    """As `CandleFeed`, of lists. A closed candle that the next list holds once more is not given again."""

    def __init__(
        self,
        channel: Channel,
        decode: Callable[[bytes], Sequence[Candle]],
        *,
        says_closed: bool = True,
        check: SilenceCheck | None = None,
    ) -> None:
        """`decode` gives the oldest first. Two candles are enough: the open one, and the last value of the closed."""
        super().__init__(channel, lambda frame: decode(frame)[-1], says_closed=says_closed, check=check)
        self._decode_list = decode

    def frame(self, frame: bytes) -> None:
        candles = self._read(self._decode_list, frame)
        # A list as long as this may come again: its oldest must still be known then.
        self._kept = max(self._kept, 2 * len(candles))
        _each(self._take, candles)


def _each(take: Callable[[T], object], events: Iterable[T]) -> None:
    """One event after the other; what a consumer raises at one is raised when it has had them all."""
    failure: BaseException | None = None
    for event in events:
        try:
            take(event)
        except BaseException as error:  # noqa: BLE001 - a fault at one event must not cost those after it
            pass_ours(error)
            failure = error
    if failure is not None:
        raise failure
