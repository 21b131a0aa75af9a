"""Text a hostile venue or plug-in might send, and what must never come out of it."""

TITLE_BREAK = "\x1b]0;OWNED\x07"
CLIPBOARD = "\x1b]52;c;T1dORUQ=\x07"
CLEAR_SCREEN = "\x1b[2J\x1b[H"
C1_CSI = "\x9b31m"
OVERRIDE = "\u202etxet\u2066x"
NUL_DEL = "\x00\x7f\x08"
SURROGATE = "\ud800"
ACTION = "[@click=app.quit]BTC[/]"
BROKEN_MARKUP = "[b]BTC[/i]"
UNCLOSED = "[@click=foo("
CLOSING = "BTC[/]"
LINK = "[link=http://evil.example]BTC[/link]"

PAYLOADS = {
    "title": "A" + TITLE_BREAK + "B",
    "clipboard": "A" + CLIPBOARD + "B",
    "clear": "A" + CLEAR_SCREEN + "B",
    "c1": "A" + C1_CSI + "B",
    "bidi": "A" + OVERRIDE + "B",
    "nul": "A" + NUL_DEL + "B",
    "surrogate": "A" + SURROGATE + "B",
    "action": ACTION,
    "broken markup": BROKEN_MARKUP,
    "unclosed markup": UNCLOSED,
    "closing markup": CLOSING,
    "link": LINK,
    "long": "x" * 5000,
    "lines": "\n" * 500,
}

RAW = (
    *map(chr, [*range(0x09), *range(0x0B, 0x20), *range(0x7F, 0xA0)]),
    "\u202e",
    "\u2066",
    "\u200f",
    "\u2028",
    SURROGATE,
)
"""Characters that may not be in any cell of the screen."""
