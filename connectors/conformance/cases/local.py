"""The local venue that a package brings, and how its connector becomes ready on it."""

import asyncio

from connectors.conformance.case import Casebook, require
from connectors.conformance.cases.attempts import raises
from connectors.conformance.rig import context_on, local_rig, within
from connectors.conformance.subject import Subject
from connectors.contracts.errors import ConnectionFailed, RequestTimeout

BOOK = Casebook("local venue")

_SHORT_MS = 600
_SECONDS = 7.0


@BOOK.case(
    "L01",
    "The package brings a local venue",
    "Its emulator dialect serves the market, and the connector becomes ready on it with the instruments it lists.",
)
async def brings_a_local_venue(subject: Subject) -> None:
    async with local_rig(subject, ready=False) as rig:
        client = rig.bundle.client
        require(not client.instruments, "instruments are empty before ensure_ready")
        require(not rig.answers, "nothing is sent before ensure_ready")
        await within(11, client.ensure_ready(), "ensure_ready() returns")
        require(client.instruments, "instruments are there after ensure_ready")
        require(rig.emulator.requests or rig.emulator.sockets, "the instruments come from the venue")
        require(len(rig.pairs) == 2, "two instruments are pairs of the emulator's market")


@BOOK.case(
    "L02",
    "ensure_ready loads once",
    "Calls at the same time share one load, and a later call returns at once without asking the venue.",
    after=("L01",),
)
async def ready_once(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        alone = rig.emulator.requests
        again = rig.bundle.client.ensure_ready
        await asyncio.gather(again(), again())
        require(rig.emulator.requests == alone, "a connector that is ready asks the venue nothing more")
    async with local_rig(subject, ready=False) as rig:
        await asyncio.gather(*(rig.bundle.client.ensure_ready() for _ in range(5)))
        require(
            rig.emulator.requests <= alone,
            f"five calls at once cost one load of {alone} requests, not {rig.emulator.requests}",
        )


@BOOK.case(
    "L03",
    "ensure_ready ends in time",
    "A venue that never answers raises RequestTimeout within the given time; no venue at all, ConnectionFailed.",
    after=("L01",),
)
async def ready_in_time(subject: Subject) -> None:
    async with local_rig(subject, ready=False) as rig:
        rig.inject("late", milliseconds=60_000)
        rig.inject("deaf")
        late = rig.bundle.client.ensure_ready(_SHORT_MS)
        await raises(late, RequestTimeout, "a venue that never answers", seconds=_SECONDS)
    if subject.venue is not None:
        nobody = context_on(subject, subject.venue.endpoints("127.0.0.1:1"))
        bundle = subject.create(nobody)
        try:
            alone = bundle.client.ensure_ready(5_000)
            await raises(alone, ConnectionFailed, "no venue at the address", seconds=_SECONDS)
        finally:
            await bundle.ws.destroy()
            await bundle.client.close()
