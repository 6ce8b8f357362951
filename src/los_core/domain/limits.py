"""How often who may do what: every limit on attempts, in one table.

A limit is a bucket: `burst` at once, refilled evenly over `per`. What guards money, codes and
log-ins is `lasting`: it is kept with the rows, so that neither a restart nor another process nor
a lost cache gives anybody more tries. Source: reliability design §8 and §15; threat rows 32, 37,
42, 44.
"""

from datetime import timedelta
from typing import Final

import attrs


@attrs.frozen(kw_only=True)
class Limit:
    """One limit; counted apart for every key."""

    name: str
    burst: int
    per: timedelta
    lasting: bool = False


_MINUTE: Final = timedelta(minutes=1)
_QUARTER: Final = timedelta(minutes=15)
_HOUR: Final = timedelta(hours=1)

REQUESTS_BY_ADDRESS: Final = Limit(name="requests.address", burst=3_000, per=_MINUTE)
"""Before anything is known of a caller; many customers share one address of their carrier."""
READS: Final = Limit(name="reads.account", burst=1_200, per=_MINUTE)
WRITES: Final = Limit(name="writes.account", burst=300, per=_MINUTE)
READS_BY_KEY: Final = Limit(name="reads.key", burst=3_000, per=_MINUTE)
WRITES_BY_KEY: Final = Limit(name="writes.key", burst=600, per=_MINUTE)

CODE_GAP: Final = Limit(name="code.gap", burst=1, per=timedelta(seconds=30), lasting=True)
"""Between two codes sent to one phone."""
CODES_BY_ADDRESS: Final = Limit(name="code.address", burst=60, per=_QUARTER, lasting=True)
CODES_BY_BRAND: Final = Limit(name="code.brand", burst=5_000, per=_HOUR, lasting=True)
CODE_CHECKS: Final = Limit(name="code.check", burst=20, per=_HOUR, lasting=True)
"""Guesses at the codes of one phone, right or wrong."""
CODE_CHECKS_BY_ADDRESS: Final = Limit(
    name="code.check.address", burst=300, per=_QUARTER, lasting=True
)

LOG_INS: Final = Limit(name="login.account", burst=10, per=_QUARTER, lasting=True)
"""Failed log-ins with one e-mail address, known or not."""
LOG_INS_BY_ADDRESS: Final = Limit(name="login.address", burst=60, per=_QUARTER, lasting=True)
RESETS: Final = Limit(name="reset.account", burst=3, per=_HOUR, lasting=True)
RESETS_BY_ADDRESS: Final = Limit(name="reset.address", burst=30, per=_HOUR, lasting=True)
SECURE_CODE_CHECKS: Final = Limit(name="secure.check", burst=10, per=_HOUR, lasting=True)
REFRESHES: Final = Limit(name="refresh.address", burst=600, per=_MINUTE)
KEY_FAILURES: Final = Limit(name="key.address", burst=60, per=_QUARTER, lasting=True)
"""API keys that were none, from one address."""
REFUSALS_ON_FILE: Final = Limit(name="refusal.address", burst=20, per=_MINUTE)
"""Refusals of one address that are put on file one by one; what is beyond is in the log only."""
