"""Where a token, a portal address or an environment may come from, in order, and in which words each is named."""

from quixnb.sources.find import (
    DEFAULT_PORTAL,
    FoundSource,
    find_environment,
    find_portal_api,
    find_second_token,
    find_token,
    first_found,
    found_sources,
    where_it_looked,
)
from quixnb.sources.hosted import in_colab
from quixnb.sources.offers import Offer, offers
from quixnb.sources.places import (
    TOKEN_VARIABLES,
    from_colab,
    from_dotenv,
    from_env,
    from_file,
    from_kaggle,
    from_keyring,
    from_prompt,
    from_source,
    from_vault,
)
from quixnb.sources.read import nearest_dotenv_file, others_may_read
from quixnb.vault import KEYRING_SERVICE

__all__ = [
    "DEFAULT_PORTAL",
    "KEYRING_SERVICE",
    "TOKEN_VARIABLES",
    "FoundSource",
    "Offer",
    "find_environment",
    "find_portal_api",
    "find_second_token",
    "find_token",
    "first_found",
    "found_sources",
    "from_colab",
    "from_dotenv",
    "from_env",
    "from_file",
    "from_kaggle",
    "from_keyring",
    "from_prompt",
    "from_source",
    "from_vault",
    "in_colab",
    "nearest_dotenv_file",
    "offers",
    "others_may_read",
    "where_it_looked",
]
