"""A PEM key however it was copied: out of JSON, from Windows, indented, or in one line."""

import re

_BLOCK = re.compile(r"-----BEGIN (?P<what>[A-Z0-9 ]+)-----(?P<body>[^-]*)-----END (?P=what)-----")
_BODY = re.compile(r"[A-Za-z0-9+/=]+")
_HEADERS = re.compile(r"(?m)^[A-Za-z-]+:.*$")
_WIDTH = 64

NOT_WHOLE = "is not a whole PEM key: copy it from '-----BEGIN' to the end of its last line"


def pem(value: str, *, private: bool) -> tuple[str, str | None]:
    """The text, each of its blocks as its lines are meant, and what is wrong with it. What is no PEM stays as it is."""
    if "-----BEGIN" not in value and "-----END" not in value:
        return value, None
    if "\\n" in value:
        value = value.replace("\\r", "").replace("\\n", "\n")
    value = value.strip().strip("\"'`,;").strip()
    blocks: list[str] = []
    end = 0
    for block in _BLOCK.finditer(value):
        what, body = block["what"], block["body"]
        if value[end : block.start()].strip():
            return value, NOT_WHOLE
        end = block.end()
        if "ENCRYPTED" in what or "ENCRYPTED" in body:
            return value, "is a key protected by a password: give the one that is not"
        if private and ("PUBLIC" in what):
            return value, "is a public key: the private one is needed"
        lines = _lines(body)
        if lines is None:
            return value, NOT_WHOLE
        blocks.append("\n".join((f"-----BEGIN {what}-----", *lines, f"-----END {what}-----")))
    if not blocks or value[end:].strip():
        return value, NOT_WHOLE
    return "\n".join(blocks), None


def _lines(body: str) -> list[str] | None:
    headers = [line.strip() for line in _HEADERS.findall(body)]
    words = _HEADERS.sub("", body).split()
    if not words or not all(_BODY.fullmatch(word) for word in words):
        return None
    if "\n" in body.strip():
        return [*headers, *([""] if headers else []), *words]
    # Pasted in one line: as the format breaks it.
    whole = "".join(words)
    return [whole[start : start + _WIDTH] for start in range(0, len(whole), _WIDTH)]
