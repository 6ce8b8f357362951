"""Blocked numbers: entered by people, met by customers. Source: domain `blocklist`."""

from collections.abc import Mapping

import attrs

from los_core.domain.blocklist import LAST, Block, BlockType, NewBlock, block_key, canonical
from los_core.domain.errors import GuardFailed
from los_core.domain.ids import BrandId
from los_core.domain.record_kinds import BLOCKLIST
from los_core.domain.redaction import covered
from los_core.ports.blindindex import BlindIndex
from los_core.ports.clock import Clock
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.access_log import AccessLog
from los_core.services.callers import CustomerCaller


@attrs.frozen(kw_only=True)
class Blocklist:
    """Knows what is blocked."""

    begin: Begin
    clock: Clock
    indexes: BlindIndex
    log: AccessLog

    def prepare(self, brand_id: BrandId, new: NewBlock | Block) -> Block:
        """Return the entry that is kept: nothing of the value but its hash and its end."""
        if isinstance(new, Block):
            return new
        value = canonical(new.type, new.value)
        return Block(
            type=new.type,
            value_index=self._index(brand_id, new.type, value),
            last4=value[-LAST:] if new.type is not BlockType.DEVICE else "",
            reason=covered(new.reason.strip()),
            expires_on=new.expires_on,
        )

    def blocks(self, uow: UnitOfWork, kind: BlockType, value: str) -> bool:
        """Whether a value in its canonical form is blocked today; "" never is."""
        if not value:
            return False
        key = block_key(kind, self._index(uow.brand_id, kind, value))
        found = uow.records.by_key(BLOCKLIST, key)
        return found is not None and found.value.holds(self.clock.business_date())

    def refuse(self, caller: CustomerCaller, values: Mapping[BlockType, str]) -> None:
        """Stop a customer, before any vendor is asked, if one of the values is blocked.

        What is met is put on file; the customer is not told which it was. Raises: GuardFailed.
        """
        with self.begin(caller.brand_id) as uow:
            met = [kind for kind, value in values.items() if self.blocks(uow, kind, value)]
            if met:
                facts = {"types": [str(kind) for kind in met]}
                self.log.note(uow, "onboarding.blocked", by=caller, facts=facts)
        if met:
            raise GuardFailed("we cannot take this application further", code="G-BLOCKLIST")

    def _index(self, brand_id: BrandId, kind: BlockType, value: str) -> str:
        return self.indexes.blind_index(str(brand_id), kind.lower(), value)
