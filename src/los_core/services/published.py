"""What is asked of a brand's settings by others than those who write them."""

from collections.abc import Sequence

import attrs

from los_core.domain.blog import Blog
from los_core.domain.errors import NotFound
from los_core.domain.ids import BrandId
from los_core.domain.lifecycle import Status
from los_core.domain.record import Record
from los_core.domain.record_kinds import BLOGS, STATUS_REASONS
from los_core.domain.status_reason import StatusReason, offered
from los_core.ports.work import Begin
from los_core.services.callers import StaffCaller


@attrs.frozen(kw_only=True)
class Published:
    """Reads what is for customers, or for any member of staff."""

    begin: Begin

    def blogs(
        self, brand_id: BrandId, *, page: int, limit: int
    ) -> tuple[Sequence[Record[Blog]], int]:
        """Return published texts, newest first, and how many there are. Raises: NotFound."""
        with self.begin(brand_id) as uow:
            if not uow.lender.brand().active:
                raise NotFound("no such brand")
            found = [each for each in uow.records.all(BLOGS) if each.value.published]
        start = (page - 1) * limit
        return found[::-1][start : start + limit], len(found)

    def reasons(self, caller: StaffCaller, status: Status | None) -> Sequence[StatusReason]:
        """Return the active reasons for a status, or all of them."""
        with self.begin(caller.brand_id) as uow:
            own = [record.value for record in uow.records.all(STATUS_REASONS)]
        if status is not None:
            return offered(own, status)
        return [each for each in own if each.active]
