"""The dialect put together."""

from typing import Any, cast

from barfinex_exchange_bitstamp.emulator.pairs import Pairs
from barfinex_exchange_bitstamp.emulator.rest import Rest
from barfinex_exchange_bitstamp.emulator.streams import Publishers
from connectors.emulator.toolkit import (
    Channels,
    ChannelSession,
    Clock,
    Market,
    Request,
    Response,
    Socket,
    SocketSession,
)

_RECONNECT = {"event": "bts:request_reconnect", "channel": "", "data": ""}


class BitstampDialect:
    futures = None

    def __init__(self, market: Market, clock: Clock) -> None:
        pairs = Pairs(market)
        self._rest = Rest(pairs, clock)
        self._channels = Channels(market, Publishers(pairs))

    def answer(self, request: Request) -> Response:
        return self._rest.answer(request)

    def accept(self, socket: Socket) -> SocketSession | None:
        if socket.path not in ("", "/"):
            return None
        return ChannelSession(socket, self._channels, _on_message, farewell=_RECONNECT)

    def tick(self, now: int) -> None:
        self._channels.tick(now)


def _on_message(session: ChannelSession, message: dict[str, Any]) -> None:
    event, data = message.get("event"), message.get("data")
    channel: object = cast("dict[str, Any]", data).get("channel") if isinstance(data, dict) else None
    match event:
        case "bts:heartbeat":
            session.send({"event": event, "channel": "", "data": {"status": "success"}})
        case "bts:subscribe" | "bts:unsubscribe" if not isinstance(channel, str):
            session.send(_error("Bad subscription string."))
        case "bts:subscribe" if session.join(str(channel)):
            session.send({"event": "bts:subscription_succeeded", "channel": channel, "data": {}})
        case "bts:subscribe":
            session.send(_error("Invalid channel provided."))
        case "bts:unsubscribe":
            session.leave(str(channel))
            session.send({"event": "bts:unsubscription_succeeded", "channel": channel, "data": {}})
        case _:
            session.send(_error("Bad subscription string."))


def _error(message: str) -> dict[str, Any]:
    return {"event": "bts:error", "channel": "", "data": {"code": None, "message": message}}
