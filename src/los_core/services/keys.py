"""API keys: made by people, shown once, used by other systems of their brand.

Of a key its hash and last four letters are kept. Rotation puts another in its place in one
transaction: from then on the old one is none. Source: operations §14; threat rows 19, 52.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

import attrs

from los_core.domain.access import PERMISSIONS, Role, Scope
from los_core.domain.api_key import PREFIX, ApiKey, check_scopes
from los_core.domain.errors import NotFound, Unauthenticated
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.limits import KEY_FAILURES
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.limiter import Limiter
from los_core.ports.passwords import CodeHasher
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.access_log import AccessLog
from los_core.services.callers import StaffCaller
from los_core.services.limiting import network_of, spend


@attrs.frozen(kw_only=True)
class NewKey:
    """A key as it is shown, this once."""

    key: ApiKey
    text: str = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Keys:
    """Makes, rotates and revokes keys, and knows them again."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    hasher: CodeHasher
    limiter: Limiter
    log: AccessLog

    def all(self, caller: StaffCaller) -> Sequence[ApiKey]:
        """Return the brand's keys, oldest first. Raises: Forbidden."""
        caller.need("keys:read")
        with self.begin(caller.brand_id) as uow:
            return uow.keys.all()

    def create(self, caller: StaffCaller, *, name: str, scopes: Sequence[str]) -> NewKey:
        """Make a key. Raises: Forbidden: a scope the maker lacks; Invalid: one no key can have."""
        caller.need("keys:write")
        given = check_scopes(scopes, held=_held_whole(caller))
        text = self._text()
        key = ApiKey(
            id=self.entropy.uuid(),
            brand_id=caller.brand_id,
            name=name,
            scopes=given,
            key_hash=self.hasher.token(text),
            last4=text[-4:],
            created_by=caller.staff_id,
            created_at=self.clock.now(),
        )
        with self.begin(caller.brand_id) as uow:
            uow.keys.add(key)
            self._note(uow, caller, key, "key.created")
        return NewKey(key=key, text=text)

    def rotate(self, caller: StaffCaller, key_id: UUID) -> NewKey:
        """Put a new key in the place of one. Raises: Forbidden; NotFound; StaleVersion: a race."""
        caller.need("keys:write")
        text = self._text()
        with self.begin(caller.brand_id) as uow:
            key = _working(uow, key_id)
            check_scopes(key.scopes, held=_held_whole(caller))
            key.key_hash, key.last4 = self.hasher.token(text), text[-4:]
            key.rotated_at = self.clock.now()
            uow.keys.save(key)
            self._note(uow, caller, key, "key.rotated")
        return NewKey(key=key, text=text)

    def revoke(self, caller: StaffCaller, key_id: UUID) -> None:
        """End a key for good. Raises: Forbidden; NotFound: none such, or ended before."""
        caller.need("keys:write")
        with self.begin(caller.brand_id) as uow:
            key = _working(uow, key_id)
            key.revoked_at = self.clock.now()
            uow.keys.save(key)
            self._note(uow, caller, key, "key.revoked")

    def caller(
        self,
        brand_id: BrandId,
        text: str,
        *,
        check: Callable[[StaffCaller], None] = lambda _: None,
        ip: str = "",
    ) -> StaffCaller:
        """Return the caller a key speaks for in a brand; its use is noted if `check` lets it.

        Raises: Unauthenticated: no key of this brand, whatever else it is; TooMany: too many that
            were none from this address; what `check` raises.
        """
        now = self.clock.now()
        with self.begin(brand_id) as uow:
            key = uow.keys.by_hash(self.hasher.token(text))
            if key is not None and key.works and uow.lender.brand().active:
                caller = StaffCaller(
                    staff_id=StaffId(key.id),
                    brand_id=brand_id,
                    roles=frozenset(),
                    permissions=dict.fromkeys(key.scopes, Scope.ALL),
                    ip=ip,
                    is_key=True,
                )
                check(caller)
                if key.use_is_news(now):
                    uow.keys.used(key.id, now)
                return caller
        spend(self.limiter, KEY_FAILURES, network_of(ip))
        raise Unauthenticated("this key is not good here")

    def _text(self) -> str:
        return PREFIX + self.entropy.token()

    def _note(self, uow: UnitOfWork, caller: StaffCaller, key: ApiKey, action: str) -> None:
        facts = {"scopes": sorted(key.scopes)}
        self.log.note(uow, action, by=caller, about=key.id, entity="api_key", facts=facts)


def _working(uow: UnitOfWork, key_id: UUID) -> ApiKey:
    key = uow.keys.get(key_id)
    if key is None or not key.works:
        raise NotFound("no such key")
    return key


def _held_whole(caller: StaffCaller) -> set[str]:
    """Return what the caller may do with all rows, as a key has no rows of its own."""
    if Role.SUPER_ADMIN in caller.roles:
        return set(PERMISSIONS)
    return {name for name, scope in caller.permissions.items() if scope is Scope.ALL}
