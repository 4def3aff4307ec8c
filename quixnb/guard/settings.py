"""What `%config QuixGuard` shows and sets."""

from __future__ import annotations

from traitlets import Bool, Enum
from traitlets.config import Configurable


class QuixGuard(Configurable):
    """Looks for Quix tokens in cells and in what they put out. A failure of its own never stops a cell."""

    on_plaintext_token = Enum(
        ["warn", "block", "fix", "off"],
        default_value="warn",
        help="What to do before a cell with a token in plain text runs: warn, block (do not run it), fix (run it, "
        "and replace it by one without the token) or off.",
    ).tag(config=True)
    on_token_in_output = Enum(
        ["redact", "warn", "off"],
        default_value="redact",
        help="What to do with a token, or a password of the connection, in an output: redact it before it reaches the "
        "front end, warn or off.",
    ).tag(config=True)
    scrub_history = Bool(
        False,
        help="Whether IPython's history keeps every cell without its tokens, not only lines of quixnb's own magics.",
    ).tag(config=True)
