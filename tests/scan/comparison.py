"""Other scanners on our corpus, as rows of the table in `docs/scanning.md`.

    python -m tests.scan.comparison

Both are run where they are there: detect-secrets in this environment, gitleaks as `tests/environments.py` built it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from quixnb.scan import scan
from tests import environments
from tests.scan.corpus import code, lookalikes, notebook, positives

ROOT = Path(__file__).parents[2]
PLUGIN = ROOT / "quixnb" / "scan" / "detect_secrets_plugin.py"
RULES = ROOT / "docs" / "gitleaks-quix.toml"

Scanner = Callable[[Path], set[str]]


def write_corpus(folder: Path) -> tuple[int, int]:
    """Write notebooks with a token to `folder/with`, look-alikes to `folder/without`; how many there are of each."""
    kinds = {
        "with": [document for _, document in positives().values()],
        "without": [notebook(code(text)) for text in lookalikes().values()],
    }
    for name, documents in kinds.items():
        (folder / name).mkdir(parents=True)
        for number, document in enumerate(documents):
            text = json.dumps(document, indent=1, ensure_ascii=False)
            (folder / name / f"{number:03}.ipynb").write_text(text, encoding="utf-8")
    return len(kinds["with"]), len(kinds["without"])


def by_quixnb(folder: Path) -> set[str]:
    """Names of the files with a finding."""
    return {Path(each.path).name for each in scan([folder]).found}


def by_detect_secrets(folder: Path, *options: str | Path) -> set[str]:
    """Names of the files with a finding."""
    command = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--no-verify", *map(str, options), "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return {Path(name).name for name in json.loads(done.stdout)["results"]}


def by_gitleaks(folder: Path, *options: str | Path) -> set[str]:
    """Names of the files with a finding."""
    report = folder.parent / f"{folder.name}.json"
    command = [
        str(environments.program("gitleaks")),
        "dir",
        ".",
        "--no-banner",
        "--exit-code=0",
        "--report-format=json",
        f"--report-path={report}",
    ]
    subprocess.run([*command, *map(str, options)], cwd=folder, capture_output=True, check=True)
    return {Path(each["File"]).name for each in json.loads(report.read_text(encoding="utf-8"))}


def scanners() -> dict[str, Scanner]:
    """Those that are installed here."""
    found: dict[str, Scanner] = {"`quixnb scan`": by_quixnb}
    if find_spec("detect_secrets") is not None:
        found["detect-secrets"] = by_detect_secrets
        found["detect-secrets with the plugin"] = lambda folder: by_detect_secrets(folder, "--plugin", PLUGIN)
    if environments.reason_missing("gitleaks") is None:
        found["gitleaks"] = by_gitleaks
        found["gitleaks with our rules"] = lambda folder: by_gitleaks(folder, "--config", RULES)
    return found


def rows() -> Iterator[str]:
    """The table's lines."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count, other_count = write_corpus(folder)
        yield f"| | of {count} with a token | of {other_count} look-alikes |"
        yield "|---|---|---|"
        for scanner, run in scanners().items():
            yield f"| {scanner} | {len(run(folder / 'with'))} | {len(run(folder / 'without'))} |"


if __name__ == "__main__":
    print(*rows(), sep="\n")
