"""All the wrong connectors."""

from tests.connectors.conformance.wrong.adapters import ADAPTERS
from tests.connectors.conformance.wrong.base import Wrong
from tests.connectors.conformance.wrong.bundles import BUNDLES
from tests.connectors.conformance.wrong.manifests import MANIFESTS
from tests.connectors.conformance.wrong.packages import PACKAGES
from tests.connectors.conformance.wrong.recordings import RECORDINGS

WRONG: tuple[Wrong, ...] = (*MANIFESTS, *PACKAGES, *BUNDLES, *ADAPTERS, *RECORDINGS)
