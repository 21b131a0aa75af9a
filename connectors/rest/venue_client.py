"""What every venue's client service does alike: getting ready once, and knowing the instruments."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from catalog.model import MarketType
from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import (
    BadRequest,
    BadResponse,
    BadSymbol,
    BarfinexError,
    NotSupported,
    OrderRejected,
    RequestTimeout,
    UnknownSymbol,
    UnsupportedMarket,
    VenueError,
)
from connectors.contracts.health import ClientHealth
from connectors.contracts.instrument_index import InstrumentIndex
from connectors.contracts.instruments import Instrument, is_step, normalise_symbol
from connectors.contracts.services import ConnectorContext, InstrumentValidation
from connectors.rest.client import RestClient
from connectors.rest.clock import ServerClock, VenueClock
from connectors.rest.dated_clock import DatedClock
from connectors.streaming.symbols import SymbolTable

KNOWN_FOR = 180.0
"""Seconds for which a list is as good as a new one."""
DOUBTED_AGAIN = 30.0
"""Seconds between two fetches because of doubts: one refusal may follow another."""

logger = logging.getLogger(__name__)


class VenueClient:
    """Implements `ExchangeClientService` for one market of one environment. Makes no connection before `ensure_ready`.

    A venue's own client gives it `fetch_instruments`, which asks the venue for its list; `keep_credentials`, which
    takes the credentials (`None`: use none any more) or raises what is wrong with them, where the venue has any;
    `clock` where the venue can be asked for its time; the `connections` to close; and the venue's `symbols`, where it
    has names of its own for assets.
    """

    def __init__(
        self,
        context: ConnectorContext,
        name: str,
        fetch_instruments: Callable[[], Awaitable[Sequence[Instrument]]],
        *,
        connections: Sequence[RestClient],
        clock: ServerClock | None = None,
        keep_credentials: Callable[[Credentials | None], None] | None = None,
        symbols: SymbolTable | None = None,
    ) -> None:
        self.context = context
        self.name = name
        """As errors call the venue."""
        self.clock = clock
        self._fetch_instruments = fetch_instruments
        self._connections = connections
        self._keep_credentials = keep_credentials
        self._normal = symbols.normal if symbols is not None else normalise_symbol
        self._index = InstrumentIndex()
        self._readying = asyncio.Lock()
        self._time: VenueClock = clock or next((one.dated for one in connections), None) or DatedClock()
        self._catching_up: asyncio.Task[None] | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._renewed: list[Callable[[Sequence[Instrument]], None]] = []
        self._loaded_at: float | None = None
        self._doubted_at = -DOUBTED_AGAIN
        for one in connections:
            one.on_refusal = self._refused

    def set_credentials(self, credentials: Credentials) -> None:
        """Empty credentials end the use of any.

        Raises `MissingCredentials` or `InvalidCredentials` and keeps the former ones then; `NotSupported` where the
        connector uses none.
        """
        if self._keep_credentials is not None:
            self._keep_credentials(credentials or None)
        elif credentials:
            raise NotSupported(f"the connector of {self.name} uses no credentials")

    async def ensure_ready(self, timeout_ms: int = 10_000) -> None:
        """Measure the clock's offset and load the instruments; once, whoever asks."""
        try:
            async with asyncio.timeout(timeout_ms / 1000), self._readying:
                if self._index.by_name:
                    return
                async with asyncio.TaskGroup() as group:
                    if self.clock is not None:
                        group.create_task(self.clock.measure())
                    group.create_task(self.load_instruments())
        except TimeoutError:
            cause = next((one.cause for one in self._connections if one.cause), "")
            raise RequestTimeout(f"{self.name} was not ready within {timeout_ms} ms{cause}") from None
        except ExceptionGroup as failures:
            # One of the two failures is enough to report.
            raise failures.exceptions[0] from None

    def validate_exchange_instruments(
        self, market_type: MarketType, symbols: Sequence[str]
    ) -> InstrumentValidation:
        """Symbols may be spelled in any usual way; they come back as they were given."""
        if market_type is not self.context.market_type:
            raise UnsupportedMarket(
                self.context.connector_type, market_type, [self.context.market_type.value]
            )
        valid: dict[str, None] = {}
        removed: dict[str, None] = {}
        for symbol in symbols:
            (valid if self._index.find(symbol) is not None else removed)[symbol] = None
        return InstrumentValidation(tuple(valid), tuple(removed))

    def instrument(self, symbol: str) -> Instrument:
        found = self._index.find(symbol)
        if found is None:
            raise UnknownSymbol(symbol, f"{self.name} {self.context.market_type.value}")
        return found

    @property
    def instruments(self) -> Mapping[str, Instrument]:
        return self._index.by_name

    async def close(self) -> None:
        for task in (self._catching_up, self._renewing):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        for connection in self._connections:
            await connection.close()

    # --- for the other services of the bundle -------------------------------------------------------------------------

    def now_ms(self) -> int:
        """Now by the venue's clock, as near as it is known."""
        return self._time.ms_at(self._time.moment())

    def moment(self) -> float:
        """Now, for `ms_at`: what is noted before a call can be dated when its answer has told more of the clock."""
        return self._time.moment()

    def ms_at(self, moment: float) -> int:
        """What the venue's clock showed at a moment."""
        return self._time.ms_at(moment)

    async def refresh_clock(self) -> None:
        """Learn the venue's time anew, within some seconds; raises nothing."""
        await self._time.refresh()

    def lost_touch(self) -> None:
        """A connection was lost and is back: what may have changed meanwhile is asked for, in the background."""
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._catch_up(), name=f"{self.name} catching up")

    def list_doubted(self) -> None:
        """Something does not fit the instruments as they are known: they are fetched anew, in the background.

        At once, or where that was done a moment ago, a moment later.
        """
        if self._loaded_at is None or (self._renewing is not None and not self._renewing.done()):
            return
        now = asyncio.get_running_loop().time()
        wait = max(self._loaded_at, self._doubted_at) + DOUBTED_AGAIN - now
        self._renewing = asyncio.create_task(
            self._renew(max(0.0, wait)), name=f"{self.name} instruments anew"
        )

    def known_instruments(self) -> Sequence[Instrument] | None:
        """The list as it was fetched last, where it is not old."""
        if self._loaded_at is None or asyncio.get_running_loop().time() - self._loaded_at > KNOWN_FOR:
            return None
        return list(self._index.by_name.values())

    def on_renewed(self, renewed: Callable[[Sequence[Instrument]], None]) -> None:
        """Call `renewed` with every list that is fetched."""
        self._renewed.append(renewed)

    async def _catch_up(self) -> None:
        await self.refresh_clock()
        self.list_doubted()

    async def _renew(self, wait: float) -> None:
        await asyncio.sleep(wait)
        self._doubted_at = asyncio.get_running_loop().time()
        try:
            await self.load_instruments()
        except BarfinexError as failure:
            logger.info("instruments not renewed: venue=%s reason=%s", self.name, failure)

    def _refused(self, error: VenueError) -> None:
        if isinstance(error, BadSymbol | BadRequest | OrderRejected):
            self.list_doubted()

    def client_health(self) -> ClientHealth:
        """Implements `ReportsHealth`: the budget of every address."""
        scopes = {one.scope.name: one.scope for one in self._connections}
        budgets = [budget for scope in scopes.values() for budget in scope.budgets()]
        return ClientHealth(tuple(budgets), self._time.skew_ms)

    async def load_instruments(self) -> Sequence[Instrument]:
        """Fetch the instrument list anew. Raises what the fetching raises; the old list then stays."""
        fetched = await self._fetch_instruments()
        instruments = [one for one in fetched if is_step(one.tick_size) and is_step(one.lot_size)]
        if fetched and not instruments:
            raise BadResponse(f"{self.name}'s instruments have no tick that can be one")
        if len(instruments) < len(fetched):
            logger.warning(
                "instruments left out: venue=%s count=%d reason=step out of range",
                self.context.connector_type,
                len(fetched) - len(instruments),
            )
        self._index = InstrumentIndex(instruments, self._normal)
        self._loaded_at = asyncio.get_running_loop().time()
        for renewed in self._renewed:
            renewed(instruments)
        logger.info(
            "instruments loaded: venue=%s market=%s count=%d",
            self.context.connector_type,
            self.context.market_type.value,
            len(instruments),
        )
        return instruments
