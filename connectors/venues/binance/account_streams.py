"""The account's events, over a connection of their own that is made when somebody listens."""

from collections.abc import Callable, Sequence

from catalog.model import MarketType
from connectors.contracts.health import ConnectionHealth
from connectors.contracts.orders import AccountUpdate
from connectors.contracts.services import Unsubscribe
from connectors.rest.connection import address
from connectors.streaming.dialect import Channel
from connectors.streaming.feeds import Feed, Listener
from connectors.streaming.hub import Hub
from connectors.streaming.pool import Pool
from connectors.streaming.settings import SessionSettings
from connectors.venues.binance.adapters import decode_account, decode_futures_account
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.dialect import ACCOUNT_CHANNEL, BinanceAccountDialect
from connectors.venues.binance.futures_dialect import BinanceFuturesAccountDialect
from connectors.venues.binance.listen_key import ListenKey


class AccountFeed(Feed[AccountUpdate]):
    """Changes of balances and positions; the stream's other events are passed over."""

    def __init__(self, channel: Channel, decode: Callable[[bytes], AccountUpdate | None]) -> None:
        super().__init__(channel)
        self._decode = decode

    def frame(self, frame: bytes) -> None:
        update = self._decode(frame)
        if update is not None:
            self.deliver(update)


class AccountStreams:
    """One market's account stream, shared by all who listen."""

    def __init__(
        self,
        client: BinanceClientService,
        *,
        settings: SessionSettings | None,
    ) -> None:
        context = client.context
        self._client = client
        self._name = f"{context.connector_type}-{context.market_type.value}-account"
        self._settings = settings
        self._tap = context.tap.stream if context.tap is not None else None
        self._spot = context.market_type is MarketType.SPOT
        self._key = None if self._spot else ListenKey(client, self._key_lost)
        self._pool: Pool | None = None
        self._hub: Hub | None = None
        self._listeners = 0

    async def join(self, listener: Listener[AccountUpdate]) -> Unsubscribe:
        """Raises `MissingCredentials`, and the venue's refusal of the key."""
        _ = self._client.api_key
        if self._hub is None:
            self._pool = self._make_pool()
            self._hub = Hub(self._pool)
        self._listeners += 1
        try:
            if self._key is not None:
                await self._key.obtain()
            leave = await self._hub.join([Channel(ACCOUNT_CHANNEL)], self._make_feed, listener)
        except BaseException:
            await self._left()
            raise
        gone = False

        async def unsubscribe() -> None:
            nonlocal gone
            if not gone:
                gone = True
                await leave()
                await self._left()

        return unsubscribe

    def health(self) -> Sequence[ConnectionHealth]:
        return self._pool.health() if self._pool is not None else ()

    def rotate(self, connection: str, reason: str) -> bool:
        return self._pool is not None and self._pool.rotate(connection, reason)

    async def close(self) -> None:
        if self._key is not None:
            await self._key.release()
        if self._hub is not None and self._pool is not None:
            await self._hub.close()
            await self._pool.close()

    async def _left(self) -> None:
        self._listeners -= 1
        if self._listeners == 0 and self._key is not None:
            await self._key.release()

    def _key_lost(self) -> None:
        if self._pool is not None:
            self._pool.renew(ACCOUNT_CHANNEL, "the listen key has expired")

    def _make_pool(self) -> Pool:
        context, now_ms = self._client.context, self._client.now_ms
        if self._key is None:
            dialect = BinanceAccountDialect(address(context, "ws_api"), self._sign_in)
            # Every connection signs in, and while one was lost the clocks may have parted.
            return Pool(
                dialect,
                name=self._name,
                settings=self._settings,
                tap=self._tap,
                now_ms=now_ms,
                prepare=self._client.refresh_clock,
                measure=self._client.refresh_clock,
            )
        key = self._key
        return Pool(
            BinanceFuturesAccountDialect(address(context, "ws"), lambda: key.value),
            name=self._name,
            settings=self._settings,
            tap=self._tap,
            now_ms=now_ms,
            prepare=key.obtain,
        )

    def _make_feed(self, channel: Channel) -> Feed[AccountUpdate]:
        return AccountFeed(channel, decode_account if self._spot else decode_futures_account)

    def _sign_in(self) -> dict[str, str | int]:
        return self._client.api_key.ws_params({}, self._client.now_ms())
