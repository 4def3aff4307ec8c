"""What `%config QuixMagics` shows and sets."""

from __future__ import annotations

from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.core.magic import Magics
from traitlets import Bool, Float, Int
from traitlets.config import Configurable


class QuixMagics(Configurable):
    """Defaults of quixnb's magics; an option on a magic's line goes before them."""

    rows_per_message = Int(
        None, allow_none=True, min=1, help="Rows per Kafka message of %quix_publish; None: by size."
    ).tag(config=True)
    read_timeout_s = Float(10.0, min=0.1, help="Seconds that %quix_read waits for rows.").tag(config=True)
    show_internal_topics = Bool(False, help="Whether %quix_topics lists changelog and source topics too.").tag(
        config=True
    )


class Theme(Magics):
    """Base of the magics: one subclass for each theme, all with the same settings."""

    def __init__(self, shell: InteractiveShell, settings: QuixMagics, **traits: Any) -> None:
        super().__init__(shell, **traits)
        self.settings = settings
