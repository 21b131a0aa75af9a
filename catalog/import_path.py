"""Where code of ours and of packages may be looked for: where Python looks, but not in the working directory.

`python -m` puts the working directory first, an empty piece of PYTHONPATH anywhere. What lies there is whatever the
person works on, never a part of this program, unless the program itself lies there: a checkout.
"""

import os
import sys
from pathlib import Path

OWN_ROOT = Path(__file__).resolve().parents[1]


def import_path() -> list[str]:
    """`sys.path` in its order, without the working directory."""
    try:
        here = os.path.realpath(Path.cwd())
    except OSError:  # it was deleted
        here = ""
    own = os.path.realpath(OWN_ROOT)
    places: list[str] = []
    for place in sys.path:
        real = os.path.realpath(place) if place else here
        if real and (real != here or real == own):
            places.append(real if place == "" else place)
    return places
