"""Spot's signed, read-only calls: balances, and what a key may do."""

from catalog.model import MarketType
from catalog.text import clean
from connectors.contracts.errors import BadFrame, BadResponse
from connectors.contracts.orders import AccountInfo, AssetsInfo, Balance
from connectors.network.pages import unreadable
from connectors.rest.numbers import decimal_of
from connectors.venues.binance import wire
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import FAULTS, decoder
from connectors.venues.binance.errors import NAME
from connectors.venues.binance.key_rights import key_rights, names_of

_account = decoder(wire.Account)


class BinanceAccountApi:
    """Needs credentials: without them every call raises `MissingCredentials`."""

    def __init__(self, client: BinanceClientService) -> None:
        self._client = client

    async def get_assets_info(self) -> AssetsInfo:
        """Every balance that is not zero; spot has no positions."""
        account = await self._fetch()
        try:
            balances = tuple(
                Balance(clean(each.asset, 32), decimal_of(each.free), decimal_of(each.locked))
                for each in account.balances
            )
        except BadFrame as fault:
            raise BadResponse(f"{NAME}'s balances cannot be read: {fault}") from None
        return AssetsInfo(tuple(balance for balance in balances if balance.free or balance.locked))

    async def get_account_info(self) -> AccountInfo:
        """The account, and the rights of the key where the venue tells them.

        The account's own `canTrade` and `canWithdraw` say nothing of the key: without the key's rights only a "no"
        is certain, and the rest is `None`.
        """
        account = await self._fetch()
        rights = await key_rights(self._client)
        fees = account.commission_rates
        try:
            maker = decimal_of(fees.maker) if fees else None
            taker = decimal_of(fees.taker) if fees else None
        except BadFrame as fault:
            raise BadResponse(f"{NAME}'s fees cannot be read: {fault}") from None
        return AccountInfo(
            account_id=None if account.uid is None else str(account.uid),
            market_type=MarketType.SPOT,
            can_read=True,
            can_trade=_both(account.can_trade, rights and rights.enable_spot_and_margin_trading),
            can_withdraw=_both(account.can_withdraw, rights and rights.enable_withdrawals),
            ip_restricted=rights and rights.ip_restrict,
            permissions=names_of(rights) if rights else tuple(clean(each) for each in account.permissions),
            maker_fee=maker,
            taker_fee=taker,
        )

    async def _fetch(self) -> wire.Account:
        body = await self._client.get(
            self._client.endpoints.account, (("omitZeroBalances", "true"),), signed=True
        )
        try:
            return _account(body)
        except FAULTS:
            # The decoder's message may quote what the account holds.
            raise unreadable(NAME, "account answer", body) from None


def _both(account: bool, key: bool | None) -> bool | None:
    """A right needs account and key; what the key may do can be unknown."""
    return False if not account else key
