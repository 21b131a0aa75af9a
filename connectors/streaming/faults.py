"""What is done about bad frames and failing consumers: counted, isolated, and in the end given up with a reason."""

import logging
from typing import Protocol

from catalog.text import clean
from connectors.streaming.link import Link
from connectors.streaming.settings import SessionSettings
from connectors.streaming.subscription import Subscription
from connectors.streaming.wanted import WantedSet

log = logging.getLogger(__name__)


class Remedies(Protocol):
    """What can be done about a fault."""

    def renew(self, subscription: Subscription, reason: str) -> None:
        """Subscribe to a channel anew."""
        ...

    def drop(self, subscription: Subscription) -> None:
        """Take a channel off the connection."""
        ...

    def give_up(self, reason: str) -> None:
        """End the session for good."""
        ...


class Faults:
    """Counts the faults of a session and answers the repeated ones."""

    def __init__(self, wanted: WantedSet, settings: SessionSettings, remedies: Remedies) -> None:
        self.quarantined = 0
        """Bad frames that were dropped."""
        self.handler_errors = 0
        """Events whose consumer raised."""
        self._wanted = wanted
        self._settings = settings
        self._remedies = remedies
        self._unroutable_in_a_row = 0
        self._last_unroutable: tuple[str, int] | None = None

    def unroutable(self, link: Link, error: BaseException) -> None:
        """A frame that belongs to no channel and says nothing, or that broke the connection."""
        self.quarantined += 1
        consecutive = self._last_unroutable == (link.name, link.messages - 1) or link.messages <= 1
        self._unroutable_in_a_row = self._unroutable_in_a_row + 1 if consecutive else 1
        self._last_unroutable = (link.name, link.messages)
        count, reason = self._unroutable_in_a_row, clean(error, 200)
        log.warning("bad frame conn=%s in_a_row=%d error=%s", link.name, count, reason)
        if count >= self._settings.bad_frames_disable:
            self._remedies.give_up(f"{count} bad frames in a row: {reason}")
        elif count % self._settings.bad_frames_resubscribe == 0:
            link.abort(f"{count} bad frames in a row: {reason}")

    def quarantine(self, subscription: Subscription, error: BaseException) -> None:
        self.quarantined += 1
        count, name = subscription.bad_in_a_row, subscription.channel.name
        reason = f"{count} bad frames in a row: {clean(error, 200)}"
        log.warning("bad frame channel=%s in_a_row=%d error=%s", name, count, clean(error, 200))
        if count >= self._settings.bad_frames_disable:
            self._remedies.drop(subscription)
            subscription.fail()
            subscription.sink.closed(reason)
            self._wanted.tell(subscription, "failed", reason)
        elif count % self._settings.bad_frames_resubscribe == 0:
            self._remedies.renew(subscription, reason)

    def handler_failed(self, subscription: Subscription, error: BaseException) -> None:
        self.handler_errors += 1
        log.error("handler failed channel=%s", subscription.channel.name, exc_info=error)

    def revived(self, subscription: Subscription) -> None:
        self._wanted.tell(subscription, "live", "data flows again")
