"""The settings of a brand: which modules there are."""

from litestar import Router

from los_http.partner.settings import (
    coupons,
    desk,
    general,
    lending,
    money,
    outreach,
    providers,
    shop,
)
from los_http.records import routed


def routers() -> list[Router]:
    """Return the routes of every module."""
    modules = (shop, lending, money, coupons, desk, outreach)
    return [
        general.router(),
        providers.router(),
        *routed(*(each for module in modules for each in module.MODULES)),
    ]
