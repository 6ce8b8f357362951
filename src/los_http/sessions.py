"""Tokens and who asks for them: what the log-ins of customers and staff have in common."""

from datetime import datetime
from typing import Any

from litestar import Request

from los_core.services.sessions import TokenPair
from los_http.fields import Body, Secret, Shown, View


class RefreshBody(Body):
    """A refresh token; it is good once."""

    refresh_token: Secret


class TokensView(View):
    """A fresh pair. The access token is good until `expires_at`."""

    access_token: Shown
    refresh_token: Shown
    expires_at: datetime


class SentView(View):
    """A code is on its way, if there is anywhere to send it."""

    sent: bool = True


def tokens_view(pair: TokenPair) -> TokensView:
    """Return a pair of tokens."""
    return TokensView(
        access_token=pair.access, refresh_token=pair.refresh, expires_at=pair.expires_at
    )


def device_of(request: Request[Any, Any, Any]) -> str:
    """Return what the client calls itself."""
    return request.headers.get("user-agent", "")[:200]
