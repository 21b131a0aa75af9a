"""Secrets are taken out of every log record, by value and by name, on every handler.

By value: what the program knows to be secret (`add_secret`), in its usual disguises. By name: what stands beside a
telling name (`apiKey=...`, `"signature": "..."`, `Authorization: ...`), known or not. A filter sits on the handlers,
because a logger's own filter does not see the records of its children.
"""

import logging
import re
import threading
import traceback
from collections.abc import Callable, Iterable
from types import TracebackType

from catalog.text import mask_with
from connectors.runtime.disguises import disguises

MASK = "***"

WIRE_LOGGERS = ("httpx", "httpcore", "websockets", "urllib3", "ccxt", "keyring", "uvicorn.access")
"""Libraries that log URLs, headers or whole frames: nothing of theirs below WARNING is let through."""

_NAMES = (
    r"(?:api[-_]?(?:key|secret|sign|passphrase)|secret(?:[-_]?key)?|private[-_]?key|pass(?:word|wd|phrase)"
    r"|(?:access|refresh|auth|bearer|session|id)?[-_]?token|client[-_]?secret|signature|authorization|listen[-_]?key"
    r"|mbx[-_]?apikey|access[-_]?(?:key|sign|passphrase)|set[-_]?cookie|cookie|seed[-_]?phrase|mnemonic)"
)
_BY_NAME = re.compile(
    rf"""(?ix)
    (?P<name> {_NAMES} )
    (?P<between> \\?["']? \s* (?: [:=] | %3d | ,\s*(?=b?["']) ) \s* )
    (?: (?P<quote> \\?["'] | b["'] ) .*? (?P<close> \\?["'] | $ )
      | (?: (?:bearer|basic|digest|token) \s+ )? [^\s"'&,;}}\])]+ )
    """
)
_PEM = re.compile(r"(-----BEGIN [A-Z0-9 ]+-----).*?(?:(-----END [A-Z0-9 ]+-----)|\Z)", re.DOTALL)
_USER_INFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)[^\s/]+@")


class _Forms:
    """Texts to be masked, and one pattern that matches any of them in either case."""

    def __init__(self, *, whole_words: bool) -> None:
        self._lock = threading.Lock()
        self._whole_words = whole_words
        self._folded: frozenset[str] = frozenset()
        self._pattern: re.Pattern[str] | None = None

    def add(self, forms: Iterable[str]) -> None:
        with self._lock:
            known = self._folded | {form.lower() for form in forms}
            if known == self._folded:
                return
            longest_first = sorted(known, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(self._expression, longest_first)), re.IGNORECASE)
            self._folded = known

    def _expression(self, form: str) -> str:
        exact = re.escape(form)
        if not self._whole_words or len(form) >= _UNMISTAKABLE:
            return exact
        return rf"(?<![0-9A-Za-z]){exact}(?![0-9A-Za-z])"

    def mask(self, text: str) -> str:
        if self._pattern is None:
            return text
        folded = text.lower()
        # Nearly always there is none, and looking for each takes a tenth of the pattern's time.
        return self._pattern.sub(MASK, text) if any(form in folded for form in self._folded) else text


_UNMISTAKABLE = 12
"""Characters from which on a form is masked inside a longer word too."""
_SHORTEST_IN_DATA = 8
_NUMBER = re.compile(r"[\d\s.,eE+-]*")


class _Known:
    """The live values, by where they are looked for."""

    def __init__(self) -> None:
        self.anywhere = _Forms(whole_words=False)
        self.in_messages = _Forms(whole_words=True)
        self.in_data = _Forms(whole_words=True)

    def add(self, value: str) -> None:
        forms = disguises(value)
        self.anywhere.add(forms)
        self.in_messages.add(forms)
        if len(value.strip()) >= _SHORTEST_IN_DATA and not _NUMBER.fullmatch(value):
            self.in_data.add(forms)


_known = _Known()


def add_secret(value: str) -> None:
    """From now on `value` and its disguises are masked wherever they appear. Very short values are left out.

    In logs wherever it stands; in what is shown and kept, a short one as a word of its own. A number, or a value of
    less than eight characters, is masked in messages and left in data, which it might be.
    """
    _known.add(value)


def mask_known(text: str) -> str:
    """`text` with `***` in the place of every known secret; what merely stands beside a telling name is kept."""
    return _known.anywhere.mask(text)


def mask_in_messages(text: str) -> str:
    """As `mask_known`, for prose: a short secret counts only as a word of its own."""
    return _known.in_messages.mask(text)


def mask_in_data(text: str) -> str:
    """As `mask_known`, where over-doing it would damage data: only what cannot be mistaken for anything else."""
    return _known.in_data.mask(text)


mask_with(name=mask_in_data, message=mask_in_messages)


def redact(text: str) -> str:
    """`text` with `***` in the place of every secret, known or named."""
    text = _PEM.sub(rf"\1{MASK}\2", mask_known(text))
    return _BY_NAME.sub(_mask_named, _USER_INFO.sub(rf"\1{MASK}@", text))


def redacted_traceback(error: BaseException) -> str:
    """The traceback as Python prints it, without locals and without secrets."""
    return redact("".join(traceback.TracebackException.from_exception(error, capture_locals=False).format()))


class RedactionFilter(logging.Filter):
    """Redacts a record in place, so that no handler or formatter after it sees more."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.WARNING and _is_wire(record.name):
            return False
        record.msg = redact(_message(record))
        record.args = None
        if record.exc_info:
            record.exc_text = _exception_text(record.exc_info)
            record.exc_info = None
        elif record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        for name, value in record.__dict__.items():
            if name not in _OWN_ATTRIBUTES:
                record.__dict__[name] = _redact_extra(name, value)
        return True


def install() -> Callable[[], None]:
    """Put the filter on every handler there is and every one added later; returns what takes it off again.

    Installing twice changes nothing.
    """
    if getattr(logging.Logger.addHandler, "redacts", False):
        return lambda: None
    original = logging.Logger.addHandler
    guard = RedactionFilter()
    guarded: list[logging.Handler] = []

    def protect(handler: logging.Handler | None) -> None:
        if handler is not None and not any(isinstance(item, RedactionFilter) for item in handler.filters):
            handler.addFilter(guard)
            guarded.append(handler)

    def add_handler(self: logging.Logger, hdlr: logging.Handler) -> None:
        protect(hdlr)
        original(self, hdlr)

    def uninstall() -> None:
        logging.Logger.addHandler = original
        for handler in guarded:
            handler.removeFilter(guard)

    add_handler.redacts = True  # pyright: ignore[reportFunctionMemberAccess] - marks the function as ours
    logging.Logger.addHandler = add_handler
    protect(logging.lastResort)
    loggers = [logging.getLogger(), *(item for item in logging.root.manager.loggerDict.values())]
    for logger in loggers:
        if isinstance(logger, logging.Logger):
            for handler in logger.handlers:
                protect(handler)
    for name in WIRE_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    return uninstall


_OWN_ATTRIBUTES = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime"}


def _mask_named(match: re.Match[str]) -> str:
    return f"{match['name']}{match['between']}{match['quote'] or ''}{MASK}{match['close'] or ''}"


def _is_wire(name: str) -> bool:
    return any(name == logger or name.startswith(logger + ".") for logger in WIRE_LOGGERS)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:  # noqa: BLE001 - arguments are foreign objects; logging would print them to stderr as they are
        return f"{record.msg} (arguments not shown: {type(error).__name__})"


def _exception_text(
    info: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None],
) -> str:
    return redacted_traceback(info[1]).rstrip("\n") if info[1] is not None else ""


def _redact_extra(name: str, value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if re.fullmatch(_NAMES, name, re.IGNORECASE):
        return MASK
    text = str(value)
    shown = redact(text)
    return value if shown == text else shown
