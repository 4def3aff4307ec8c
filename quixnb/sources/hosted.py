"""Reads the secrets of hosted notebooks: Google Colab's and Kaggle's, each only where it is."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec

NOT_COLAB = "This is not Google Colab."
NOT_KAGGLE = "This is not a Kaggle notebook."


def in_colab() -> bool:
    """Whether this process is a Colab kernel."""
    return _has("google.colab")


def in_kaggle() -> bool:
    """Whether this process is a Kaggle kernel."""
    return bool(os.environ.get("KAGGLE_KERNEL_RUN_TYPE")) or _has("kaggle_secrets")


def _has(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # no `google` at all, or a module without a specification: somebody's own
        return module in sys.modules


def read_colab(name: str) -> tuple[str, str]:
    """The Colab secret `name`, and why there is none, in words."""
    if not in_colab():
        return "", NOT_COLAB
    try:
        userdata = import_module("google.colab.userdata")
    except ImportError:
        return "", "Colab's module for secrets cannot be imported here."
    try:
        return _text(userdata.get(name), name)
    except Exception as exc:  # Colab's errors have no common base, and come with its versions
        return "", _COLAB_REASONS.get(type(exc).__name__, f"Colab did not answer ({type(exc).__name__}).")


def read_kaggle(name: str) -> tuple[str, str]:
    """The Kaggle secret `name`, and why there is none, in words."""
    if not in_kaggle():
        return "", NOT_KAGGLE
    try:
        kaggle_secrets = import_module("kaggle_secrets")
    except ImportError:
        return "", "Kaggle's module for secrets cannot be imported here."
    try:
        return _text(kaggle_secrets.UserSecretsClient().get_secret(name), name)
    except Exception as exc:  # as with Colab
        return "", _KAGGLE_REASONS.get(type(exc).__name__, f"Kaggle did not answer ({type(exc).__name__}).")


_COLAB_REASONS = {
    "SecretNotFoundError": "Colab has no secret of that name; add it behind the key symbol at the left.",
    "NotebookAccessError": "This notebook may not read that secret; switch its access on behind the key symbol.",
    "TimeoutException": "Colab gives secrets only to a notebook that is open in its own page.",
}
_KAGGLE_REASONS = {
    "BackendError": "Kaggle has no secret of that name attached to this notebook; see Add-ons > Secrets.",
    "CredentialError": "Kaggle gives secrets only to a notebook that runs on its own page.",
    "ConnectionError": "Kaggle's store of secrets cannot be reached; it needs the notebook's internet access.",
    "NotFoundError": "Kaggle has no secret of that name attached to this notebook; see Add-ons > Secrets.",
    "ValidationError": "That cannot be the name of a Kaggle secret.",
}


def _text(value: object, name: str) -> tuple[str, str]:
    text = value.strip() if isinstance(value, str) else ""
    return text, "" if text else f"The secret '{name}' is empty."
