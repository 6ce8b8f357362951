"""A brand's own bank accounts, as they are kept: found again by a blind index of the number."""

import attrs

from los_core.domain.ids import BrandId
from los_core.domain.own_account import OwnAccount
from los_core.ports.blindindex import BlindIndex


@attrs.frozen(kw_only=True)
class OwnAccounts:
    """Knows the key that account numbers are hashed by."""

    indexes: BlindIndex

    def prepare(self, brand_id: BrandId, account: OwnAccount) -> OwnAccount:
        """Return the account with the index of its number."""
        index = self.indexes.blind_index(str(brand_id), "own account", account.number.reveal())
        return attrs.evolve(account, number_index=index)
