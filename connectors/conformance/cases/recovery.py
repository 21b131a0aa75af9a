"""What a stream does when things go wrong: a lost connection, silence, frames that are none, and its own end."""

import asyncio

from connectors.conformance.case import Casebook, require
from connectors.conformance.listening import Heard, claimed_stream, claimed_streams, listen
from connectors.conformance.rig import BUSY, DESTROY_SECONDS, Rig, holds, local_rig, until, within
from connectors.conformance.subject import Claim, Subject

BOOK = Casebook("recovery of streams")

_READY = ("L01",)
_BACK_SECONDS = 25.0
"""How soon a stream is back after a lost connection, a half-open one included: it must be noticed first."""
_STALE_SECONDS = 20.0
_QUIET_SECONDS = 12.0
"""Longer than a busy stream may be silent."""


@BOOK.case(
    "S06",
    "A lost connection restores exactly what is wanted",
    "After a close, a reset and a half-open connection each wanted subscription is there once, none that was left, "
    "and no event comes twice.",
    after=_READY,
    timeout=60.0,
)
async def restored(subject: Subject) -> None:
    claimed_stream(subject)
    await asyncio.gather(*(_restored(subject, kind) for kind in ("close", "abort", "half_open")))


async def _restored(subject: Subject, kind: str) -> None:
    async with local_rig(subject) as rig:
        truth = rig.truth
        first, second = rig.pairs
        heard, left = await listen(rig, pairs=[first]), await listen(rig, pairs=[second])
        await heard.flows()
        await within(5, left.leave(), "unsubscribe returns")
        wanted, count = rig.subscriptions, len(left.events)
        before = set(rig.emulator.sockets)
        rig.break_off(kind)
        if not rig.polls:
            await until(
                lambda: rig.emulator.sockets and not before & set(rig.emulator.sockets),
                _BACK_SECONDS,
                f"the connection is made anew ({kind})",
            )
        await until(lambda: rig.subscriptions == wanted, 8, f"exactly the wanted set is restored ({kind})")
        await heard.flows(what=f"events arrive again ({kind})")
        await holds(
            lambda: rig.subscriptions == wanted, 0.5, f"the wanted set is restored once each ({kind})"
        )
        require(len(left.events) == count, f"what was unsubscribed stays so ({kind})")
        if heard.claim is Claim.TRADES:
            fault = truth.trades_fault(first.listing, heard.trades(first), gaps=True)
            require(fault is None, f"{first.symbol}: {fault} ({kind})")


@BOOK.case(
    "S07",
    "Loss and recovery are told",
    "A lost connection is told as a status with a reason, and so is its recovery, in order.",
    after=_READY,
)
async def told(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        heard = await listen(rig)
        await heard.flows()
        rig.break_off("close")
        await until(lambda: heard.told("lost") or heard.told("stale"), 10, "a lost connection is told")
        await until(lambda: _is_back(heard), 15, "the recovery is told")
        require(
            all(status.reason.strip() for status in heard.statuses),
            "every status has a reason",
        )
        require(
            all(status.timestamp > 1_000_000_000_000 for status in heard.statuses),
            "every status is dated in milliseconds since the epoch",
        )


def _is_back(heard: Heard) -> bool:
    kinds = [status.kind for status in heard.statuses]
    lost = next(index for index, kind in enumerate(kinds) if kind in ("lost", "stale"))
    return any(kind in ("connected", "live", "resynced") for kind in kinds[lost:])


@BOOK.case(
    "S08",
    "A silent stall is noticed and healed",
    "Where data stops though the venue answers pings and the market moves, the stream is shown as stale within 20 s, "
    "and flows again when the venue does.",
    after=_READY,
    timeout=60.0,
)
async def stall(subject: Subject) -> None:
    async with local_rig(subject) as rig:
        heard = await listen(rig)
        await heard.flows()
        rig.go_silent(13_000)
        await until(lambda: _stale(rig, heard), _STALE_SECONDS, "a silent stream is shown as stale or lost")
        rig.emulator.faults.clear()
        await heard.flows(_BACK_SECONDS, "events arrive again after the stall")
        await until(lambda: not _ill(rig), 10, "health calls the stream ACTIVE again")


def _stale(rig: Rig, heard: Heard) -> bool:
    return bool(heard.told("stale") or heard.told("lost")) and _ill(rig)


def _ill(rig: Rig) -> bool:
    return any(
        one.state != "CONNECTED" or any(each.state != "ACTIVE" for each in one.subscriptions)
        for one in rig.health
    )


@BOOK.case(
    "S09",
    "A quiet market is no fault",
    "Where nothing is traded or quoted, no stream is called stale, lost or failed.",
    after=_READY,
    timeout=45.0,
)
async def quiet(subject: Subject) -> None:
    claimed_stream(subject)
    async with local_rig(subject) as rig:
        listeners = [await listen(rig, claim) for claim in claimed_streams(subject)]
        await asyncio.gather(*(heard.flows() for heard in listeners))
        rig.emulator.pause()
        alarms = ("stale", "lost", "failed", "gap", "reconnecting")
        await holds(
            lambda: not any(heard.told(kind) for heard in listeners for kind in alarms) and not _ill(rig),
            _QUIET_SECONDS,
            "no alarm is raised while the market is quiet",
        )
        rig.emulator.resume()
        await asyncio.gather(
            *(heard.flows(what="the stream goes on after a quiet time") for heard in listeners)
        )


@BOOK.case(
    "S11",
    "Frames that are none end nothing",
    "Malformed, oversized and garbage frames are dropped: the stream goes on, and none of them is an event.",
    after=_READY,
)
async def bad_frames(subject: Subject) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        truth = rig.truth
        heard = await listen(rig)
        await heard.flows()
        for kind, count in (("malformed", 7), ("oversized", 1), ("garbage", 1)):
            fault = rig.inject(kind, count=count)
            if not rig.polls:
                await until(lambda fault=fault: fault.spent, 8, f"the stream goes on under {kind} frames")
            await heard.flows(15.0, f"the stream goes on after {kind} frames")
            await heard.flows(15.0, f"the stream goes on after {kind} frames")
            rig.emulator.faults.clear()
        if heard.claim is Claim.TRADES:
            for pair in heard.pairs:
                wrong = truth.trades_fault(pair.listing, heard.trades(pair), gaps=True)
                require(wrong is None, f"{pair.symbol}: {wrong}")


@BOOK.case(
    "S12",
    "Destroy leaves nothing",
    "Within 5 s no task, connection or subscription is left, even where the venue answers nothing any more.",
    after=_READY,
)
async def destroyed(subject: Subject) -> None:
    claimed_stream(subject)
    await asyncio.gather(_destroyed(subject, silent=False), _destroyed(subject, silent=True))


async def _destroyed(subject: Subject, *, silent: bool) -> None:
    async with local_rig(subject, rate=BUSY) as rig:
        listeners = [await listen(rig, claim) for claim in claimed_streams(subject)]
        await asyncio.gather(*(heard.flows() for heard in listeners))
        if silent:
            rig.inject("late", milliseconds=60_000)
            if not rig.polls:
                rig.inject("half_open", now=True)
        await rig.destroy()
        counts = [len(heard.events) for heard in listeners]
        await until(
            lambda: not rig.belongings.tasks(),
            1.0,
            f"no task is left after destroy{_of(rig)}",
        )
        await until(lambda: not rig.emulator.connections, DESTROY_SECONDS, "every connection is closed")
        require(not rig.subscriptions, f"the venue still has {dict(rig.subscriptions)}")
        require(
            [len(heard.events) for heard in listeners] == counts, "no event comes after destroy has returned"
        )
        await within(DESTROY_SECONDS, rig.bundle.ws.destroy(), "destroying again does nothing")


def _of(rig: Rig) -> str:
    names = ", ".join(sorted(task.get_name() for task in rig.belongings.tasks())[:5])
    return f" ({names})" if names else ""
