"""The token picker as a widget: carries messages between its front end and its conversation.

No trait but those of anywidget holds anything: state travels in messages, so that a notebook which stores its widgets
stores neither a token nor a claim to be connected.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import Any

import anywidget

from quixnb.connecting import picker_shown
from quixnb.seal import Seal
from quixnb.widgets.conversation import Conversation
from quixnb.widgets.state import State

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
_TEXT = "Quix token picker: it shows where Jupyter widgets do; elsewhere run %quix_token --prompt"


class TokenPicker(anywidget.AnyWidget):
    """Choose the Quix token of this notebook, its environment and a topic; what `%quix_token` shows.

    A token that is pasted is sealed in the browser to this widget's own key, and opened in the kernel's memory. What is
    chosen becomes the default connection: that of the magics and of `quixnb.publish`.

    Parameters
    ----------
    portal_api
        Address of the portal; None takes `Quix__Portal__Api`, or Quix Cloud's.
    """

    _esm = (_STATIC / "picker.js").read_text(encoding="utf-8")
    _css = (_STATIC / "picker.css").read_text(encoding="utf-8")

    def __init__(self, portal_api: str | None = None) -> None:
        super().__init__()
        self._seal = Seal()
        self._conversation = Conversation(self._seal, portal_api)
        self.on_msg(self._hear)
        picker_shown(True)

    def __repr__(self) -> str:
        return f"<{_TEXT}>"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        shown = super()._repr_mimebundle_(**kwargs)
        data = shown[0] if isinstance(shown, tuple) else shown
        if data is not None:
            data["text/plain"] = _TEXT
        return shown

    def close(self) -> None:
        """Take it away; what is connected stays connected."""
        picker_shown(False)
        super().close()

    def _hear(self, _: object, content: object, buffers: object) -> None:
        """Answer a message of the front end. The first state goes out at once, the others from a thread.

        The portal may take twenty seconds to say that it does not answer. Meanwhile cells must run, and a second
        message must be heard: the choice of another token, or the way back.
        """
        try:
            states = self._conversation.hear(content if isinstance(content, Mapping) else {})
            self._push(next(states))
            Thread(target=self._push_all, args=[states], name="quixnb picker", daemon=True).start()
        except Exception as exc:
            # A traceback would go to the kernel's log, with what was pasted among its values.
            _log.warning("the picker could not answer: %s", type(exc).__name__)

    def _push_all(self, states: Iterator[State]) -> None:
        try:
            for state in states:
                self._push(state)
        except Exception as exc:
            _log.warning("the picker could not say more: %s", type(exc).__name__)

    def _push(self, state: State) -> None:
        self.send({"type": "state", "key": self._seal.public, "state": state.as_json()})
