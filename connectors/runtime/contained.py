"""A package's bundle behind a wall: what its code raises, or refuses to end, harms nobody but itself.

Whatever is not an `Exception` becomes a `BrokenConnector`; a call that is cancelled and goes on all the same is
abandoned, so that a deadline, a deactivation and the end of the app hold.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, TypeVar, cast

from connectors.contracts.errors import BrokenConnector
from connectors.contracts.services import ExchangeConnectorBundle
from connectors.runtime.foreign import describe, pass_ours

T = TypeVar("T")

log = logging.getLogger(__name__)

GRACE = 1.0
"""Seconds a call has to end after it was cancelled."""


def contained(bundle: ExchangeConnectorBundle, connector_type: str) -> ExchangeConnectorBundle:
    """The bundle with each service behind the wall."""
    parts = ("client", "ws", "account_api", "market_api", "order_api")
    return replace(bundle, **{part: _walled(getattr(bundle, part), connector_type) for part in parts})


def called(connector_type: str, function: Callable[..., T], *arguments: Any, **options: Any) -> T:
    """What foreign code returns. What it raises beyond `Exception` is a `BrokenConnector`."""
    reason: str
    try:
        return function(*arguments, **options)
    except Exception:
        raise
    except BaseException as error:  # noqa: BLE001 - a stranger's code
        pass_ours(error)
        reason = describe(error)
    raise BrokenConnector(connector_type, reason)


async def awaited(connector_type: str, call: Awaitable[T]) -> T:
    """As `called`, for what is awaited. Cancelled, it ends within `GRACE` seconds, whatever the foreign code does."""
    task = asyncio.create_task(_outcome(call), name=f"call of {connector_type}")
    try:
        await asyncio.wait([task])
    except asyncio.CancelledError:
        task.cancel()
        if not (await asyncio.wait([task], timeout=GRACE))[0]:
            log.warning("connector=%s a call does not end though it was cancelled: abandoned", connector_type)
        raise
    error = (
        BrokenConnector(connector_type, "it cancelled its own call") if task.cancelled() else task.result()[1]
    )
    if error is None:
        return cast("T", task.result()[0])
    if isinstance(error, Exception):
        raise error
    raise BrokenConnector(connector_type, describe(error))


async def _outcome(call: Awaitable[T]) -> tuple[T | None, BaseException | None]:
    # Carried, not raised: a task that ends with SystemExit or KeyboardInterrupt ends the event loop as well.
    try:
        return await call, None
    except BaseException as error:  # noqa: BLE001 - a stranger's code
        pass_ours(error)
        return None, error


def _walled(service: object, connector_type: str) -> Any:
    """An object with the same names. They are there for `isinstance` with a Protocol, and looked up when used."""

    def look_up(name: str) -> Any:
        return _wrapped(connector_type, called(connector_type, getattr, service, name))

    def named(name: str) -> property:
        return property(lambda _: look_up(name))

    def later(_: object, name: str) -> Any:
        return look_up(name)

    names = [name for name in called(connector_type, dir, service) if not name.startswith("__")]
    body: dict[str, Any] = {name: named(name) for name in names}
    # What appears on the service later.
    body["__getattr__"] = later
    return type(f"Contained{type(service).__name__}", (), body)()


def _wrapped(connector_type: str, value: Any) -> Any:
    if inspect.isawaitable(value):

        async def finished() -> Any:
            return _wrapped(connector_type, await awaited(connector_type, value))

        return finished()
    # A class is a value here; an unsubscribe that was handed out is a call like any other.
    if callable(value) and not isinstance(value, type):

        def call(*arguments: Any, **options: Any) -> Any:
            return _wrapped(connector_type, called(connector_type, value, *arguments, **options))

        return call
    return value
