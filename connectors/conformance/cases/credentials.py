"""Credentials: needed, right, wrong, changed, and never shown."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable

from connectors.conformance.canary import Canary, TapCanary, all_logs
from connectors.conformance.case import Casebook, CaseFailed, require
from connectors.conformance.cases.attempts import raises
from connectors.conformance.listening import REFUSALS, claimed_streams, listen, listen_to_prices
from connectors.conformance.rig import BUSY, Rig, local_rig, within
from connectors.conformance.subject import Claim, Subject
from connectors.conformance.trading import venue_credentials
from connectors.contracts.errors import AuthenticationFailed, BarfinexError, MissingCredentials
from connectors.contracts.services import StreamOptions
from connectors.emulator.accounts import (
    READ_ONLY_KEY,
    READ_ONLY_SECRET,
    TRADE_KEY,
    TRADE_SECRET,
    WITHDRAW_KEY,
    WITHDRAW_SECRET,
    ApiKey,
)

BOOK = Casebook("credentials")

_READY = ("L01",)
_CLAIMS = (Claim.CREDENTIALS,)
_SECONDS = 15.0


@BOOK.case(
    "C01",
    "Account calls need credentials",
    "Without them every account call raises MissingCredentials before anything is sent, naming the fields by label.",
    claims=_CLAIMS,
    after=_READY,
)
async def needed(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        before = rig.emulator.requests
        labels = {field.label for field in subject.entry.required_credentials}
        for what, call in _account_calls(rig):
            error = await raises(call(), MissingCredentials, f"{what} without credentials")
            named = set(error.labels) if isinstance(error, MissingCredentials) else set[str]()
            require(named <= labels and named, f"{what} names the missing fields by label: {sorted(labels)}")
        require(rig.emulator.requests == before, "nothing is sent without credentials")


def _account_calls(rig: Rig) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    api = rig.bundle.account_api
    return [("get_assets_info()", api.get_assets_info), ("get_account_info()", api.get_account_info)]


@BOOK.case(
    "C02",
    "Right credentials open the account",
    "Balances are Decimals and those of the venue; the key's rights are told, the right to withdraw with them.",
    claims=_CLAIMS,
    after=_READY,
)
async def right(subject: Subject) -> None:
    async with local_rig(subject, credentials=venue_credentials(subject)) as rig:
        assets = await within(_SECONDS, rig.bundle.account_api.get_assets_info(), "balances answer")
        require(assets.assets, "a funded account has balances")
        key = rig.emulator.market.accounts.key(TRADE_KEY)
        for balance in assets.assets:
            require(
                balance.free >= 0 and balance.locked >= 0, f"{balance.currency}: a balance is not below zero"
            )
            held = key.account.holdings.get(balance.currency) if key is not None else None
            # A venue may keep wallets for its markets apart, with their own amounts.
            require(held is not None, f"{balance.currency} is what the account holds")
        info = await within(_SECONDS, rig.bundle.account_api.get_account_info(), "the account answers")
        require(info.can_read is True, "a key that reads balances may read")
        require(info.can_trade is not False, "can_trade is not False for a key that may trade")
        require(info.can_withdraw is not True, "can_withdraw is not True for a key that may not withdraw")
        require(info.market_type is rig.market_type, "the account is of the connector's market")
    withdraw = venue_credentials(subject, WITHDRAW_KEY, WITHDRAW_SECRET)
    async with local_rig(subject, credentials=withdraw) as rig:
        info = await within(_SECONDS, rig.bundle.account_api.get_account_info(), "the account answers")
        require(info.can_withdraw is not False, "can_withdraw is not False for a key that may withdraw")


@BOOK.case(
    "C03",
    "Wrong and weak keys are told apart",
    "A wrong secret raises AuthenticationFailed; a key that may only read is never said to trade.",
    claims=_CLAIMS,
    after=_READY,
)
async def wrong(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        for key, secret in ((TRADE_KEY, "not-" + TRADE_SECRET), ("no-such-" + TRADE_KEY, TRADE_SECRET)):
            rig.set_credentials(venue_credentials(subject, key, secret))
            for what, call in _account_calls(rig):
                error = await raises(call(), AuthenticationFailed, f"{what} with a wrong key or secret")
                require(secret not in str(error), "the error's text does not hold the secret")
        rig.set_credentials(venue_credentials(subject, READ_ONLY_KEY, READ_ONLY_SECRET))
        info = await within(
            _SECONDS, rig.bundle.account_api.get_account_info(), "a key that only reads may read"
        )
        require(info.can_trade is not True, "can_trade is not True for a key that may only read")


@BOOK.case(
    "C04",
    "A secret is shown nowhere",
    "Planted credentials turn up in no log at any level, no repr or attribute, no error or traceback, no recording.",
    claims=_CLAIMS,
    after=_READY,
)
async def hidden(subject: Subject) -> None:
    key, secret = f"planted-key-{secrets.token_hex(16)}", f"planted-secret-{secrets.token_hex(16)}"
    canary = Canary({"the key": key, "the secret": secret})
    tap = TapCanary(canary)
    async with local_rig(subject, rate=BUSY, tap=tap) as rig:
        accounts = rig.emulator.market.accounts
        trader = accounts.key(TRADE_KEY)
        if trader is None:
            raise CaseFailed("the emulator has its usual account")
        accounts.add_key(ApiKey(key, secret, trader.account))
        with all_logs(canary, rig.belongings):
            rig.set_credentials(venue_credentials(subject, key, secret))
            for what, call in (*_account_calls(rig), *_other_calls(rig)):
                await _tried(canary, what, call)
            rig.inject("status", status=503)
            for what, call in _account_calls(rig):
                await _tried(canary, f"{what} at a venue in trouble", call)
            rig.emulator.faults.clear()
            rig.inject("reset")
            for what, call in _account_calls(rig):
                await _tried(canary, f"{what} at a venue that hangs up", call)
            rig.emulator.faults.clear()
            canary.look_through("the bundle", rig.bundle)
            rig.set_credentials(venue_credentials(subject, key, secret[::-1]))
            reversed_canary = Canary({"the wrong secret": secret[::-1]})
            for what, call in _account_calls(rig):
                await _tried(reversed_canary, what, call)
            canary.found += reversed_canary.found
        await rig.destroy()
        canary.look_through("the destroyed bundle", rig.bundle)
    require(not canary.found, f"a secret is shown nowhere, but {'; '.join(sorted(set(canary.found))[:4])}")


def _other_calls(rig: Rig) -> list[tuple[str, Callable[[], Awaitable[object]]]]:
    ws, market_api, options = rig.bundle.ws, rig.bundle.market_api, StreamOptions(market_type=rig.market_type)
    return [
        ("get_instruments_info()", market_api.get_instruments_info),
        ("get_prices()", market_api.get_prices),
        ("open orders", rig.bundle.order_api.get_open_orders),
        ("the account stream", lambda: ws.subscribe_to_account(options, lambda _update: None)),
        ("the price stream", lambda: listen_to_prices(rig, [rig.pairs[0].symbol])),
        *(
            (f"the stream of {claim}", lambda claim=claim: listen(rig, claim))
            for claim in claimed_streams(rig.subject)
        ),
    ]


async def _tried(canary: Canary, what: str, call: Callable[[], Awaitable[object]]) -> None:
    """Make the call and look at its answer, or at its error."""
    try:
        async with asyncio.timeout(_SECONDS):
            canary.look_through(f"the answer of {what}", await call())
    except Exception as error:  # noqa: BLE001 - whatever it raises is looked at; other cases say whether it may
        canary.look_at_error(what, error)


@BOOK.case(
    "C05",
    "Changed credentials are used at once",
    "The next call uses those that were set last; empty ones end the use of any.",
    claims=_CLAIMS,
    after=_READY,
)
async def changed(subject: Subject) -> None:
    good, bad = venue_credentials(subject), venue_credentials(subject, TRADE_KEY, "not-" + TRADE_SECRET)
    async with local_rig(subject, credentials=good) as rig:
        read = rig.bundle.account_api.get_assets_info
        require(
            (await within(_SECONDS, read(), "balances answer")).assets, "right credentials open the account"
        )
        rig.set_credentials(bad)
        await raises(read(), AuthenticationFailed, "the call after the secret was made wrong")
        rig.set_credentials(good)
        require((await within(_SECONDS, read(), "balances answer")).assets, "right credentials open it again")
        try:
            rig.set_credentials({})
        except BarfinexError:
            return
        await raises(
            read(), (MissingCredentials, *REFUSALS), "the call after the credentials were taken away"
        )
