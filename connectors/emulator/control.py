"""The emulator's own paths, `/_emulator/...`: who it is, the truth to compare with, and misbehaviour at run time.

All but the first need `Authorization: Bearer TOKEN`, the token that `--json` prints; a body is `application/json`.

GET  /_emulator/ping     {"id", "venue", "pid"}
GET  /_emulator/state    books, connections, how many are subscribed to what, what was injected;
                         `?depth=N` limits the levels (all by default)
GET  /_emulator/faults   the armed rules and the counts
POST /_emulator/faults   one rule or a list of rules (`faults.Rule` as JSON)
DELETE /_emulator/faults disarms all
POST /_emulator/instruments  one change of the venue's list or a list of them (`listing_changes.ListingChange` as JSON)
"""

import os
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

from connectors.emulator.book import HalfBook
from connectors.emulator.faults import MOST_RULES, BadFault, Rule, checked
from connectors.emulator.instruments import Instrument
from connectors.emulator.listing_changes import BadChange, ListingChange
from connectors.emulator.market import Market
from connectors.emulator.messages import Request, Response, json_response

if TYPE_CHECKING:
    from connectors.emulator.emulator import Emulator

_ALL = 1_000_000
_CHANGE, _CHANGES = msgspec.json.Decoder(ListingChange), msgspec.json.Decoder(list[ListingChange])
_RULE, _RULES = msgspec.json.Decoder(Rule), msgspec.json.Decoder(list[Rule])


class Control:
    def __init__(self, emulator: "Emulator") -> None:
        self._emulator = emulator

    def answer(self, request: Request) -> Response:
        match request.method, request.path.removeprefix("/_emulator/"):
            case "GET", "ping":
                return json_response(self.identity())
            case "GET", "state":
                depth = parse_qs(request.query).get("depth", [str(_ALL)])[0]
                return json_response(
                    self.state(int(depth) if depth.isdecimal() and len(depth) < 10 else _ALL)
                )
            case "GET", "faults":
                return json_response(self._faults())
            case "POST", "faults":
                return self._inject(request.body)
            case "POST", "instruments":
                return self._change_listings(request.body)
            case "DELETE", "faults":
                self._emulator.faults.clear()
                return json_response(self._faults())
            case _:
                return json_response({"error": "no such path"}, 404)

    def identity(self) -> dict[str, Any]:
        return {"id": self._emulator.id, "venue": self._emulator.venue, "pid": os.getpid()}

    def state(self, depth: int = _ALL) -> dict[str, Any]:
        """The present truth."""
        emulator = self._emulator
        return {
            **self.identity(),
            "seed": emulator.seed,
            "time": emulator.market.now,
            "clock_offset": emulator.clock.offset,
            "connections": len(emulator.sockets),
            "subscriptions": Counter(
                name for socket in emulator.sockets if socket.session for name in socket.session.subscriptions
            ),
            "requests": emulator.requests,
            **self._faults(),
            "books": _books(emulator.market, depth),
            "futures_books": _books(emulator.dialect.futures, depth),
        }

    def _faults(self) -> dict[str, Any]:
        faults = self._emulator.faults
        return {
            "injected": dict(faults.counts),
            "suppressed": dict(faults.suppressed),
            "rules": [*faults.frame_rules, *faults.http_rules],
        }

    def _inject(self, body: bytes) -> Response:
        try:
            many = body.lstrip().startswith(b"[")
            rules = _RULES.decode(body) if many else [_RULE.decode(body)]
            wanted = [checked(rule) for rule in rules]
            armed = self._emulator.faults
            if len(wanted) + len(armed.frame_rules) + len(armed.http_rules) > MOST_RULES:
                raise BadFault(f"at most {MOST_RULES:,} rules are armed at once")
        except (msgspec.MsgspecError, ValueError, RecursionError, BadFault) as error:
            return json_response({"error": str(error)}, 400)
        return json_response({"ids": [self._emulator.inject(rule).id for rule in wanted]})

    def _change_listings(self, body: bytes) -> Response:
        try:
            many = body.lstrip().startswith(b"[")
            for change in _CHANGES.decode(body) if many else [_CHANGE.decode(body)]:
                self._emulator.change_listing(change)
        except (msgspec.MsgspecError, ValueError, RecursionError, BadChange) as error:
            return json_response({"error": str(error)}, 400)
        return json_response({})


def _books(market: Market | None, depth: int) -> dict[str, Any]:
    return {
        symbol: {
            "lastUpdateId": listing.book.update_id,
            "bids": _levels(listing.instrument, listing.book.bids, depth),
            "asks": _levels(listing.instrument, listing.book.asks, depth),
        }
        for symbol, listing in (market.listings.items() if market else ())
        if listing.active
    }


def _levels(instrument: Instrument, half: HalfBook, depth: int) -> list[tuple[str, str]]:
    return [(instrument.price_text(price), instrument.quantity_text(lots)) for price, lots in half.top(depth)]
