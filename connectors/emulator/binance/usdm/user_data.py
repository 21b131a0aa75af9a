"""Listen keys and the account's stream under `/private`."""

import secrets
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import msgspec

from connectors.emulator.accounts import Account
from connectors.emulator.binance.core import Call, Core, Operation, Security
from connectors.emulator.binance.errors import VenueRefusal
from connectors.emulator.binance.order_payloads import amount
from connectors.emulator.binance.usdm.wallets import Position, Wallet, Wallets
from connectors.emulator.candles import HOUR
from connectors.emulator.socket import Socket
from connectors.emulator.wire import text_frame

LIFETIME_MS = HOUR
_UNKNOWN_KEY = (-1125, "This listenKey does not exist.")


@dataclass(slots=True)
class _Key:
    value: str
    account: Account
    expires: int


class UserData:
    """One listen key an account, and the sockets that listen with it. Times are the venue's."""

    def __init__(self, core: Core, wallets: Wallets) -> None:
        self._core = core
        self._keys: dict[Account, _Key] = {}
        self._listeners: dict[PrivateSession, str] = {}
        wallets.on_funding = self._on_funding

    def operations(self) -> dict[str, Operation]:
        return {
            "listenKey.start": Operation(self._start, 1, frozenset(), Security.KEY),
            "listenKey.extend": Operation(self._extend, 1, frozenset(), Security.KEY),
            "listenKey.close": Operation(self._close, 1, frozenset(), Security.KEY),
        }

    def join(self, session: "PrivateSession", listen_key: str) -> None:
        """A key that is not valid is heard nothing of."""
        self._listeners[session] = listen_key

    def leave(self, session: "PrivateSession") -> None:
        self._listeners.pop(session, None)

    def tick(self) -> None:
        """Expire what is due."""
        for key in tuple(self._keys.values()):
            if self._core.now() >= key.expires:
                del self._keys[key.account]
                event = {"e": "listenKeyExpired", "E": str(self._core.now()), "listenKey": key.value}
                self._send(key.value, event)

    def _start(self, call: Call) -> Any:
        key = self._keys.get(call.account)
        if key is None:
            key = self._keys[call.account] = _Key(secrets.token_urlsafe(48), call.account, 0)
        key.expires = self._core.now() + LIFETIME_MS
        return {"listenKey": key.value}

    def _extend(self, call: Call) -> Any:
        key = self._keys.get(call.account)
        if key is None:
            raise VenueRefusal(*_UNKNOWN_KEY)
        key.expires = self._core.now() + LIFETIME_MS
        return {"listenKey": key.value}

    def _close(self, call: Call) -> Any:
        self._keys.pop(call.account, None)
        return {}

    def _on_funding(self, account: Account, wallet: Wallet, position: Position, paid: Decimal) -> None:
        """As the venue: a position is named where it is isolated."""
        key = self._keys.get(account)
        if key is None:
            return
        now = self._core.now()
        balance = {
            "a": "USDT",
            "wb": amount(wallet.funds["USDT"]),
            "cw": amount(wallet.cross("USDT")),
            "bc": amount(paid),
        }
        changes: dict[str, Any] = {"m": "FUNDING_FEE", "B": [balance], "P": []}
        if position.isolated_wallet is not None:
            changes["P"].append(
                {
                    "s": position.listing.instrument.symbol,
                    "pa": str(position.quantity),
                    "ep": str(position.entry),
                    "bep": str(position.entry),
                    "cr": "0",
                    "up": "0",
                    "mt": "isolated",
                    "iw": amount(position.isolated_wallet),
                    "ps": "BOTH",
                }
            )
        self._send(key.value, {"e": "ACCOUNT_UPDATE", "E": now, "T": now, "a": changes})

    def _send(self, listen_key: str, event: dict[str, Any]) -> None:
        for session, key in tuple(self._listeners.items()):
            if key == listen_key:
                session.account_event(event)


class PrivateSession:
    """`/private/ws?listenKey=<key>`, or `/private/ws/<key>`."""

    def __init__(self, core: Core, user_data: UserData, socket: Socket, path: str) -> None:
        self._core, self._user_data, self._socket = core, user_data, socket
        named = parse_qs(socket.query).get("listenKey", [""])[0]
        user_data.join(self, named or path.removeprefix("/ws").strip("/"))

    @property
    def subscriptions(self) -> tuple[str, ...]:
        return ("userData",)

    def begin(self) -> None:
        """Nothing is sent unasked."""

    def on_text(self, text: str) -> None:
        """There is nothing to ask for: the address said it all."""

    def on_control_frame(self) -> None:
        """Pings and pongs are free here."""

    def on_closed(self) -> None:
        self._user_data.leave(self)

    def announce_shutdown(self) -> None:
        self._socket.send(msgspec.json.encode({"e": "serverShutdown", "E": self._core.now()}))

    def account_event(self, event: dict[str, Any]) -> None:
        payload = msgspec.json.encode(event)
        self._socket.deliver("userData", payload, text_frame(payload))
