"""How facts and lists show themselves."""

from __future__ import annotations

from quixnb.results import Facts, Listing


def test_facts_are_aligned_and_empty_ones_left_out() -> None:
    facts = Facts("Title", {"a": 1, "longer": "x", "none": None, "empty": ""}, advice="Do this.")

    assert repr(facts) == "Title\n  a       1\n  longer  x\nDo this."
    assert dict(facts) == {"a": "1", "longer": "x"}


def test_a_listing_is_a_sequence_shown_as_a_table() -> None:
    listing = Listing("Two", ("name", "rows"), [("A", ("a", 1000)), ("B", ("longer", None))])

    assert list(listing) == ["A", "B"]
    assert listing[0] == "A"
    assert repr(listing).splitlines() == ["Two", "  name     rows", "  a       1,000", "  longer      -"]


def test_an_empty_listing_is_a_sentence() -> None:
    assert repr(Listing("Nothing", ("name",), [], advice="Do this.")) == "Nothing\nDo this."
    assert Listing("Nothing", ("name",), [])._repr_html_() == "<p>Nothing</p>"


def test_html_has_headers_for_screen_readers_and_the_themes_colours() -> None:
    facts = Facts("T", {"a": 1})._repr_html_()
    listing = Listing("T", ("name",), [("A", ("a",))])._repr_html_()

    assert '<th scope="row"' in facts
    assert '<th scope="col"' in listing
    assert "<caption" in facts
    assert "var(--jp-ui-font-color1" in facts
    assert "width" not in facts + listing


def test_html_escapes_what_others_wrote() -> None:
    evil = "<script>alert(1)</script>"

    html = Facts(evil, {evil: evil}, advice=evil)._repr_html_() + Listing(evil, (evil,), [(0, (evil,))])._repr_html_()

    assert "<script>" not in html
