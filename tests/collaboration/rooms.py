"""A person who edits a notebook together with others: a client of jupyter-collaboration's rooms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Self

from pycrdt import (
    Array,
    Doc,
    YMessageType,
    create_sync_message,
    create_update_message,
    handle_sync_message,
)
from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests.server.servers import WAIT_S, Server


class Room:
    """A shared notebook, open in an editor.

    Attributes
    ----------
    cells
        Its cells, as shared types: `cells[0]["source"]` is a text, `cells[0]["outputs"]` a list.
    """

    def __init__(self, server: Server, path: str) -> None:
        self._server, self._path = server, path
        self._document: Doc[Any] = Doc()
        self.cells: Array[Any] = self._document.get("cells", type=Array)
        self._socket: WebSocketClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._changed, self._is_leaving = asyncio.Event(), False
        self._written: asyncio.Future[None] | None = None

    async def __aenter__(self) -> Self:
        about = {"format": "json", "type": "notebook"}
        answer = await asyncio.to_thread(self._server.http.put, f"api/collaboration/session/{self._path}", json=about)
        session = answer.raise_for_status().json()
        room = f"json:notebook:{session['fileId']}?sessionId={session['sessionId']}&token=t"
        address = self._server.address.replace("http", "ws", 1) + f"api/collaboration/room/{room}"
        self._socket = await websocket_connect(address, max_message_size=2**26)
        await self._socket.write_message(create_sync_message(self._document), binary=True)
        self._reading = asyncio.create_task(self._read())
        await self.until(lambda: len(self.cells) > 0)
        self._watching = self._document.observe(self._send)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._reading
        assert self._socket
        # With a proper farewell: a server that is stopped waits for it.
        self._document.unobserve(self._watching)
        self._is_leaving = True
        self._socket.close()
        await asyncio.wait_for(self._reading, WAIT_S)

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until what others do to the notebook has made something so."""
        async with asyncio.timeout(WAIT_S):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

    async def _read(self) -> None:
        assert self._socket
        while (message := await self._socket.read_message()) is not None:
            is_sync = isinstance(message, bytes) and message[0] == YMessageType.SYNC
            reply = handle_sync_message(message[1:], self._document) if is_sync else None
            if reply and not self._is_leaving:
                await self._socket.write_message(reply, binary=True)
            self._changed.set()

    def _send(self, event: Any) -> None:
        # Only our own edits are worth sending; those of others come back as nothing new. Written in the order of calls.
        assert self._socket
        self._written = self._socket.write_message(create_update_message(event.update), binary=True)


async def until_saved(server: Server, path: str, text: str) -> str:
    """The file, once `text` is in it."""
    async with asyncio.timeout(WAIT_S):
        while text not in server.text(path):
            await asyncio.sleep(0.05)
    return server.text(path)
