"""Sealing the audit trail, writing its heads down elsewhere, and examining all of it.

Events are recorded in the transaction of what they tell; requests do not wait for the chain. Any
number of sealers may run: a seal's number is unique, so of two that meet one gives way.
Source: reliability design §14.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from los_core.domain.audit import SEALED_WITHIN, Fault, Finding, Head, Inspection, chain
from los_core.domain.brand import Brand
from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId
from los_core.domain.work import Run
from los_core.ports.audit import HeadLog, HeadsBroken
from los_core.ports.clock import Clock
from los_core.ports.work import Begin, Platform, UnitOfWork

CHUNK: Final = 500
READ: Final = 5_000
FINDINGS: Final = 100
"""After so many findings a brand's examination ends: the first says where to look."""


@attrs.frozen(kw_only=True)
class Examined:
    """What was seen of a brand's trail: how many seals and heads, and what is wrong."""

    brand: Brand
    seals: int
    heads: int
    findings: tuple[Finding, ...]


@attrs.frozen(kw_only=True)
class Audit:
    """Keeps the trail provable."""

    begin: Begin
    platform: Platform
    clock: Clock
    heads: HeadLog

    def seal(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """Seal what has happened in a brand; return how many events.

        Raises: LeaseLost: the scheduled `run` it belongs to was taken over.
        """
        sealed = 0
        while True:
            try:
                with self.begin(brand_id) as uow:
                    if run is not None:
                        uow.desk.hold(run)
                    count = self._seal(uow)
            except Conflict as err:
                if err.code != "SEALED":
                    raise
                return sealed
            sealed += count
            if count < CHUNK:
                return sealed

    def anchor(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """Write the head of a brand's chain down outside the database, if it has grown.

        Returns how many heads were written, 0 or 1. Raises: LeaseLost, as `seal`.
        """
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            seal = uow.trail.last_seal()
        if seal is None:
            return 0
        head = Head(brand_id=brand_id, seq=seal.seq, hash=seal.hash, at=self.clock.now())
        return int(self.heads.append(head))

    def verify(self) -> Sequence[Examined]:
        """Examine the trail of every brand from its beginning; nothing is written."""
        return [self._examined(brand) for brand in self.platform.brands()]

    def _seal(self, uow: UnitOfWork) -> int:
        events = uow.trail.unsealed(limit=CHUNK)
        if events:
            after = uow.trail.last_seal()
            uow.trail.seal(chain(events, after=after, sealed_at=self.clock.now()))
        return len(events)

    def _examined(self, brand: Brand) -> Examined:
        findings: list[Finding] = []
        # The heads first: the chain may grow meanwhile, and then it only covers more.
        try:
            heads = tuple(self.heads.all(brand.id))
        except HeadsBroken as err:
            heads = err.sound
            findings.append(
                Finding(brand_id=brand.id, fault=Fault.HEADS, seq=0, what=str(err)),
            )
        chain_of = Inspection(brand_id=brand.id, heads=heads)
        seals = self._walk(chain_of, findings)
        now = self.clock.now()
        findings += chain_of.end(now)
        with self.begin(brand.id) as uow:
            overdue = uow.trail.overdue(
                before=now - SEALED_WITHIN, after=now + SEALED_WITHIN, limit=FINDINGS
            )
        findings += chain_of.unsealed(overdue)
        return Examined(brand=brand, seals=seals, heads=len(heads), findings=tuple(findings))

    def _walk(self, chain_of: Inspection, findings: list[Finding]) -> int:
        seals = 0
        while True:
            with self.begin(chain_of.brand_id) as uow:
                links = uow.trail.sealed(after=chain_of.seq, limit=READ)
            findings += chain_of.walk(links)
            seals += len(links)
            if len(links) < READ or len(findings) >= FINDINGS:
                return seals
