"""Finding the emulator that runs on this machine, or starting one.

A running emulator is known by a small file in the user's state folder, one a venue, and believed only when it
answers with the id in the file. One that is started here ends with this process.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

from catalog.addresses import is_loopback, shown_address
from catalog.text import clean
from connectors.contracts.errors import BarfinexError, ConnectionFailed, RequestTimeout
from connectors.emulator import presence
from connectors.emulator.dialect import dialect_endpoints, loopback_endpoints
from connectors.runtime.python_child import LastWords, child_environment, module_command

log = logging.getLogger(__name__)

_ANSWER_SECONDS = 1.0
_NAMED_ANSWER_SECONDS = 5.0
"""Somebody named it, so it is waited for on a busy machine too."""
_END_SECONDS = 3.0
RESTARTS = 3
"""So often in a row an emulator that ended is started again."""
_PAUSE = 0.5
"""Seconds before the first of them, doubled for each that follows."""
_LOOK_SECONDS = 1.0
"""Between two looks at one that another program started."""
_STEADY_SECONDS = 60.0
"""One that ran so long has not just failed again."""
_RESTART_SECONDS = 10.0
_ANYWHERE = "127.0.0.1:1"
"""Asked only for the names of the addresses."""


@dataclass(slots=True)
class LocalVenue:
    """An emulator to talk to. `started`: this process started it, and `stop` ends it."""

    venue: str
    endpoints: dict[str, str]
    token: str | None = field(default=None, repr=False)
    """What its own paths, `/_emulator/...`, want; `None` where it is known by its URL alone."""
    started: bool = False
    held: bool = False
    """Another program started it, and it ends with that program."""
    tell: Callable[[str], None] | None = field(default=None, repr=False)
    """Told in plain words that it was started again, or stays off."""
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _words: LastWords | None = field(default=None, repr=False)
    _watch: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def ended(self) -> str | None:
        """Why it is gone though nobody stopped it, with its last words; `None` while it runs."""
        if self._process is None or self._process.returncode is None:
            return None
        return f"it ended with exit code {self._process.returncode}{_quoted(self._words)}"

    def adopt(self, process: asyncio.subprocess.Process, words: LastWords) -> None:
        self._process, self._words = process, words

    def watch(self) -> None:
        """Have it started again, where it was, when it ends though nobody stops it; a few times, and each is logged.

        One that somebody runs by hand is that person's to start again.
        """
        if self._watch is None and (self._process is not None or self.held):
            self._watch = asyncio.create_task(self._keep_running(), name=f"watch local {self.venue}")

    async def _keep_running(self) -> None:
        authority = urlsplit(self.endpoints["rest"]).netloc
        port = urlsplit(self.endpoints["rest"]).port or 0
        attempts, loop = 0, asyncio.get_running_loop()
        while True:
            began = loop.time()
            if self._process is None:
                await self._while_answered(authority)
            else:
                await self._process.wait()
            if self._words is not None:
                await self._words.heard()
            why = self.ended or "the program that had started it has left"
            log.warning("venue=%s the local emulator is gone: %s", self.venue, why)
            if loop.time() - began >= _STEADY_SECONDS:
                attempts = 0
            while True:
                if attempts >= RESTARTS:
                    log.error("venue=%s the local emulator ended too often: it stays off", self.venue)
                    self._say("ended too often and stays off; turn it off and activate it again")
                    return
                await asyncio.sleep(_PAUSE * 2**attempts)
                attempts += 1
                if await self._is_answered(authority):
                    log.warning("venue=%s another program started the local emulator again", self.venue)
                    self._say("ended and was started again: its market began anew")
                    self._process = None
                    break
                try:
                    await _launch(self, _RESTART_SECONDS, port)
                except (BarfinexError, OSError) as error:
                    log.warning("venue=%s the local emulator did not start again: %s", self.venue, error)
                    continue
                log.warning(
                    "venue=%s the local emulator was started again (%d of %d)", self.venue, attempts, RESTARTS
                )
                self._say("ended and was started again: its market began anew")
                break

    def _say(self, what: str) -> None:
        if self.tell is not None:
            self.tell(f"The local {self.venue} exchange {what}.")

    async def _is_answered(self, authority: str) -> bool:
        identity = await _ping(authority, _NAMED_ANSWER_SECONDS)
        return identity is not None and identity.get("venue") == self.venue

    async def _while_answered(self, authority: str) -> None:
        while await self._is_answered(authority):  # noqa: ASYNC110 - another process tells nobody
            await asyncio.sleep(_LOOK_SECONDS)

    async def stop(self) -> None:
        """End the emulator, if it was started here; calling it again does nothing."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self.end()

    async def end(self) -> None:
        """End its process."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(_END_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        if self._words is not None:
            self._words.stop()
        presence.withdraw(self.venue, process.pid)


async def find_or_start(venue: str, *, url: str | None = None, timeout: float = 10) -> LocalVenue:
    """The emulator at `url` (its REST base), else the one that runs already, else a new one.

    Raises `UnknownVenue`, `ConnectionFailed` where nothing answers at `url` or the new one ended at once, and
    `RequestTimeout` where the new one does not say where it listens within `timeout` seconds.
    """
    if url is not None:
        return await _named(venue, url)
    return await _running(venue) or await _started(venue, timeout)


async def _named(venue: str, url: str) -> LocalVenue:
    url = url if "://" in url else f"http://{url}"
    if not is_loopback(url):
        raise ConnectionFailed(
            f"a local emulator is on this machine, and {clean(shown_address(url), 100)} is not"
        )
    authority = urlsplit(url).netloc
    identity = await _ping(authority, _NAMED_ANSWER_SECONDS)
    if identity is None or identity.get("venue") != venue:
        raise ConnectionFailed(f"no {venue} emulator answers at {clean(shown_address(url), 100)}")
    return LocalVenue(venue, dialect_endpoints(venue, authority))


async def _running(venue: str) -> LocalVenue | None:
    facts = presence.read(venue)
    url = str(facts.get("rest", ""))
    if not is_loopback(url):
        return None
    authority = urlsplit(url).netloc
    identity = await _ping(authority)
    if identity is None or identity.get("id") != facts.get("id"):
        return None
    endpoints, token = dialect_endpoints(venue, authority), _text(facts.get("token"))
    return LocalVenue(venue, endpoints, token, held=facts.get("held") is True)


async def _started(venue: str, timeout: float) -> LocalVenue:
    local = LocalVenue(venue, {}, started=True)
    await _launch(local, timeout)
    local.watch()
    return local


async def _launch(local: LocalVenue, timeout: float, port: int = 0) -> None:
    """Start its process, on this port where one is named. Raises as `find_or_start` does; nothing then runs."""
    venue = local.venue
    names = tuple(dialect_endpoints(venue, _ANYWHERE))
    process = await asyncio.create_subprocess_exec(
        *module_command("connectors.emulator", venue, "--json", "--watch-parent", "--port", str(port)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=child_environment(),
    )
    words = LastWords(process.stderr)
    local.adopt(process, words)
    try:
        output = cast("asyncio.StreamReader", process.stdout)
        async with asyncio.timeout(timeout):
            line = await output.readline()
        if not line:
            code = await process.wait()
            await words.heard()
            raise ConnectionFailed(
                f"the local {venue} emulator ended at once (exit code {code}){_quoted(words)}"
            )
        facts = presence.mapping(_json(line))
        if facts is None:
            said = clean(line.decode(errors="replace"), 100)
            raise ConnectionFailed(f"the local {venue} emulator did not say where it listens: {said}")
        local.endpoints = loopback_endpoints(venue, {name: facts.get(name) for name in names})
    except TimeoutError:
        await local.end()
        raise RequestTimeout(
            f"the local {venue} emulator did not start within {timeout:g} s{_quoted(words)}"
        ) from None
    except BaseException:
        await local.end()
        raise
    local.token = _text(facts.get("token"))
    presence.publish(venue, {**facts, "held": True})


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _quoted(words: LastWords | None) -> str:
    said = str(words or "")
    return f": {said}" if said else ""


async def _ping(authority: str, seconds: float = _ANSWER_SECONDS) -> dict[str, Any] | None:
    """Who answers there; `None` where nobody does, or it is no emulator."""
    host, _, port = authority.rpartition(":")
    if not port.isdigit():
        return None
    request = f"GET /_emulator/ping HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    try:
        async with asyncio.timeout(seconds):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                writer.write(request.encode())
                answer = await reader.read(65_536)
            finally:
                writer.close()
        body: Any = json.loads(answer.partition(b"\r\n\r\n")[2])
    except (OSError, TimeoutError, ValueError):
        return None
    return presence.mapping(body)
