"""Where a token, a portal address or an environment may come from, in order, and in which words each is named."""

from quixnb.sources.find import (
    DEFAULT_PORTAL,
    FoundSource,
    find_environment,
    find_portal_api,
    find_token,
    found_sources,
)
from quixnb.sources.places import (
    KEYRING_SERVICE,
    TOKEN_VARIABLES,
    from_dotenv,
    from_env,
    from_file,
    from_keyring,
    from_prompt,
    from_source,
)

__all__ = [
    "DEFAULT_PORTAL",
    "KEYRING_SERVICE",
    "TOKEN_VARIABLES",
    "FoundSource",
    "find_environment",
    "find_portal_api",
    "find_token",
    "found_sources",
    "from_dotenv",
    "from_env",
    "from_file",
    "from_keyring",
    "from_prompt",
    "from_source",
]
