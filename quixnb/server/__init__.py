"""The Jupyter Server extension: checks every save for tokens, whoever saves, and keeps them out of the file.

Importing it imports nothing of Jupyter's; that happens when a server loads it.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "quixnb.server"}]


def _load_jupyter_server_extension(server: Any) -> None:
    from quixnb.server.extension import load

    load(server)
