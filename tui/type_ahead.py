"""Keys one after another: the next is given out once the screen that the last one opened is there to take it.

Textual gives a key to whatever has the focus when it is read. Of many keys in one write (a fast typist on a slow line,
`tmux send-keys`, a macro) all would go to the screen that only the first was meant for.
"""

import asyncio
from collections import deque
from typing import Any

from textual import events
from textual.app import App
from textual.message_pump import MessagePump

PATIENCE = 2.0
"""Seconds a key waits for a screen; then it goes to what is there."""
ROUNDS = 2
"""A key may send a message that moves the focus, which is a message again."""
MOST_WAITING = 4_096


class TypeAhead:
    def __init__(self, app: App[Any]) -> None:
        self._app = app
        self._waiting: deque[events.Key] = deque(maxlen=MOST_WAITING)
        self._given: list[events.Key] = []
        self._giving: asyncio.Task[None] | None = None

    def may_pass(self, event: events.Key) -> bool:
        """Whether the key goes on now; where not, it comes again when its turn is."""
        if event in self._given:
            self._given.remove(event)
            return True
        if self._giving is not None and not self._giving.done():
            self._waiting.append(event)
            return False
        ready = self._ready()
        if ready and self._is_text(event):
            return True
        if not ready:
            self._waiting.append(event)
        self._giving = asyncio.create_task(self._give_out(), name="type ahead")
        return ready

    def stop(self) -> None:
        if self._giving is not None:
            self._giving.cancel()

    async def _give_out(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._settled()
            except TimeoutError:
                pass  # something takes long: the person sees it, and goes on typing
            if not self._waiting:
                return
            self._give()
            while self._waiting and self._is_text(self._given[-1]) and self._is_text(self._waiting[0]):
                self._give()

    def _give(self) -> None:
        key = self._waiting.popleft()
        self._given.append(key)
        self._app.post_message(key)

    def _is_text(self, event: events.Key) -> bool:
        """Text into a field, which opens nothing and moves no focus."""
        focused = self._app.focused
        return focused is not None and focused.check_consume_key(event.key, event.character)

    def _ready(self) -> bool:
        """The screen is there. One that is filled after its first paint says by `takes_keys` when it is."""
        screen = self._app.screen
        return screen.is_mounted and bool(getattr(screen, "takes_keys", True))

    async def _settled(self) -> None:
        """What the last key set off is done, and the screen on top can take the next."""
        app, quiet = self._app, 0
        while quiet < ROUNDS:
            before = (app.screen, app.focused)
            for pump in self._path():
                await _drained(pump)
            while not self._ready() or getattr(app.screen, "_callbacks", None):  # noqa: ASYNC110 - a screen tells nobody
                await asyncio.sleep(0.01)
            quiet = quiet + 1 if before == (app.screen, app.focused) else 0

    def _path(self) -> list[MessagePump]:
        """Where a key goes along: from the focus up to the app."""
        app = self._app
        start = app.focused or app.screen
        return [*(node for node in start.ancestors_with_self if node is not app), app]


async def _drained(pump: MessagePump) -> None:
    """The pump has dealt with all that was in its queue."""
    done = asyncio.Event()
    if pump.is_running and pump.call_later(done.set):
        while pump.is_running:
            try:
                async with asyncio.timeout(0.05):
                    await done.wait()
                return
            except TimeoutError:
                continue  # it may have been closed meanwhile
