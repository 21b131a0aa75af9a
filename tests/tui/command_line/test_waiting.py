"""Many streams take their time; how many are there is said, and few are not worth a word."""

from connectors.contracts import ConnectionHealth
from connectors.contracts.health import SubscriptionHealth
from tui.command_line.waiting import waiting_text


def health(*streams: tuple[str, str | None]) -> list[ConnectionHealth]:
    subscriptions = [
        SubscriptionHealth(str(number), None, state, None, 0, book_state=book)
        for number, (state, book) in enumerate(streams)
    ]
    half = len(subscriptions) // 2
    return [
        ConnectionHealth("a", "CONNECTED", 1, None, None, 0, 0, 0, 0, subscriptions=part)
        for part in (subscriptions[:half], subscriptions[half:])
    ]


def test_what_has_come_and_what_has_not_is_counted_over_all_connections() -> None:
    books = [("ACTIVE", "SYNCED")] * 10 + [("ACTIVE", "BUFFERING")] * 15 + [("PENDING", "EMPTY")] * 975
    others = [("ACTIVE", None)] * 500 + [("PENDING", None)] * 500
    assert waiting_text(health(*books, *others)) == (
        "subscribed to 525 of 2,000 streams; 10 of 1,000 order books are complete: the venue's limits set the pace"
    )


def test_nothing_is_said_of_few_or_once_all_has_come() -> None:
    assert waiting_text(health(*[("PENDING", "EMPTY")] * 20)) == ""
    assert waiting_text(health(*[("ACTIVE", "SYNCED")] * 40, *[("ACTIVE", None)] * 40)) == ""
    assert waiting_text([]) == ""
