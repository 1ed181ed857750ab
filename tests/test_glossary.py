"""The glossary is sorted, says each thing once, and holds the words that the verdict is made of."""

import re

from source_tree import ROOT

TERM = re.compile(r"^- \*\*([^*]+)\*\*: \S.*[.]$")


def terms_by_section() -> list[list[str]]:
    """Return the terms of each section, in the order of the page; every list line must be a definition."""
    sections = (ROOT / "GLOSSARY.md").read_text("utf-8").split("\n## ")[1:]
    found = []
    for section in sections:
        lines = [line for line in section.split("\n") if line.startswith("- ")]
        hits = [TERM.match(line) for line in lines]
        wrong = [line for line, hit in zip(lines, hits, strict=True) if hit is None]
        assert not wrong
        found.append([hit[1] for hit in hits if hit])
    return found


def test_terms_are_sorted_and_defined_once() -> None:
    """A reader finds a word at its place, and finds one meaning of it among the nouns or the verbs."""
    for terms in terms_by_section():
        folded = [term.casefold() for term in terms]
        assert sorted(set(folded)) == folded


def test_the_words_of_a_verdict_are_there() -> None:
    """What stands in a report in capitals, or as one of the nouns of the design, has its definition."""
    wanted = {"CONSISTENT", "INCONSISTENT", "UNDETERMINED", "NOT COVERED"}
    nouns = "party agreement site chip meter job statement checkpoint case measurement balance inspection finding docket"
    assert not (wanted | set(nouns.split())) - {term for terms in terms_by_section() for term in terms}
