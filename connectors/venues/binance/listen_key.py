"""The key in the address of the USD-M account stream: asked for, kept alive, asked for anew.

An account has one key, whatever programs use it: a `POST` gives it to each of them and extends it by an hour. So it is
never deleted here, which would end the others' streams too; unused, it ends by itself.
Source: USD-M futures, user data streams.
"""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from connectors.contracts.errors import BadResponse, BarfinexError, VenueError
from connectors.venues.binance.client import BinanceClientService
from connectors.venues.binance.decode import FAULTS
from connectors.venues.binance.errors import NAME
from connectors.venues.binance.futures_wire import ListenKeyAnswer

logger = logging.getLogger(__name__)

EXTEND_EVERY = 1_800.0
"""Seconds; a key lives for an hour."""
AGAIN_AFTER = 60.0
"""Seconds after an extension that failed on the way."""
_UNKNOWN_KEY = -1125

_answer = msgspec.json.Decoder(ListenKeyAnswer)


class ListenKey:
    """`obtain` before every connection; `lost` is called where the venue knows the key no more."""

    def __init__(
        self,
        client: BinanceClientService,
        lost: Callable[[], None],
        *,
        every: float = EXTEND_EVERY,
        again: float = AGAIN_AFTER,
    ) -> None:
        self.value = ""
        self._client = client
        self._lost = lost
        self._every = every
        self._again = again
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return "ListenKey(***)"

    async def obtain(self) -> None:
        """Get the account's key, alive for another hour. Raises `MissingCredentials` or the venue's refusal."""
        body = await self._client.listen_key("POST")
        try:
            self.value = _answer.decode(body).listen_key
        except FAULTS:
            # The decoder's message may quote the key.
            raise BadResponse(f"{NAME}'s listen key cannot be read") from None
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name="binance-futures listen key")

    async def release(self) -> None:
        """Keep it alive no longer."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _keep(self) -> None:
        delay = self._every
        while True:
            await asyncio.sleep(delay)
            delay = self._every
            try:
                await self._client.listen_key("PUT")
            except BarfinexError as error:
                if isinstance(error, VenueError) and error.code == _UNKNOWN_KEY:
                    self._lost()
                else:
                    delay = self._again
                    logger.warning("listen key not extended: venue=binance reason=%s", error)
