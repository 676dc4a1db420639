"""The files of `bot/web/`: support page, widget, staff console."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

_GZIP_MIN_BYTES = 700


class Files(StaticFiles):
    """Files that a browser keeps but asks about each time (ETag), so that a new release is seen at once."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or 304 when the browser has it."""
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def mount(app: Starlette, folder: Path) -> None:
    """Serves the parts that exist. Call last: the support page takes every path that is left."""
    for path, name in (("/widget", "widget"), ("/personal", "staff"), ("/", "site")):
        if (folder / name).is_dir():
            files = Files(directory=folder / name, html=True)
            app.mount(path, GZipMiddleware(files, minimum_size=_GZIP_MIN_BYTES), name=name)
