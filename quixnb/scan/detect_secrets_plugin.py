"""A plugin for detect-secrets: `detect-secrets scan --plugin path/to/detect_secrets_plugin.py`.

Find the path with: python -c "import quixnb.scan as s; print(s.__path__[0] + '/detect_secrets_plugin.py')"
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from detect_secrets.plugins.base import BasePlugin

from quixnb.detect import find_tokens


class QuixTokenDetector(BasePlugin):
    """Finds Quix streaming tokens, personal access tokens and JWTs, as far as they stand on one line."""

    secret_type = "Quix Token"  # noqa: S105 - a name

    def analyze_string(self, string: str) -> Generator[str, None, None]:
        """The tokens on a line."""
        for finding in find_tokens(string):
            if finding.kind != "jwt_generic":  # detect-secrets has a rule for these
                yield string[finding.start : finding.end]

    def json(self) -> dict[str, Any]:
        """What a baseline keeps of this plugin."""
        return {"name": type(self).__name__}
