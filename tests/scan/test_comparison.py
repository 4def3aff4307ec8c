"""Other scanners with what we give them, and that our row of the page's table is true."""

from __future__ import annotations

import re
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.demand import demand_program, missing
from tests.scan import comparison
from tests.scan.corpus import LEAVES, TEXTS, lookalikes


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.search import planted  # pytest has to load it first

    folder = planted(tmp_path_factory.mktemp("corpus"))
    comparison.write_corpus(folder)
    return folder


def row(scanner: str) -> tuple[int, int]:
    """The figures of the page's table."""
    page = (comparison.ROOT / "docs" / "scanning.md").read_text(encoding="utf-8")
    [(found, wrong)] = re.findall(rf"^\| {re.escape(scanner)} \| (\d+) \| (\d+) \|$", page, re.MULTILINE)
    return int(found), int(wrong)


def figures(scanner: str, corpus: Path) -> tuple[int, int]:
    run = comparison.scanners()[scanner]
    return len(run(corpus / "with")), len(run(corpus / "without"))


def test_the_pages_row_of_ours_is_what_a_scan_finds(corpus: Path) -> None:
    assert figures("`quixnb scan`", corpus) == row("`quixnb scan`")


def assert_about_what_the_page_says(scanner: str, corpus: Path) -> None:
    found, wrong = figures(scanner, corpus)
    said, said_wrong = row(scanner)

    # Their own rules find digits that are random enough, and the corpus is made anew each time.
    chance = 3 if "with" in scanner else 10
    assert abs(found - said) <= chance
    assert abs(wrong - said_wrong) <= 3


@pytest.mark.parametrize("scanner", ["detect-secrets", "detect-secrets with the plugin"])
def test_detect_secrets_finds_what_the_page_says(corpus: Path, scanner: str) -> None:
    if find_spec("detect_secrets") is None:
        missing("detect-secrets is not installed")

    assert_about_what_the_page_says(scanner, corpus)


@pytest.mark.parametrize("scanner", ["gitleaks", "gitleaks with our rules"])
def test_gitleaks_finds_what_the_page_says(corpus: Path, scanner: str) -> None:
    demand_program("gitleaks")

    assert_about_what_the_page_says(scanner, corpus)


def rules() -> list[tuple[str, re.Pattern[str], list[re.Pattern[str]]]]:
    """The keyword, the pattern and the allowed patterns of each rule, in that part of RE2 that Python shares."""
    data = tomllib.loads(comparison.RULES.read_text(encoding="utf-8"))
    return [
        (
            rule["keywords"][0],
            re.compile(rule["regex"]),
            [re.compile(each) for allowed in rule["allowlists"] for each in allowed["regexes"]],
        )
        for rule in data["rules"]
    ]


def found_by_rules(text: str) -> bool:
    """Whether gitleaks would find something: line by line, and not what is allowed."""
    return any(
        keyword in line.lower()
        and any(
            not any(allowed.search(f"{match[1]} {line}") for allowed in allowlist) for match in regex.finditer(line)
        )
        for line in text.splitlines()
        for keyword, regex, allowlist in rules()
    )


def test_the_rules_for_gitleaks_match_every_token_in_one_piece(corpus: Path) -> None:
    names = [*comparison.positives()]
    wanted = [f"plain in {leaf}" for leaf in LEAVES] + [f"{text} as source" for text in TEXTS]

    missed = [
        name
        for name in wanted
        if not found_by_rules((corpus / "with" / f"{names.index(name):03}.ipynb").read_text(encoding="utf-8"))
    ]

    assert missed == []


def test_the_rules_for_gitleaks_match_no_lookalike() -> None:
    assert [name for name, text in lookalikes().items() if found_by_rules(text)] == []
