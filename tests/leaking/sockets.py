"""What a browser does beside its kernels, through the server's WebSockets: a terminal, an editor's language server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from tornado.websocket import WebSocketClientConnection, websocket_connect

from tests import loops
from tests.server.servers import WAIT_S, Server


def typed_in_terminal(server: Server, *lines: str) -> str:
    """Type `lines`, the last of which ends the shell, into a new terminal; all that its screen has shown."""

    async def work() -> str:
        name = server.http.post("api/terminals").raise_for_status().json()["name"]
        socket, screen = await _connected(server, f"terminals/websocket/{name}"), ""
        for line in lines:
            await _say(socket, ["stdin", f"{line}\r"])
        while (kind := (message := await _heard(socket))[0]) != "disconnect":
            screen += message[1] if kind == "stdout" else ""
        socket.close()
        return screen

    return loops.run(work())


def opened_in_editor(server: Server, name: str, source: str) -> None:
    """Open a notebook with the cells `source`, as jupyterlab-lsp does for its language server."""

    async def work() -> None:
        socket = await _connected(server, "lsp/ws/pylsp")
        document = {
            "uri": (server.folder / ".virtual_documents" / name).as_uri(),
            "languageId": "python",
            "version": 1,
            "text": source,
        }
        begin = {"processId": None, "rootUri": server.folder.as_uri(), "capabilities": {}}
        await _say(socket, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": begin})
        await _say(socket, {"jsonrpc": "2.0", "method": "initialized", "params": {}})
        opening = {"textDocument": document}
        await _say(socket, {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": opening})
        # The server has written the document before the language server gets it.
        while (await _heard(socket)).get("method") != "textDocument/publishDiagnostics":
            pass
        socket.close()

    loops.run(work())


async def _connected(server: Server, path: str) -> WebSocketClientConnection:
    return await websocket_connect(f"{server.address.replace('http', 'ws', 1)}{path}?token=t")


async def _say(socket: WebSocketClientConnection, message: Any) -> None:
    await socket.write_message(json.dumps(message))


async def _heard(socket: WebSocketClientConnection) -> Any:
    message = await asyncio.wait_for(socket.read_message(), WAIT_S)
    assert message is not None, "the server has hung up"
    return json.loads(message)
