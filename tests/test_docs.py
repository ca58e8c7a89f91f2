"""The pages that are made from tables say what the tables say, and links lead somewhere."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from symnet.mistakes.catalogue import catalogue, page

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def test_the_catalogue_of_mistakes_is_the_tables() -> None:
    """To renew it: python -c "from symnet.mistakes.catalogue import page; print(page(), end='')" > docs/mistakes.md"""
    assert (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8") == page()
    assert all(catalogue().values())


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)\)", path.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_files_that_are_named_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:symnet|docs|examples|tests|benchmarks)/[\w./]+?)/?`", text):
        assert (ROOT / name).exists(), name


WITH_EXAMPLES = [p for p in PAGES if p.parent.name == "docs" and ">>>" in p.read_text(encoding="utf-8")]


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda p: p.name)
def test_examples_run(path: Path) -> None:
    result = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert result.attempted and not result.failed
