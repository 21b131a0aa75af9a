"""The code of a small, honest connector package. Its venue speaks lines over TCP: `LIST` and `WHOAMI <key>`."""

WORKING = """
import asyncio

from connectors.contracts import (
    AccountInfo, AssetsInfo, Credentials, ExchangeAdapterSet, ExchangeConnectorBundle, Instrument,
    InstrumentValidation,
)
from connectors.contracts.errors import AuthenticationFailed, ConnectionFailed, RequestTimeout, UnknownSymbol


class Client:
    def __init__(self, context):
        self.context = context
        self.credentials = Credentials({})
        self.instruments = {}

    def set_credentials(self, credentials):
        self.credentials = credentials

    async def ask(self, line):
        host, port = self.context.endpoints["rest"].split(":")
        try:
            reader, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            raise ConnectionFailed("cannot reach the venue") from None
        try:
            writer.write(line.encode() + b"\\n")
            return (await reader.readline()).decode().strip()
        finally:
            writer.close()

    async def ensure_ready(self, timeout_ms=10_000):
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                answer = await self.ask("LIST")
        except TimeoutError:
            raise RequestTimeout("the venue did not answer") from None
        self.instruments = {
            name: Instrument(name, name[:3], name[3:], name, self.context.market_type) for name in answer.split()
        }

    def validate_exchange_instruments(self, market_type, symbols):
        return InstrumentValidation(tuple(symbols), ())

    def instrument(self, symbol):
        raise UnknownSymbol(symbol, "acme")

    async def close(self):
        await self.ask("BYE client")


class Ws:
    def __init__(self, client):
        self.client = client

    async def subscribe_to_trade(self, options, handler): ...
    async def subscribe_to_order_book(self, options, handler): ...
    async def subscribe_to_candles(self, options, handler): ...
    async def subscribe_to_account(self, options, handler): ...
    async def subscribe_to_instruments(self, options, handler): ...
    async def subscribe_to_instrument_prices(self, options, handler): ...

    def health(self):
        return list(HEALTH)

    async def destroy(self):
        await self.client.ask("BYE ws")


HEALTH = []


class Account:
    def __init__(self, client):
        self.client = client

    async def get_assets_info(self):
        return AssetsInfo(())

    async def get_account_info(self):
        answer = await self.client.ask("WHOAMI " + self.client.credentials.value("apiKey"))
        if answer == "DENIED":
            raise AuthenticationFailed("the key is wrong")
        return AccountInfo(answer, self.client.context.market_type, True, False, None)


class Market:
    async def get_instruments_info(self): ...
    async def get_prices(self): ...
    async def get_candles(self, instrument, interval, *, limit=500, end_time=None): ...


class Orders:
    async def open_order(self, request):
        return "sent"
    async def close_order(self, instrument, *, order_id=None, client_order_id=None):
        return "sent"
    async def close_all_orders(self, instrument=None):
        return ["sent"]
    async def get_open_orders(self, instrument=None):
        return []


def adapter(*_):
    return adapter


ADAPTERS = ExchangeAdapterSet(*[adapter] * 7)


def create_connector(context):
    client = Client(context)
    return ExchangeConnectorBundle(client, Ws(client), Account(client), Market(), Orders(), ADAPTERS)
"""

IMPORT_ERROR = "import a_package_that_is_not_installed\n"
RAISES = "raise RuntimeError('apiSecret=ABCDEF0123456789 in an import error')\n"
EXITS = "import sys\nsys.exit(3)\n"
WRONG_OBJECT = "def create_connector(context):\n    return {'client': 1}\n"
NOTHING = "def create_connector(context):\n    pass\n"
ASYNCHRONOUS = WORKING + "\n\nasync def create_connector(context):\n    return None\n"
NOT_A_FUNCTION = "create_connector = 5\n"
FAILS_TO_START = "def create_connector(context):\n    raise KeyError('rest')\n"
INCOMPLETE = (
    WORKING
    + """

del Ws.subscribe_to_candles
del Client.instrument
Orders.open_order = lambda self, request: None
async def set_credentials(self, credentials): ...
Client.set_credentials = set_credentials
ADAPTERS = ExchangeAdapterSet(*[adapter] * 6, None)
"""
)
