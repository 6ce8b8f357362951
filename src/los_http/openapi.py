"""The API's description, and the page that shows it with no network.

The page is Swagger UI from files of this package; it names no other host, and its script is a file
too, so that the content security policy of every answer holds for it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from litestar import Litestar, Request, Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import Components, OpenAPIMediaType, Schema, SecurityScheme
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.openapi.spec.operation import Operation
from litestar.static_files import create_static_files_router

from los_http.auth import KEY_HEADER, KEYED, OPT, PUBLIC, Access
from los_http.routes import ALSO

PATH: Final = "/schema"
STATIC: Final = Path(__file__).parent / "static"

_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>LOS – API</title>
<link rel="icon" type="image/png" href="/schema/static/swagger/favicon-32x32.png">
<link rel="stylesheet" href="/schema/static/swagger/swagger-ui.css">
</head>
<body>
<div id="page"></div>
<script src="/schema/static/swagger/swagger-ui-bundle.js"></script>
<script src="/schema/static/swagger/swagger-ui-standalone-preset.js"></script>
<script src="/schema/static/page.js"></script>
</body>
</html>
"""


class Page(OpenAPIRenderPlugin):
    """The page at `/schema`."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 - the page fetches it
        """Return the page."""
        return _PAGE.encode()


def openapi_config(version: str) -> OpenAPIConfig:
    """Return how the API is described."""
    return OpenAPIConfig(
        title="LOS",
        version=version,
        summary="Loan origination and servicing for Indian lenders",
        description=(
            "Amounts are whole paise, dates are of Asia/Kolkata, instants are UTC. A command that"
            " takes an Idempotency-Key may be repeated without harm."
        ),
        components=Components(
            security_schemes={
                "customer": _bearer("From /web/auth/verify-otp"),
                "staff": _bearer("From /partner/auth/login"),
                "apiKey": SecurityScheme(
                    type="apiKey",
                    name=KEY_HEADER,
                    security_scheme_in="header",
                    description="A key of the brand, with the permission the route asks for",
                ),
            }
        ),
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        render_plugins=[Page(path="/"), JsonRenderPlugin()],
        openapi_router=Router(PATH, route_handlers=[], opt={OPT: PUBLIC}, include_in_schema=False),
    )


def static_router() -> Router:
    """Return the route of the page's files."""
    return create_static_files_router(
        f"{PATH}/static",
        directories=[STATIC],
        include_in_schema=False,
        opt={OPT: PUBLIC},
        cache_control=None,
    )


def complete(app: Litestar) -> None:
    """Add to the description what the framework cannot know.

    That is second media types of answers, and which routes an API key reaches: that depends on the
    whole path.
    """
    paths = app.openapi_schema.paths or {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if not isinstance(handler, HTTPRouteHandler) or route.path_format not in paths:
                continue
            for method in handler.http_methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                operation = getattr(paths[route.path_format], method.lower())
                if isinstance(operation, Operation):
                    _complete(operation, handler, route.path_format)


def _complete(operation: Operation, handler: HTTPRouteHandler, path: str) -> None:
    if media_type := handler.opt.get(ALSO):
        content = (operation.responses or {})["200"].content  # type: ignore[union-attr]  # no reference
        content[media_type] = OpenAPIMediaType(  # type: ignore[index]  # it has JSON already
            schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        )
    access: Access = handler.opt[OPT]
    if path.startswith(KEYED) and access.keyed:
        operation.security = [*(operation.security or []), {"apiKey": []}]


def _bearer(whence: str) -> SecurityScheme:
    return SecurityScheme(
        type="http", scheme="bearer", bearer_format="JWT", description=f"An access token. {whence}"
    )


def _operation_id(handler: HTTPRouteHandler, _: Any, path: Iterable[Any]) -> str:
    """Return the area and the handler's name: `webApply`, `partnerSanction`."""
    area = next(part for part in path if part not in ("api", "v1"))
    return f"{area}{''.join(word.title() for word in handler.handler_name.split('_'))}"
