"""Puts the check on save into a Jupyter Server, and offers what it found to the front end."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from quixnb.clean_log import CleanLog
from quixnb.configured import configured
from quixnb.server.saves import SaveRefused, Saves
from quixnb.server.settings import QuixSaves
from quixnb.server.uploads import Uploads

_COLLABORATION = "jupyter_server_ydoc"


class NoticesHandler(APIHandler):
    """`GET quixnb/api/saves[?path=…]`: what was found in the latest saves, the newest last; no token is in it."""

    def initialize(self, saves: Saves) -> None:
        """Take the notices from `saves`."""
        self._saves = saves

    @web.authenticated
    def get(self) -> None:
        """Answer with the notices."""
        path = self.get_query_argument("path", None)
        notices = [each.as_json() for each in self._saves.notices if path in (None, each.path)]
        self.finish({"notices": notices})


def load(server: Any) -> None:
    """Begin to check what this server saves."""
    settings = configured(QuixSaves, server, server.log.error)
    saves = Saves(lambda: str(settings.on_token), lambda: _is_shared(server), server.log)
    uploads = Uploads(saves, server.log)
    server.contents_manager.register_pre_save_hook(hook(saves, uploads, server.log))
    server.contents_manager.register_post_save_hook(after_save(uploads))
    address = url_path_join(server.web_app.settings["base_url"], "quixnb", "api", "saves")
    server.web_app.add_handlers(".*$", [(address, NoticesHandler, {"saves": saves})])
    # A request that is refused is logged with its address. By the handlers: tornado's loggers come to these too.
    for handler in server.log.handlers:
        handler.addFilter(CleanLog())
    server.log.info("quixnb checks what is saved for Quix tokens (mode: %s)", settings.on_token)


def hook(saves: Saves, uploads: Uploads, log: logging.Logger) -> Callable[..., None]:
    """The function that Jupyter Server calls before it writes a document."""

    def check_for_quix_tokens(model: dict[str, Any], path: str, contents_manager: Any, **_: Any) -> None:
        try:
            file, root = _places(path, contents_manager)
            saves.check(model, path, file, root)
            uploads.begin(model, file, path)
        except SaveRefused as refusal:
            raise web.HTTPError(400, str(refusal), reason="Quix token in plain text") from None
        except Exception as exc:
            # A check that fails must not cost a save; the type alone, since a message may quote the document.
            log.error("quixnb could not check a save: %s", type(exc).__name__)

    return check_for_quix_tokens


def after_save(uploads: Uploads) -> Callable[..., None]:
    """The function that Jupyter Server calls when a document, or the last piece of one, is written."""

    def check_what_came_in_pieces(os_path: str, contents_manager: Any, **_: Any) -> None:
        root = getattr(contents_manager, "root_dir", None)
        uploads.end(Path(os_path).absolute(), Path(root).absolute() if root else None)

    return check_what_came_in_pieces


def _places(path: str, contents_manager: Any) -> tuple[Path | None, Path | None]:
    """The file that is written and the server's folder, where the contents are files at all."""
    root = getattr(contents_manager, "root_dir", None)
    if not root or not hasattr(contents_manager, "_get_os_path"):
        return None, None
    return Path(contents_manager._get_os_path(path.strip("/"))).absolute(), Path(root).absolute()


def _is_shared(server: Any) -> bool:
    extension = server.extension_manager.extensions.get(_COLLABORATION)
    return extension is not None and bool(extension.enabled)
