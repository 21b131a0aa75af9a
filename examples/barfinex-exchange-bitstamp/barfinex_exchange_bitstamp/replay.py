"""Bitstamp's part of a replay: what its requests subscribe to, and which REST answers matter."""

import json
import re
from urllib.parse import urlsplit

from barfinex_exchange_bitstamp import wire
from barfinex_exchange_bitstamp.decode import update_of
from barfinex_exchange_bitstamp.instruments import decode_markets
from barfinex_exchange_bitstamp.ws import plan_for
from catalog.model import MarketType
from connectors.contracts.errors import UnsupportedMarket
from connectors.toolkit import FAULTS, Answer, PlanReplay, Requested, bad_frame, decoder

_BOOK_PATH = re.compile(r".*/order_book/([a-z0-9-]{1,64})/")
_book = decoder(wire.BookData)


def replay(market_type: MarketType) -> PlanReplay:
    """Raises `UnsupportedMarket`."""
    if market_type is not MarketType.SPOT:
        raise UnsupportedMarket("bitstamp", market_type.value, [MarketType.SPOT.value])
    return PlanReplay(plan_for("wss://recording"), requests=requested, answers=answer)


def requested(frame: bytes) -> Requested:
    """What a sent frame subscribes to and leaves. Never raises."""
    try:
        request = json.loads(frame)
        event, channel = request["event"], str(request["data"]["channel"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return Requested()
    match event:
        case "bts:subscribe":
            return Requested(subscribed=(channel,))
        case "bts:unsubscribe":
            return Requested(unsubscribed=(channel,))
        case _:
            return Requested()


def answer(url: str, body: bytes) -> Answer:
    """Books and the instrument list. A path may stand behind another, as behind a gateway. Raises `BadFrame`."""
    path = urlsplit(url).path
    if path.endswith("/markets/"):
        return decode_markets(body)
    if (found := _BOOK_PATH.fullmatch(path)) is None:
        return None
    try:
        book = _book(body)
    except FAULTS as fault:
        raise bad_frame(fault) from None
    return update_of(book, found[1])
