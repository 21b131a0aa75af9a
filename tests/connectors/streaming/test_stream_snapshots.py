"""A venue that sends a book's snapshot in the stream, after every subscription, and has no other."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import msgspec
from websockets.asyncio.server import ServerConnection

from connectors.contracts.events import BookState, OrderBookUpdate, StreamStatus
from connectors.contracts.services import LiveBook
from connectors.streaming.book_feed import BookFeed
from connectors.streaming.book_sync import BookSettings
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Listener
from connectors.streaming.hub import Hub
from connectors.streaming.pool import Pool
from connectors.streaming.sequencing import PreviousSequencing
from tests.connectors.streaming.scripted import (
    QUICK,
    ScriptedDialect,
    ScriptedVenue,
    channel,
    scripted_venue,
    until,
)

BOOKS = BookSettings(fetch_timeout=0.15, backoff_base=0.01, backoff_cap=0.02, budget=3, slow_retry=0.05)


def decode(frame: bytes) -> OrderBookUpdate:
    data = msgspec.json.decode(frame)["data"]
    return OrderBookUpdate(
        "X",
        [tuple(level) for level in data["b"]],
        [(200.0, 1.0)] if data["p"] == -1 else [],
        0,
        is_snapshot=data["p"] == -1,
        last_sequence=data["q"],
        previous_sequence=data["p"],
    )


class BookVenue:
    """Books of one bid whose quantity is the sequence; an update names the one before it."""

    def __init__(self, venue: ScriptedVenue) -> None:
        self.venue = venue
        self.at: dict[str, int] = {}
        self.silent = False
        venue.script = self._answer

    async def change(self, name: str, *, lost: bool = False) -> None:
        before, self.at[name] = self.at[name], self.at[name] + 1
        if not lost:
            await self._send(name, before)

    async def _send(self, name: str, previous: int) -> None:
        data = {"q": self.at[name], "p": previous, "b": [[100.0, float(self.at[name])]]}
        await self.venue.raw(f'{{"stream":"{name}","data":{json.dumps(data)}}}')

    async def _answer(self, venue: ScriptedVenue, connection: ServerConnection, request: dict) -> bool:
        await venue.accept(connection, request)
        if request["method"] == "SUBSCRIBE" and not self.silent:
            for name in request["params"]:
                self.at.setdefault(name, 10)
                await self._send(name, -1)
        return True

    def asked(self, name: str) -> list[str]:
        return [request["method"] for request in self.venue.requests if name in request["params"]]


class Watched:
    def __init__(self) -> None:
        self.books: dict[str, LiveBook] = {}
        self.statuses: list[StreamStatus] = []
        self.listener = Listener(self._changed, self.statuses.append)

    def _changed(self, book: LiveBook) -> None:
        self.books[book.symbol] = book

    def stands_at(self, symbol: str, sequence: int) -> bool:
        view = self.books[symbol].view(5) if symbol in self.books else None
        return view is not None and view.state is BookState.SYNCED and view.bids == [(100.0, float(sequence))]

    def told(self, symbol: str) -> list[str]:
        return [event.kind for event in self.statuses if event.symbol == symbol]


@asynccontextmanager
async def watched_books(*names: str) -> AsyncIterator[tuple[BookVenue, Watched]]:
    async with scripted_venue() as venue:
        books, watched = BookVenue(venue), Watched()
        pool = Pool(ScriptedDialect(venue.url), name="scripted", settings=QUICK)
        hub = Hub(pool)

        def make(one: Channel) -> BookFeed:
            return BookFeed(
                one, decode, PreviousSequencing(), None, BOOKS, renew=partial(pool.renew, one.name)
            )

        await hub.join([channel(name) for name in names], make, watched.listener)
        try:
            yield books, watched
        finally:
            await hub.close()
            await pool.close()


async def test_the_snapshot_that_comes_with_the_subscription_is_not_asked_for_again():
    async with watched_books("a") as (venue, watched):
        await until(lambda: watched.stands_at("A", 10))
        await venue.change("a")
        await until(lambda: watched.stands_at("A", 11))
        assert venue.asked("a") == ["SUBSCRIBE"]
        assert watched.told("A") == []


async def test_after_a_gap_the_channel_alone_is_subscribed_anew():
    async with watched_books("a", "b") as (venue, watched):
        await until(lambda: watched.stands_at("A", 10) and watched.stands_at("B", 10))
        await venue.change("a", lost=True)
        await venue.change("a")
        await until(lambda: watched.stands_at("A", 12))
        await venue.change("a")
        await until(lambda: watched.stands_at("A", 13))
        assert venue.asked("a") == ["SUBSCRIBE", "UNSUBSCRIBE", "SUBSCRIBE"]
        assert venue.asked("b") == ["SUBSCRIBE"]
        assert watched.told("A") == ["gap", "resynced"]
        assert watched.told("B") == []


async def test_a_snapshot_that_does_not_come_is_asked_for_again_and_the_book_is_stale_with_the_reason():
    async with watched_books("a") as (venue, watched):
        await until(lambda: watched.stands_at("A", 10))
        venue.silent = True
        await venue.change("a", lost=True)
        await venue.change("a")
        await until(lambda: "stale" in watched.told("A"))
        stale = next(event for event in watched.statuses if event.kind == "stale")
        assert stale.reason == "no sync after 3 attempts: no snapshot in time"
        assert venue.asked("a").count("SUBSCRIBE") >= 3
        assert watched.books["A"].state is BookState.STALE
        venue.silent = False
        await until(lambda: watched.stands_at("A", 12))
        assert watched.told("A")[-1] == "resynced"


async def test_a_lost_connection_while_the_snapshot_is_awaited_heals_by_the_new_subscription():
    async with watched_books("a") as (venue, watched):
        await until(lambda: watched.stands_at("A", 10))
        venue.silent = True
        await venue.change("a", lost=True)
        await venue.change("a")
        await until(lambda: venue.asked("a").count("SUBSCRIBE") == 2)
        venue.silent = False
        venue.venue.kill()
        await until(lambda: watched.stands_at("A", 12))
        await venue.change("a")
        await until(lambda: watched.stands_at("A", 13))
