"""Asking the venue in another way whether a silent channel is silent because nothing happens."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SilenceCheck:
    """`ask` gets what the channel should know by now, outside the stream; its feed compares it with what it was sent.

    `on_its_way`: seconds in which news that the venue's answer has reaches us, if the stream flows.
    """

    ask: Callable[[], Awaitable[Any]]
    on_its_way: float

    async def is_quiet(self, knows: Callable[[Any], bool]) -> bool:
        """Whether all that the venue answers is known, or becomes so in time."""
        answer = await self.ask()
        if knows(answer):
            return True
        await asyncio.sleep(self.on_its_way)
        return knows(answer)
