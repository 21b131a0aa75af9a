"""USD-M futures' signed, read-only calls: balances, positions, and what a key may do."""

from collections.abc import Callable
from decimal import Decimal
from typing import TypeVar

from catalog.model import MarketType
from catalog.text import clean
from connectors.contracts.errors import BadFrame, BadResponse
from connectors.contracts.orders import AccountInfo, AssetsInfo, Balance, Position
from connectors.network.pages import unreadable
from connectors.rest.numbers import decimal_of
from connectors.venues.binance import futures_wire as wire
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import FAULTS, decoder
from connectors.venues.binance.endpoints import POSITIONS
from connectors.venues.binance.errors import NAME
from connectors.venues.binance.futures_events import SIDES
from connectors.venues.binance.key_rights import key_rights, names_of
from connectors.venues.binance.symbols import SYMBOLS

T = TypeVar("T")

ZERO = Decimal(0)

_balances = decoder(list[wire.FuturesBalance])
_positions = decoder(list[wire.FuturesPosition])


class BinanceFuturesAccountApi:
    """Needs credentials: without them every call raises `MissingCredentials`."""

    def __init__(self, client: BinanceClientService) -> None:
        self._client = client

    async def get_assets_info(self) -> AssetsInfo:
        """Every balance that is not zero, and every open position; in hedge mode a symbol may have two.

        A balance is the wallet's: what of it can be used is free, the rest is bound as margin. Profit that is not
        realised counts to neither.
        """
        balances, positions = await self._fetch_balances(), await self._fetch_positions()
        try:
            return AssetsInfo(
                tuple(held for held in map(_balance_of, balances) if held.total),
                tuple(held for held in map(_position_of, positions) if held.quantity),
            )
        except BadFrame as fault:
            raise BadResponse(f"{NAME}'s futures account cannot be read: {fault}") from None

    async def get_account_info(self) -> AccountInfo:
        """The account's alias, and the key's rights where the venue tells them: else they are `None`."""
        balances = await self._fetch_balances()
        rights = await key_rights(self._client)
        alias = next((clean(row.account_alias, 32) for row in balances if row.account_alias), None)
        return AccountInfo(
            account_id=alias,
            market_type=MarketType.FUTURES,
            can_read=True,
            can_trade=rights and rights.enable_futures,
            can_withdraw=rights and rights.enable_withdrawals,
            ip_restricted=rights and rights.ip_restrict,
            permissions=names_of(rights) if rights else (),
        )

    async def _fetch_balances(self) -> list[wire.FuturesBalance]:
        return _read(_balances, await self._client.get(self._client.endpoints.account, signed=True))

    async def _fetch_positions(self) -> list[wire.FuturesPosition]:
        return _read(_positions, await self._client.get(POSITIONS, signed=True))


def _read(decode: Callable[[bytes], T], body: bytes) -> T:
    try:
        return decode(body)
    except FAULTS:
        # The decoder's message may quote what the account holds.
        raise unreadable(NAME, "futures account answer", body) from None


def _balance_of(row: wire.FuturesBalance) -> Balance:
    wallet, available = decimal_of(row.balance), decimal_of(row.available_balance)
    # Unrealised profit can make more usable than there is, and a debt is not bound by anything.
    free = min(wallet, max(available, ZERO))
    return Balance(clean(row.asset, 32), free, wallet - free)


def _position_of(row: wire.FuturesPosition) -> Position:
    return Position(
        SYMBOLS[row.symbol],
        decimal_of(row.position_amt),
        decimal_of(row.entry_price),
        decimal_of(row.mark_price),
        decimal_of(row.un_realized_profit),
        side=SIDES[row.position_side],
    )
