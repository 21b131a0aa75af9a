"""What a venue says of an account, fit to be shown and kept: it may send back what it was sent, or anything else."""

from dataclasses import replace

from catalog.text import clean
from connectors.contracts.orders import AccountInfo

MOST_PERMISSIONS = 64


def shown(account: AccountInfo) -> AccountInfo:
    """The account with its words cleaned, secrets masked."""
    words = account.permissions
    return replace(
        account,
        account_id=None if account.account_id is None else clean(account.account_id),
        permissions=tuple(clean(word) for word in tuple(words)[:MOST_PERMISSIONS]),
    )
