"""A generated connector on its own local venue: activated as the app does it, streaming, and trading where chosen."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from catalog.catalog import Catalog
from catalog.model import MarketType
from connectors.contracts import (
    CandleOptions,
    ConnectorContext,
    Credentials,
    ExchangeConnectorBundle,
    OrderBookOptions,
    OrderFate,
    OrderRequest,
    OrderType,
    PriceOptions,
    TimeFrame,
    TradeOptions,
)
from connectors.contracts.errors import (
    AuthenticationFailed,
    DuplicateOrder,
    InsufficientFunds,
    InvalidOrder,
    MissingCredentials,
    NotSupported,
    NotYetImplemented,
    OrderNotFound,
    OrderOutcomeUnknown,
    PermissionDenied,
    UnsupportedMarket,
    UsageError,
)
from connectors.emulator.accounts import READ_ONLY_KEY, READ_ONLY_SECRET, TRADE_KEY, TRADE_SECRET
from connectors.emulator.emulator import Emulator
from connectors.emulator.faults import Rule
from connectors.emulator.testing import running_emulator
from connectors.runtime.factory import ExchangeConnectorFactory
from connectors.runtime.instances import ConnectorStatus
from connectors.runtime.manager import ExchangeManager
from connectors.runtime.market_endpoints import of_market
from connectors.runtime.stores.session_memory import SessionMemoryStore
from connectors.runtime.vault import CredentialVault
from connectors.scaffold.choices import Choices
from tests.connectors.scaffold.made import choices, installed, written

DEADLINE = 30
ROOT = Path(__file__).resolve().parents[3]


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110 - what is waited for are lists
            await asyncio.sleep(0.01)


@asynccontextmanager
async def connected(
    folder: Path, chosen: Choices, market: MarketType = MarketType.SPOT
) -> AsyncIterator[tuple[Emulator, ExchangeConnectorBundle]]:
    project = written(folder, chosen)
    with installed(project, chosen):
        async with running_emulator(chosen.name) as emulator:
            context = ConnectorContext(
                connector_type=chosen.name,
                market_type=market,
                environment="local",
                endpoints=of_market(emulator.endpoints, market),
            )
            bundle = ExchangeConnectorFactory(Catalog.load()).create(context)
            try:
                await bundle.client.ensure_ready()
                yield emulator, bundle
            finally:
                await bundle.ws.destroy()
                await bundle.client.close()


async def test_it_is_activated_on_an_emulator_that_the_manager_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = choices("started")
    project = written(tmp_path, chosen)
    monkeypatch.setenv("PYTHONPATH", f"{project}:{ROOT}")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with installed(project, chosen):
        vault = CredentialVault(SessionMemoryStore(), folder=tmp_path / "config")
        manager = ExchangeManager(Catalog.load(), vault)
        try:
            (instance,) = await manager.activate("started", ["spot"], environment="local")
            assert instance.error is None
            assert instance.status is ConnectorStatus.ACTIVE
            assert instance.instrument_count == 13
        finally:
            await manager.close()


@pytest.mark.parametrize("variant", ["plain", "http", "polled"])
@pytest.mark.parametrize("market", [MarketType.SPOT, MarketType.FUTURES])
async def test_everything_that_was_chosen_is_streamed(
    tmp_path: Path, variant: str, market: MarketType
) -> None:
    chosen = choices("streaming", variant, markets=(MarketType.SPOT, MarketType.FUTURES))
    async with connected(tmp_path, chosen, market) as (_, bundle):
        ws, instruments = bundle.ws, [bundle.client.instrument("BTC-USDT")]
        heard: dict[str, list[object]] = {"trade": [], "book": [], "candle": [], "price": [], "prices": []}
        await ws.subscribe_to_trade(
            TradeOptions(market_type=market, instruments=instruments), heard["trade"].append
        )
        await ws.subscribe_to_order_book(
            OrderBookOptions(market_type=market, instruments=instruments), heard["book"].append
        )
        await ws.subscribe_to_candles(
            CandleOptions(market_type=market, instruments=instruments, interval=TimeFrame.M1),
            heard["candle"].append,
        )
        await ws.subscribe_to_instrument_prices(
            PriceOptions(market_type=market, symbols=["BTCUSDT"]), heard["price"].append
        )
        await ws.subscribe_to_instrument_prices(PriceOptions(market_type=market), heard["prices"].append)
        await until(lambda: all(heard.values()) and len(heard["prices"]) >= 13)
        candles = await bundle.market_api.get_candles(instruments[0], TimeFrame.M1, limit=700)
        assert len(candles) == 700
        assert len(await bundle.market_api.get_prices()) == 13


async def test_what_was_not_chosen_is_refused_by_name(tmp_path: Path) -> None:
    chosen = choices("refusing", "lone", markets=(MarketType.SPOT,))
    async with connected(tmp_path, chosen) as (_, bundle):
        instruments = [bundle.client.instrument("BTCUSDT")]
        spot = MarketType.SPOT
        for refused in (
            bundle.ws.subscribe_to_order_book(
                OrderBookOptions(market_type=spot, instruments=instruments), print
            ),
            bundle.ws.subscribe_to_candles(
                CandleOptions(market_type=spot, instruments=instruments, interval=TimeFrame.M1), print
            ),
            bundle.ws.subscribe_to_instrument_prices(PriceOptions(market_type=spot), print),
            bundle.market_api.get_candles(instruments[0], TimeFrame.M1),
            bundle.account_api.get_assets_info(),
            bundle.order_api.get_open_orders(),
        ):
            with pytest.raises((NotSupported, NotYetImplemented)):
                await refused


@pytest.mark.parametrize("variant", ["plain", "http", "polled"])
def test_other_markets_and_missing_addresses_are_refused(tmp_path: Path, variant: str) -> None:
    chosen = choices("strict", variant, markets=(MarketType.SPOT,))
    with installed(written(tmp_path, chosen), chosen):
        factory = ExchangeConnectorFactory(Catalog.load())
        context = ConnectorContext(
            connector_type="strict", market_type=MarketType.SPOT, environment="live", endpoints={}
        )
        with pytest.raises(UsageError, match="names no"):
            factory.create(context)
        with pytest.raises(UnsupportedMarket):
            factory.create(dataclasses.replace(context, market_type=MarketType.MARGIN))


# --- orders -----------------------------------------------------------------------------------------------------------


def signed_in(bundle: ExchangeConnectorBundle, key: str = TRADE_KEY, secret: str = TRADE_SECRET) -> None:
    bundle.client.set_credentials(Credentials({"apiKey": key, "apiSecret": secret}))


def resting(bundle: ExchangeConnectorBundle, **changes: object) -> OrderRequest:
    request = OrderRequest(
        instrument=bundle.client.instrument("BTCUSDT"),
        side="buy",
        type=OrderType.LIMIT,
        quantity=Decimal("0.001"),
        price=Decimal("50000.00"),
    )
    return dataclasses.replace(request, **changes)  # pyright: ignore[reportArgumentType] - the tests' own words


@pytest.mark.parametrize("variant", ["trading", "http-trading", "polled-trading"])
async def test_orders_are_placed_found_and_closed(tmp_path: Path, variant: str) -> None:
    async with connected(tmp_path, choices("dealing", variant)) as (_, bundle):
        orders = bundle.order_api
        with pytest.raises(MissingCredentials):
            await orders.open_order(resting(bundle))
        signed_in(bundle)
        placed = await orders.open_order(resting(bundle, client_order_id="mine-1"))
        assert (placed.fate, placed.status, placed.client_order_id) == (OrderFate.ACCEPTED, "NEW", "mine-1")
        assert (placed.quantity, placed.price) == (Decimal("0.001"), Decimal("50000.00"))
        with pytest.raises(DuplicateOrder):
            await orders.open_order(resting(bundle, client_order_id="mine-1"))
        other = await orders.open_order(resting(bundle))
        assert {order.order_id for order in await orders.get_open_orders()} == {
            placed.order_id,
            other.order_id,
        }
        closed = await orders.close_order(placed_instrument(bundle), client_order_id="mine-1")
        assert closed.status == "CANCELED"
        with pytest.raises(OrderNotFound):
            await orders.close_order(placed_instrument(bundle), order_id=placed.order_id)
        assert [order.order_id for order in await orders.close_all_orders()] == [other.order_id]
        assert not await orders.get_open_orders(placed_instrument(bundle))
        bought = await orders.open_order(resting(bundle, type=OrderType.MARKET, price=None))
        assert (bought.status, bought.filled_quantity) == ("FILLED", Decimal("0.001"))
        assets = {one.currency: one for one in (await bundle.account_api.get_assets_info()).assets}
        assert assets["BTC"].free > 2


def placed_instrument(bundle: ExchangeConnectorBundle):
    return bundle.client.instrument("BTCUSDT")


async def test_the_venues_refusals_are_typed(tmp_path: Path) -> None:
    async with connected(tmp_path, choices("refusals", "trading")) as (_, bundle):
        signed_in(bundle)
        with pytest.raises(InsufficientFunds):
            await bundle.order_api.open_order(resting(bundle, quantity=Decimal(100)))
        signed_in(bundle, READ_ONLY_KEY, READ_ONLY_SECRET)
        assert (await bundle.account_api.get_account_info()).can_trade is False
        with pytest.raises(PermissionDenied):
            await bundle.order_api.open_order(resting(bundle))
        signed_in(bundle, TRADE_KEY, "not-" + TRADE_SECRET)
        with pytest.raises(AuthenticationFailed):
            await bundle.order_api.open_order(resting(bundle))


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": Decimal("0.000001")},
        {"quantity": Decimal(0)},
        {"quantity": Decimal("NaN")},
        {"quantity": Decimal("1e40")},
        {"price": Decimal("50000.001")},
        {"price": None},
        {"price": Decimal("1.00")},
        {"type": OrderType.MARKET},
        {"type": OrderType.STOP_LOSS},
        {"reduce_only": True},
    ],
)
async def test_an_order_that_does_not_fit_is_not_sent(tmp_path: Path, change: dict[str, object]) -> None:
    async with connected(tmp_path, choices("exact", "trading")) as (emulator, bundle):
        signed_in(bundle)
        before = emulator.requests
        with pytest.raises(InvalidOrder):
            await bundle.order_api.open_order(resting(bundle, **change))
        assert emulator.requests == before


@pytest.mark.parametrize(
    "rule",
    [
        Rule("reset", target="/v1/orders"),
        Rule("status", target="/v1/orders", status=503),
        Rule("status", target="/v1/orders", status=200, payload="not what was asked for"),
    ],
    ids=["reset", "503", "unreadable"],
)
async def test_an_order_without_an_answer_is_unknown_and_sent_once(tmp_path: Path, rule: Rule) -> None:
    async with connected(tmp_path, choices("unsure", "trading")) as (emulator, bundle):
        signed_in(bundle)
        await bundle.account_api.get_assets_info()
        before = emulator.requests
        emulator.inject(msgspec.structs.replace(rule))
        with pytest.raises(OrderOutcomeUnknown, match="mine-2"):
            await bundle.order_api.open_order(resting(bundle, client_order_id="mine-2"))
        assert emulator.requests == before + 1
