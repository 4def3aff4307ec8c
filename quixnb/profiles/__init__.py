"""Named connections: portal address, environment, Kafka settings, and *where* the token is kept; never the token."""

from quixnb.profiles.checks import ProfileError, holds_token, portal_address, without_tokens
from quixnb.profiles.file import config_folder, load_profile, load_profiles, path, save_profile
from quixnb.profiles.profile import Profile

__all__ = [
    "Profile",
    "ProfileError",
    "config_folder",
    "holds_token",
    "load_profile",
    "load_profiles",
    "path",
    "portal_address",
    "save_profile",
    "without_tokens",
]
