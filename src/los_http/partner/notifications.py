"""What a member of staff is told in the console, across the brands they work for."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router
from litestar.di import NamedDependency
from litestar.params import FromPath, HeaderParameter, QueryParameter
from litestar.response import Stream

from los_core.domain.errors import Invalid
from los_core.domain.notification import Notification
from los_core.services import Services
from los_core.services.callers import StaffCaller
from los_http.auth import SESSION
from los_http.board import Board
from los_http.fields import View
from los_http.middleware import HEAD_ONLY
from los_http.routes import EVENTS, delete, get, patch, stream


class NotificationView(View):
    """Something told; `metadata` has ids of what it leads to, such as `loanId` and `userId`."""

    id: UUID
    brand_id: UUID
    type: str
    title: str
    body: str
    metadata: dict[str, str]
    created_at: datetime
    read_at: datetime | None


class NotificationsView(View):
    """A page, newest first; `total` and `unread` count all there are."""

    notifications: list[NotificationView]
    page: int
    limit: int
    total: int
    unread: int


class UnreadView(View):
    """How many are left unread."""

    unread: int


def router() -> Router:
    """Return the routes of this file."""
    return Router(
        "/notifications",
        tags=["Staff: notifications"],
        route_handlers=[notifications, read_notification, read_all, dismiss, listen],
    )


@get("/", SESSION)
def notifications(
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    page: Annotated[int, QueryParameter(ge=1, le=100)] = 1,
    limit: Annotated[int, QueryParameter(ge=1, le=100)] = 20,
) -> NotificationsView:
    """List one's own notifications, newest first."""
    found = services.notifications.page(partner_user, page=page, limit=limit)
    return NotificationsView(
        notifications=[notification_view(each) for each in found.notifications],
        page=page,
        limit=limit,
        total=found.total,
        unread=found.unread,
    )


@patch("/{notification_id:uuid}/read", SESSION)
def read_notification(
    notification_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> UnreadView:
    """Mark one of one's notifications as read."""
    services.notifications.read(partner_user, notification_id)
    return _unread(services, partner_user)


@patch("/read-all", SESSION)
def read_all(
    partner_user: NamedDependency[StaffCaller], services: NamedDependency[Services]
) -> UnreadView:
    """Mark all of one's notifications as read."""
    services.notifications.read_all(partner_user)
    return _unread(services, partner_user)


@delete("/{notification_id:uuid}", SESSION)
def dismiss(
    notification_id: FromPath[UUID],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
) -> None:
    """Take one of one's notifications from the list."""
    services.notifications.dismiss(partner_user, notification_id)


@stream("/stream", SESSION)
async def listen(
    request: Request[Any, Any, Any],
    partner_user: NamedDependency[StaffCaller],
    services: NamedDependency[Services],
    board: NamedDependency[Board],
    last_event_id: Annotated[
        str | None,
        HeaderParameter(name="Last-Event-ID", description="The last one heard of", required=False),
    ] = None,
) -> Stream:
    """Hear of one's notifications as they happen: server-sent events.

    The first event, `unread`, has their number; each `notification` has its id, by which a client
    that comes back hears what it missed. It may hear of one twice: ids tell.
    """
    last = None if last_event_id is None else _id(last_event_id)
    who = await asyncio.to_thread(services.notifications.reader, partner_user)
    board.check(who)
    asked_for_head = request.scope["state"].get(HEAD_ONLY, False)
    return Stream(
        iter(()) if asked_for_head else board.stream(who, written, last=last),
        media_type=EVENTS,
        headers={"X-Accel-Buffering": "no"},
    )


def notification_view(told: Notification) -> NotificationView:
    """Return a notification as its owner sees it."""
    return NotificationView(
        id=told.id,
        brand_id=told.brand_id,
        type=told.kind.value,
        title=told.title,
        body=told.body,
        metadata=told.metadata,
        created_at=told.created_at,
        read_at=told.read_at,
    )


def written(told: Notification) -> bytes:
    """Return a notification as an event of a stream."""
    data = msgspec.json.encode(notification_view(told))
    return b"id: %s\nevent: notification\ndata: %s\n\n" % (str(told.id).encode(), data)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as err:
        raise Invalid(
            "no such event", fields=[("Last-Event-ID", "is the id of an event, or left out")]
        ) from err


def _unread(services: Services, caller: StaffCaller) -> UnreadView:
    return UnreadView(unread=services.notifications.unread(services.notifications.reader(caller)))
