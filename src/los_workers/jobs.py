"""Jobs by name, and the service method that carries each of them out.

The table itself is the services' (`Services.handlers`), because they ask for the jobs; here it is
checked that none is asked for that nobody carries out.
"""

from collections.abc import Mapping

from los_adapters.jobs.attempts import Handler, TogetherHandler
from los_core.services import Services
from los_core.services import jobs as names


def handlers(services: Services) -> Mapping[str, Handler]:
    """Return what carries out each kind of job. Raises: LookupError: a kind has nobody."""
    table = services.handlers()
    lacking = sorted(kinds() - set(table))
    if lacking:
        raise LookupError(f"nobody carries out {', '.join(lacking)}")
    return table


def together(services: Services) -> Mapping[str, TogetherHandler]:
    """Return what carries out many jobs as one: the kinds of the queue that is only for them.

    Raises: LookupError: the queue has another kind.
    """
    table = services.together()
    waiting = {kind for kind in kinds() if names.queue_of(kind) == names.INBOX}
    if strange := sorted(waiting ^ set(table)):
        raise LookupError(f"one by one, or all together? {', '.join(strange)}")
    return table


def kinds() -> frozenset[str]:
    """Return every kind of job that services ask for."""
    found = [value for name, value in vars(names).items() if name.isupper()]
    return frozenset(kind for kind in found if isinstance(kind, str) and "." in kind)
