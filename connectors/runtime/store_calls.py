"""Calls of a secret store: in a daemon thread, one at a time, under a deadline, and alone among all processes."""

import asyncio
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

from connectors.contracts.errors import SecretStoreError, StoreTimeout, StoreUnavailable
from connectors.runtime.daemon_call import call_in_daemon_thread
from connectors.runtime.process_lock import ProcessLock

T = TypeVar("T")

LOCK_NAME = "credentials.lock"


class StoreCalls:
    """The calls of one vault. `folder` is asked for when it is first needed."""

    def __init__(self, folder: Callable[[], Path], *, timeout: float, lock_wait: float) -> None:
        self._folder = folder
        self._timeout = timeout
        self._lock_wait = lock_wait
        self._busy = threading.Lock()
        self._lock: ProcessLock | None = None

    @contextmanager
    def alone(self, *, needed: bool = True) -> Generator[None]:
        """Alone among all processes; where that is impossible (a read-only folder) and not `needed`, without.

        Raises `StoreTimeout`, `SecretStoreError`. Only inside a call.
        """
        if self._lock is None:
            self._lock = ProcessLock(self._folder() / LOCK_NAME)
        turn: AbstractContextManager[None] = nullcontext()
        fault: SecretStoreError | None = None
        try:
            turn = self._lock.held(self._lock_wait)
            turn.__enter__()
        except TimeoutError:
            fault = StoreTimeout(
                "another barfinex is changing the stored credentials and was not done within "
                f"{self._lock_wait:g} s; try again"
            )
        except OSError as error:
            turn = nullcontext()
            if needed:
                fault = SecretStoreError(
                    f"the stored credentials cannot be locked: {error.strerror or type(error).__name__}"
                )
        if fault is not None:
            raise fault
        try:
            yield
        finally:
            turn.__exit__(None, None, None)

    async def run(
        self,
        work: Callable[[threading.Event], T],
        timeout: float | None = None,
        *,
        alone: AbstractContextManager[None] | None = None,
    ) -> T:
        """What `work` returns or raises; its event tells it that nobody waits any more.

        Waiting to be `alone` takes none of the store's time.
        """
        seconds = self._timeout if timeout is None else timeout
        give_up = threading.Event()

        @contextmanager
        def turn() -> Generator[None]:
            if not self._busy.acquire(timeout=seconds):
                raise TimeoutError
            try:
                with alone or nullcontext():
                    yield
            finally:
                self._busy.release()

        def run() -> T:
            if give_up.is_set():
                raise TimeoutError
            return work(give_up)

        patience = 0.0 if alone is None else self._lock_wait + 1
        fault: SecretStoreError
        try:
            return await call_in_daemon_thread(
                run, seconds, name="secret-store", give_up=give_up, turn=turn(), patience=patience
            )
        except TimeoutError:
            fault = StoreTimeout(
                f"the secret store did not answer within {seconds:g} s; is an unlock prompt open on the desktop?"
            )
        except SecretStoreError as error:
            fault = error
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - a store's own failure; its text may quote what it was given
            fault = StoreUnavailable(f"the secret store failed ({type(error).__name__})")
        # Raised outside the handlers, so that no frame of the store, with its locals, hangs on the error.
        raise fault.with_traceback(None)
