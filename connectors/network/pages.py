"""What an answer that is not the venue's data says: web pages, and the words that a venue explains itself with."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from catalog.text import clean
from connectors.contracts.errors import BadResponse, VenueError, VenueUnavailable
from connectors.runtime.redaction import redact

_LOOKED_AT = 16 * 1024
_WORDS = 200
_UNSEEN = ("script", "style", "head", "template", "noscript")
_TELLING = (
    "msg",
    "message",
    "error_message",
    "errormsg",
    "errmsg",
    "reason",
    "detail",
    "description",
    "error",
)
_SAID = frozenset({*_TELLING, "code", "status", "success", "ok", "timestamp", "time", "id"})
_DOWN = re.compile(
    r"maintenance|unavailable|upgrad|overload|back (?:soon|shortly|at|in)|offline", re.IGNORECASE
)


def is_page(body: bytes) -> bool:
    """Whether it is HTML (or XML): no venue of ours sends data so."""
    return body[:256].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def words_of(body: bytes) -> str:
    """What a page or a JSON answer tells a person, as one short clean line without secrets; empty where nothing."""
    text = body[:_LOOKED_AT].decode("utf-8", "replace")
    if is_page(body):
        found = _page_words(text)
    elif text.lstrip()[:1] in ("{", "["):
        found = _told(_json(body)) if len(body) <= _LOOKED_AT else ""
    else:
        found = text
    return clean(redact(clean(found, _WORDS * 4)), _WORDS)


def page_error(name: str, body: bytes, *, status: int = 200, wanted: str = "data") -> VenueError:
    """The error of a web page in the place of what was wanted: the venue's own, or of somebody on the way."""
    words = words_of(body)
    if _DOWN.search(words):
        return VenueUnavailable(f"{name} is down for maintenance or overloaded: '{words}'", status=status)
    said = f": '{words}'" if words else ""
    return BadResponse(
        f"a web page came in place of {name}'s {wanted}, such as a proxy's or a network's sign-in page{said}",
        status=status,
    )


def says_it_is_down(body: bytes) -> str:
    """The words of a JSON answer that holds nothing but the word that the venue is down; empty for any other."""
    if len(body) > _LOOKED_AT or not body.lstrip().startswith(b"{"):
        return ""
    answer = _json(body)
    if not isinstance(answer, dict):
        return ""
    fields = cast("Mapping[Any, object]", answer).items()
    if any(value not in (None, "", [], {}) and str(name).lower() not in _SAID for name, value in fields):
        return ""
    words = words_of(body)
    return words if _DOWN.search(words) else ""


def unreadable(name: str, what: str, body: bytes, fault: object = "") -> VenueError:
    """The error of an answer that is not of the form it should have: in the venue's own words where it has any."""
    words = _told(_json(body)) if len(body) <= _LOOKED_AT else ""
    words = clean(redact(clean(words, _WORDS * 4)), _WORDS)
    if words and _DOWN.search(words):
        return VenueUnavailable(f"{name} is down for maintenance or overloaded: '{words}'", status=200)
    if words:
        return BadResponse(f"{name} gave no {what} but said: '{words}'")
    because = f": {fault}" if str(fault) else ""
    return BadResponse(f"{name}'s {what} cannot be read{because}")


def _page_words(text: str) -> str:
    """The title and what is seen of the page, without a parser that a hostile page could keep busy."""
    return " ".join(dict.fromkeys(one for one in map(str.strip, _seen(text)) if one))


def _seen(text: str) -> Iterator[str]:
    unseen: str | None = None
    title = False
    for piece in text.split("<")[1:]:
        tag, _, words = piece.partition(">")
        name = re.split(r"[\s/>]", tag.lower().removeprefix("/"), maxsplit=1)[0]
        closing = tag.startswith("/")
        if name == "title":
            title = not closing
        elif name in _UNSEEN and unseen is None and not closing:
            unseen = name
        elif closing and name == unseen:
            unseen = None
        if (unseen is None or title) and not tag.startswith("!--"):
            yield html.unescape(words)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _told(answer: object) -> str:
    """The text beside a telling name, one level down at most."""
    if not isinstance(answer, dict):
        return ""
    fields = {str(name).lower(): value for name, value in cast("Mapping[Any, object]", answer).items()}
    for name in _TELLING:
        value = fields.get(name)
        first = next(iter(cast("list[object]", value)), None) if isinstance(value, list) else value
        told = first if isinstance(first, str) else _told(first)
        if told.strip():
            return told
    return ""
