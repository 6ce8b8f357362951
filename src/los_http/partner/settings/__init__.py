"""The settings of a brand: which modules there are."""

from litestar import Router

from los_http.partner.settings import coupons, lending, money, shop
from los_http.records import routed


def routers() -> list[Router]:
    """Return the routes of every module."""
    return routed(*shop.MODULES, *lending.MODULES, *money.MODULES, *coupons.MODULES)
