"""Whether a new password is too weak to stand alone between a stolen file and its content."""

SHORTEST = 12
LEAST_VARIETY = 6
"""Characters that count: those that do not just repeat or continue the one before."""

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890")
_NEIGHBOURS = frozenset(row[place : place + 2] for row in _ROWS for place in range(len(row) - 1))


def weakness(password: str) -> str | None:
    """What is wrong with it, fit for "the password ...", or `None`."""
    folded = password.strip().casefold()
    if len(folded) < SHORTEST:
        return f"is too short: use at least {SHORTEST} characters, four words for example"
    repeats = folded in (folded + folded)[1:-1]
    counted = {
        after for before, after in zip(" " + folded, folded, strict=False) if not _follows(before, after)
    }
    if repeats or len(counted) < LEAST_VARIETY:
        return "is too easy to guess: it repeats itself or counts on; use four words for example"
    return None


def _follows(before: str, after: str) -> bool:
    pair = before + after
    return abs(ord(before) - ord(after)) <= 1 or pair in _NEIGHBOURS or pair[::-1] in _NEIGHBOURS
