"""The profiles file: TOML, read as a whole and replaced as a whole.

[profile.dev]
portal_api = "https://portal-api.cloud.quix.io"
environment = "acme-f1-dev"
token_source = "env:DEV_TOKEN"

[profile.dev.kafka]
"client.id" = "ana"
"""

from __future__ import annotations

import difflib
import json
import os
import re
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from quixnb import files
from quixnb.profiles.checks import ProfileError, holds_token, without_tokens
from quixnb.profiles.profile import Profile, check_name

_TEXTS = ("portal_api", "environment", "token_source", "second_token_source")
_HEADER = "# Written by quixnb, which keeps no comments. It says where a token is kept; it never holds one.\n"


def load_profile(name: str) -> Profile:
    """Read the profile called `name`.

    Raises
    ------
    ProfileError
        There is none of that name, or the file cannot be used.
    """
    profiles = load_profiles()
    if name in profiles:
        return profiles[name]
    near = difflib.get_close_matches(name, profiles, n=1, cutoff=0.5)
    raise ProfileError(
        f"There is no profile '{without_tokens(name)}'.",
        cause=(f"The nearest is '{near[0]}'; " if near else "") + f"{path()} has {', '.join(profiles) or 'none'}.",
        fix="Run %quix_token --save NAME to make one, or %quix_use with a name that is there.",
    )


def load_profiles() -> dict[str, Profile]:
    """Read all profiles, by name, in the file's order; none where there is no file.

    Raises
    ------
    ProfileError
        The file cannot be read or parsed, or holds a token or a password.
    """
    text = _read(path())
    if holds_token(text):
        # The whole text is searched, so that a token in a comment or under a wrong key is found too.
        raise ProfileError(
            "The profiles file holds a Quix token in plain text, so it is not used.",
            cause=f"It is {path()}; a profile says where a token is kept and never holds one.",
            fix="Remove the token from it, rotate it in the portal, and say where it is: token_source = 'env:NAME'.",
        )
    content = _parse(text)
    if others := [key for key in content if key != "profile"]:
        raise _unusable(f"it has '{without_tokens(others[0])}' where only tables such as [profile.dev] belong")
    tables = content.get("profile", {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise _unusable("'profile' is not a set of tables such as [profile.dev]")
    return {name: _from_table(name, table) for name, table in tables.items()}


def save_profile(profile: Profile) -> None:
    """Write `profile` into the file, in place of one of the same name; the others stay as they are.

    The file is replaced in one step, under a lock: a reader sees the old one or the new one, and of two notebooks that
    save at once none loses the other's.

    Raises
    ------
    ProfileError
        The present file cannot be used, or the new one cannot be written.
    """
    if problem := _written(profile):
        raise ProfileError(
            f"Profile '{profile.name}' was not saved.",
            cause=f"{path()} could not be written: {problem}.",
            fix="Set QUIXNB_CONFIG to a file that you may write.",
        )


def path() -> Path:
    """Where the profiles are: the file `$QUIXNB_CONFIG`, else `quixnb/profiles.toml` in the user's config folder."""
    if chosen := os.environ.get("QUIXNB_CONFIG", "").strip():
        place = Path(os.path.expanduser(chosen))
        return place / "profiles.toml" if place.is_dir() else place
    return config_folder(sys.platform, os.environ, Path(os.path.expanduser("~"))) / "quixnb" / "profiles.toml"


def config_folder(platform: str, environ: Mapping[str, str], home: Path) -> Path:
    """Where a user's programs keep their settings on `platform`, a value of `sys.platform`."""
    if platform == "darwin":
        return home / "Library" / "Application Support"
    if platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    # The XDG specification says to ignore a relative path.
    chosen = Path(environ.get("XDG_CONFIG_HOME", ""))
    return chosen if chosen.is_absolute() else home / ".config"


def _unusable(problem: str) -> ProfileError:
    return ProfileError(
        f"The profiles file cannot be used: {problem}.",
        cause=f"It is {path()}.",
        fix="Correct it, or move it away and run %quix_token --save NAME.",
    )


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        problem = "it is not UTF-8"
    except OSError as exc:
        problem = exc.strerror or type(exc).__name__
    raise _unusable(problem)


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        # The rest of the message may quote the file; its place is enough and quotes nothing.
        place = re.search(r"\(at .*\)$", str(exc))
    except RecursionError:
        place = None
    raise _unusable(f"it is not TOML {place[0] if place else ''}".rstrip())


def _from_table(name: str, table: dict[str, Any]) -> Profile:
    check_name(name)
    known = (*_TEXTS, "kafka")
    for key in table:
        if key not in known:
            raise _unusable(f"profile '{name}' has '{key}', which is none of {', '.join(known)}")
    return Profile(name, **table)


def _to_toml(profile: Profile) -> str:
    values = {key: getattr(profile, key) for key in _TEXTS}
    lines = [f"\n[profile.{profile.name}]"]
    lines += [f"{key} = {_toml_value(value)}" for key, value in values.items() if value is not None]
    if profile.kafka:
        lines.append(f"\n[profile.{profile.name}.kafka]")
        lines += [f"{_toml_value(key)} = {_toml_value(value)}" for key, value in profile.kafka.items()]
    return "\n".join(lines) + "\n"


def _toml_value(value: str | int) -> str:
    # JSON's strings, ints and booleans are TOML's, but for DEL, which TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _written(profile: Profile) -> str:
    """Write `profile` into the file among the others; what went wrong in words, or nothing."""
    # A file that is a link, as dotfile tools make them, stays a link.
    target = path().resolve()
    try:
        with files.locked(target, _make_folder):
            profiles = {**load_profiles(), profile.name: profile}
            content = _HEADER + "".join(map(_to_toml, profiles.values()))
            files.replace(target, content.encode(), mode=0o666)
    except UnicodeEncodeError:
        return "a value holds half a character (a lone surrogate)"
    except OSError as exc:
        return exc.strerror or type(exc).__name__
    return ""


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
