"""One channel's state, apart from any connection."""

from connectors.streaming.dialect import Channel
from connectors.streaming.subscription import Subscription, SubscriptionState
from tests.connectors.streaming.scripted import Probe

FRAME = b'{"data":{"q":1}}'


class Told:
    """Notes when data is said to flow again."""

    def __init__(self) -> None:
        self.revivals = 0

    def quarantine(self, subscription: Subscription, error: Exception) -> None:
        raise AssertionError(error)

    def handler_failed(self, subscription: Subscription, error: Exception) -> None:
        raise AssertionError(error)

    def revived(self, subscription: Subscription) -> None:
        self.revivals += 1


def test_a_channel_that_was_called_failed_is_called_live_with_its_first_data():
    told = Told()
    subscription = Subscription(Channel("a"), Probe(), told)
    subscription.activate(1.0)
    subscription.deliver(FRAME, 1.0)
    assert told.revivals == 0
    subscription.fail()
    subscription.activate(2.0)
    assert subscription.state is SubscriptionState.ACTIVE
    assert told.revivals == 0
    subscription.deliver(FRAME, 2.0)
    subscription.deliver(FRAME, 2.0)
    assert told.revivals == 1


def test_a_channel_that_was_called_stale_is_called_live_after_a_loss_too():
    told = Told()
    subscription = Subscription(Channel("a"), Probe(), told)
    subscription.activate(1.0)
    subscription.mark_stale()
    subscription.suspend()
    subscription.activate(2.0)
    subscription.measure_next(lambda _subscription, _frame: None)
    subscription.deliver(FRAME, 2.0)
    assert told.revivals == 1
    assert subscription.state is SubscriptionState.ACTIVE
