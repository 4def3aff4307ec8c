"""Keeps tokens for the next session where a person asks for it, and remembers by a keyed hash which are dead.

A token is kept in the operating system's keyring, or, only on request, in a file that its owner alone may read.
"""

from quixnb.vault.places import data_folder
from quixnb.vault.refused import RefusedTokens
from quixnb.vault.stores import (
    KEYRING_SERVICE,
    NO_BACKEND,
    NO_PACKAGE,
    Store,
    VaultError,
    names_in_file,
    read_file,
    read_keyring,
    remove,
    save,
)

__all__ = [
    "KEYRING_SERVICE",
    "NO_BACKEND",
    "NO_PACKAGE",
    "RefusedTokens",
    "Store",
    "VaultError",
    "data_folder",
    "names_in_file",
    "read_file",
    "read_keyring",
    "remove",
    "save",
]
