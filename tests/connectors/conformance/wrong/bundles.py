"""Connectors whose bundle is wrong before anything of it is used."""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from connectors.contracts.credentials import Credentials
from connectors.contracts.errors import BarfinexError
from connectors.contracts.services import ConnectorContext, ExchangeConnectorBundle
from connectors.venues.binance import create_connector
from tests.connectors.conformance.wrong.base import Wrong, bundled, varied

Bundle = ExchangeConnectorBundle


class Other:
    """A service with some methods replaced: everything else is the right one's."""

    def __init__(self, service: Any, **changes: Any) -> None:
        self._service = service
        self.__dict__.update(changes)

    @property
    def instruments(self) -> Any:
        return self._service.instruments

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)


def _first(context: ConnectorContext, deed: Callable[[], Any]) -> Bundle:
    _left.append(deed())
    return create_connector(context)


_left: list[Any] = []


def _thread() -> None:
    threading.Thread(target=threading.Event().wait, args=(0.2,), daemon=True, name="feeder").start()


def _task() -> Any:
    return asyncio.get_running_loop().create_task(asyncio.sleep(0), name="poller")


def _file() -> None:
    with open("/dev/null", "w") as file:
        file.write("started")


def _doing(name: str, told: str, deed: Callable[[], Any]) -> Wrong:
    return Wrong(name, "B02", told, lambda _: varied(name, create=lambda context: _first(context, deed)))


def _changed(name: str, case: str, told: str, change: Callable[[Bundle], Bundle]) -> Wrong:
    return Wrong(name, case, told, lambda _: bundled(name, change))


async def _renamed(opts: Any, callback: Any) -> Any: ...


async def _keyword_only(*, options: Any, handler: Any) -> Any: ...


async def _one_more(
    instrument: Any, interval: Any, limit: int = 500, *, end_time: int | None = None, page: int
) -> Any: ...


async def _no_default(timeout_ms: int) -> None: ...


def _one_client() -> Callable[[ConnectorContext], Bundle]:
    kept: dict[str, Bundle] = {}

    def create(context: ConnectorContext) -> Bundle:
        first = kept.setdefault("bundle", create_connector(context))
        return replace(create_connector(context), client=first.client)

    return create


def _one_key_ring() -> Callable[[ConnectorContext], Bundle]:
    kept: dict[str, Credentials] = {}

    def create(context: ConnectorContext) -> Bundle:
        bundle = create_connector(context)

        def remember(credentials: Credentials) -> None:
            kept["last"] = credentials

        return replace(bundle, client=Other(bundle.client, set_credentials=remember, key_ring=kept))

    return create


def _needs_a_key(credentials: Credentials) -> None:
    credentials.value("apiKey")


def _any_market(context: ConnectorContext) -> Bundle:
    spot = context.market_type.SPOT
    known = context.market_type in ("spot", "futures")
    return create_connector(context if known else replace(context, market_type=spot))


def _market_by_key_error(context: ConnectorContext) -> Bundle:
    if context.market_type not in ("spot", "futures"):
        raise BarfinexError("no such market")
    return create_connector(context)


def _own_addresses(context: ConnectorContext) -> Bundle:
    known = {
        "rest": "https://api.example.com",
        "ws": "wss://api.example.com",
        "ws_api": "wss://api.example.com",
    }
    return create_connector(replace(context, endpoints={**known, **context.endpoints}))


def _ends_once(bundle: Bundle) -> Bundle:
    over: list[bool] = []

    async def destroy() -> None:
        if over:
            raise RuntimeError("already destroyed")
        over.append(True)
        await bundle.ws.destroy()

    return replace(bundle, ws=Other(bundle.ws, destroy=destroy))


def _never_ends(bundle: Bundle) -> Bundle:
    async def close() -> None:
        await asyncio.Event().wait()

    return replace(bundle, client=Other(bundle.client, close=close))


BUNDLES = (
    Wrong(
        "makes nothing",
        "B01",
        "it returned nothing",
        lambda _: varied("nothing", create=lambda context: None),
    ),
    _changed(
        "lacks a method",
        "B01",
        "client.close is missing",
        lambda bundle: replace(bundle, client=Other(bundle.client, close=None)),
    ),
    _changed(
        "has a plain method where a coroutine is due",
        "B01",
        "must be a coroutine",
        lambda bundle: replace(bundle, market_api=Other(bundle.market_api, get_prices=dict)),
    ),
    _doing("opens a socket", "makes a socket", lambda: socket.socket().close()),
    _doing("looks up a host", "looks up a host", lambda: socket.getaddrinfo("127.0.0.1", 1)),
    _doing("starts a thread", "starts a thread (feeder)", _thread),
    _doing("starts a task", "starts a task", _task),
    _doing("writes a file", "writes a file", _file),
    _changed(
        "renames a parameter",
        "B03",
        "ws.subscribe_to_trade",
        lambda bundle: replace(bundle, ws=Other(bundle.ws, subscribe_to_trade=_renamed)),
    ),
    _changed(
        "takes arguments by name alone",
        "B03",
        "it cannot be called by position",
        lambda bundle: replace(bundle, ws=Other(bundle.ws, subscribe_to_candles=_keyword_only)),
    ),
    _changed(
        "requires an argument of its own",
        "B03",
        "market_api.get_candles",
        lambda bundle: replace(bundle, market_api=Other(bundle.market_api, get_candles=_one_more)),
    ),
    _changed(
        "has no default where the contract has one",
        "B03",
        "with what is required alone",
        lambda bundle: replace(bundle, client=Other(bundle.client, ensure_ready=_no_default)),
    ),
    Wrong(
        "has one client for all",
        "B04",
        "one and the same client",
        lambda _: varied("one_client", create=_one_client()),
    ),
    Wrong(
        "keeps credentials for all",
        "B04",
        "reach another",
        lambda _: varied("one_key_ring", create=_one_key_ring()),
    ),
    _changed(
        "cannot do without credentials",
        "B05",
        "KeyError",
        lambda bundle: replace(bundle, client=Other(bundle.client, set_credentials=_needs_a_key)),
    ),
    Wrong(
        "gives another market",
        "B06",
        "margin: expected UnsupportedMarket",
        lambda _: varied("any", create=_any_market),
    ),
    Wrong(
        "refuses a market by an error without a type",
        "B06",
        "it raises BarfinexError",
        lambda _: varied("untyped", create=_market_by_key_error),
    ),
    Wrong(
        "has addresses of its own",
        "B07",
        "expected UsageError, it makes a bundle",
        lambda _: varied("own_addresses", create=_own_addresses),
    ),
    _changed("cannot be destroyed twice", "B08", "RuntimeError: already destroyed", _ends_once),
    _changed("never ends", "B08", "take longer than", _never_ends),
)
