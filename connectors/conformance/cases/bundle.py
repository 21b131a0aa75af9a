"""The bundle: what the connector's function makes, before anything of it is used."""

from dataclasses import replace
from typing import Any

from catalog.model import MarketType
from connectors.conformance.case import Casebook, CaseFailed, NotClaimed, Scope, require
from connectors.conformance.deeds import deeds
from connectors.conformance.made import ended, made, unconnected
from connectors.conformance.reach import reaches
from connectors.conformance.signatures import signature_faults
from connectors.conformance.subject import Subject
from connectors.contracts.credentials import Credentials, Secret
from connectors.contracts.errors import BarfinexError, UnsupportedMarket, UsageError
from connectors.contracts.services import ConnectorContext

BOOK = Casebook("bundle")


@BOOK.case(
    "B01",
    "A complete bundle is made",
    "The function that the entry point names gives five services with every method, and every adapter.",
)
async def is_complete(subject: Subject) -> None:
    async with made(subject):
        pass


@BOOK.case(
    "B02",
    "Making it does nothing",
    "Naming a connector costs nothing: no socket, file, thread or task before it is asked to connect.",
)
async def making_does_nothing(subject: Subject) -> None:
    context = unconnected(subject)
    with deeds() as done:
        bundle = subject.create(context)
    await ended(bundle)
    require(not done, f"create_connector {', '.join(dict.fromkeys(done))}")


@BOOK.case(
    "B03",
    "Every method takes what the contract names",
    "Each method can be called with the contract's parameters, by position and by name, the optional ones left out.",
)
async def signatures_are_right(subject: Subject) -> None:
    async with made(subject) as bundle:
        faults = list(signature_faults(bundle))
    require(not faults, "; ".join(faults))


@BOOK.case(
    "B04",
    "Bundles share nothing",
    "Two bundles of the same connector have services of their own; the credentials of one do not reach the other.",
)
async def bundles_are_independent(subject: Subject) -> None:
    async with made(subject) as one, made(subject) as other:
        for part in ("client", "ws", "account_api", "market_api"):
            require(
                getattr(one, part) is not getattr(other, part), f"two bundles have one and the same {part}"
            )
        marked = Secret("conformance-marker")
        if not (names := [field.key for field in subject.entry.credentials]):
            return
        one.client.set_credentials(Credentials(dict.fromkeys(names, marked)))
        services: list[Any] = [other.client, other.ws, other.account_api, other.market_api, other.order_api]
        require(not reaches(services, marked), "the credentials of one bundle reach another")


@BOOK.case(
    "B05",
    "It can do without credentials",
    "An instance without credentials is made and given an empty set of them without an error.",
)
async def empty_credentials(subject: Subject) -> None:
    async with made(subject) as bundle:
        bundle.client.set_credentials(Credentials({}))
        bundle.client.set_credentials(Credentials({}))


@BOOK.case(
    "B06",
    "A market that it has not is refused",
    "Asked for a market that the manifest does not list, it raises UnsupportedMarket and makes nothing.",
    scope=Scope.CONNECTOR,
)
async def wrong_market(subject: Subject) -> None:
    others = [market for market in MarketType if market not in subject.entry.supported_markets]
    if not others:
        raise NotClaimed("it has every market there is")
    for market in others:
        await _refused(
            subject, replace(unconnected(subject), market_type=market), UnsupportedMarket, market.value
        )


@BOOK.case(
    "B07",
    "A missing address is refused",
    "Without the addresses that it needs it raises UsageError at once, and not something else later.",
)
async def missing_address(subject: Subject) -> None:
    await _refused(subject, replace(unconnected(subject), endpoints={}), UsageError, "no address at all")


@BOOK.case(
    "B08",
    "An unused bundle can be ended",
    "destroy() and close() return where nothing was ever connected, a second time too, and leave nothing.",
)
async def unused_bundle_ends(subject: Subject) -> None:
    bundle = subject.create(unconnected(subject))
    await ended(bundle)
    await ended(bundle)


async def _refused(
    subject: Subject, context: ConnectorContext, expected: type[BarfinexError], what: str
) -> None:
    try:
        bundle = subject.create(context)
    except expected:
        return
    except BarfinexError as error:
        raise CaseFailed(
            f"{what}: expected {expected.__name__}, it raises {type(error).__name__}: {error}"
        ) from None
    await ended(bundle)
    raise CaseFailed(f"{what}: expected {expected.__name__}, it makes a bundle")
