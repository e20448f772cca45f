"""The page: self-contained, accessible, escaped, and the same bytes for the same run."""

import os
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rehearsal.model.readings import FinalReadings
from rehearsal.model.timeline import Timeline
from rehearsal.model.verdict import Finding, Status, Verdict, verdict_of
from rehearsal.rundir import folder
from rehearsal.rundir.history_file import frame_of
from rehearsal.rundir.worker_record import WorkerRecord
from reports.html import page_of, render
from reports.report import Report, report_of
from reports.words import VERDICTS
from tests.reports.run_factory import plan_of, record_of
from tests.reports.test_fault_story import step

GOLDEN = Path(__file__).with_name("golden")
HOSTILE = "<script>alert('x')</script>&amp;\"${7*7}{{7*7}}"
DIGESTS = {"plan.json": "ab" * 32}
_VOID = {"meta", "br", "link", "img", "input"}


class Outline(HTMLParser):
    """Collects a page's headings and sentences, its ids, and tags that were not closed."""

    KEPT: tuple[str, ...] = ("title", "h1", "h2", "h3", "p", "li", "figcaption", "caption", "pre")

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self.lines: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        table = dict(attrs)
        self.tags.append((tag, table))
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in _VOID:
            self.open.append(tag)
        if tag in self.KEPT and "svg" not in self.open:
            self.lines.append(f"{tag}: ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close a tag; anything but the innermost open one is a mistake in the page."""
        assert tag == self.open[-1]
        self.open.pop()

    def handle_data(self, data: str) -> None:
        """Add text to the line it stands in."""
        if "svg" not in self.open and any(tag in self.KEPT for tag in self.open):
            self.lines[-1] += " ".join(data.split()) + " "


def outline(page: str) -> Outline:
    """Return a page's outline; fails if tags are not closed in order."""
    parser = Outline()
    parser.feed(page)
    parser.close()
    assert parser.open == []
    return parser


def bare(timeline: Timeline, *findings: Finding, **changes: Any) -> Report:
    """Return a report over an empty history and unread books."""
    frame, verdict = frame_of((), timeline), verdict_of(findings)
    report = report_of(plan_of(), timeline, record_of(), findings, verdict, frame, FinalReadings())
    return replace(report, **changes)


@pytest.mark.parametrize("name", ["go", "no_go"])
@pytest.mark.usefixtures("undrawn")
def test_skeleton_is_the_golden_one(name: str, request: pytest.FixtureRequest) -> None:
    """Headings and sentences as last agreed; UPDATE_GOLDEN=1 writes them anew."""
    report: Report = request.getfixturevalue(name)
    actual = "\n".join(line.strip() for line in outline(page_of(report, DIGESTS)).lines) + "\n"
    path = GOLDEN / f"report_{name}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual)

    assert path.read_text() == actual


@pytest.mark.usefixtures("undrawn")
def test_verdict_is_the_first_heading_and_not_by_colour_alone(no_go: Report) -> None:
    """The word, its meaning, then the reasons."""
    lines = outline(page_of(no_go, DIGESTS)).lines

    assert lines[2:5] == [
        "h1: NO GO ",
        f"p: {VERDICTS[Verdict.NO_GO][1]} ",
        "li: 153 units of flash were sold, 150 existed: 3 too many ",
    ]


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.usefixtures("undrawn")
def test_every_verdict_has_its_word(timeline: Timeline, verdict: Verdict) -> None:
    """The heading is the verdict in words."""
    lines = outline(page_of(bare(timeline, verdict=verdict), DIGESTS)).lines

    assert f"h1: {VERDICTS[verdict][0]} " in lines


@pytest.fixture(scope="module")
def whole(go: Report) -> str:
    """Return the page of a good run with its figures."""
    return page_of(go, DIGESTS)


def test_nothing_outside_the_file_is_referred_to(whole: str) -> None:
    """No address, no script, no font, no image: and a policy that would forbid them."""
    page = whole
    tags = outline(page).tags
    references = [value for _, attrs in tags for name, value in attrs.items() if name in {"src", "href"}]

    assert [value for value in references if not str(value).startswith("#")] == []
    assert re.findall(r"url\((?!#)", page) == []
    assert re.findall(r"https?:|@import|<script|<link|javascript:", page) == []
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page


def test_ids_are_unique_and_figures_have_words(whole: str) -> None:
    """Two sizes of four figures, each an image with a title and a sentence of its own."""
    seen = outline(whole)
    figures = [attrs for tag, attrs in seen.tags if tag == "svg"]

    assert len(seen.ids) == len(set(seen.ids))
    assert len(figures) == 8
    assert {attrs["role"] for attrs in figures} == {"img"}
    assert {name for attrs in figures for name in str(attrs["aria-labelledby"]).split()} <= set(seen.ids)


def test_equal_runs_are_equal_bytes(go: Report, whole: str) -> None:
    """No clock, no chance, no order of a dictionary shows."""
    assert page_of(go, DIGESTS) == whole


@pytest.mark.usefixtures("undrawn")
def test_hostile_text_stays_text(timeline: Timeline) -> None:
    """Whatever the plan's names, the judges and the shop say is shown, never executed."""
    finding = Finding(
        check=f"slo.{HOSTILE}",
        subject=HOSTILE,
        status=Status.FAIL,
        summary=HOSTILE,
        unit=HOSTILE,
        measured=1.0,
        ids=(HOSTILE,),
        evidence={HOSTILE: HOSTILE},
    )
    record = record_of(
        run_id=HOSTILE,
        started_at=HOSTILE,
        defects=(HOSTILE,),
        versions={HOSTILE: HOSTILE},
        machine={HOSTILE: HOSTILE},
        shop_digest=HOSTILE,
        stopped=HOSTILE,
    )
    frame = frame_of([step(44.2, f"{HOSTILE}: {HOSTILE}", HOSTILE)], timeline)
    plan = plan_of()
    report = report_of(plan, timeline, record, (finding,), Verdict.NO_GO, frame, FinalReadings())
    page = page_of(report, {HOSTILE: HOSTILE})

    assert "<script" not in page
    assert "{{7*7}}" in page
    assert {tag for tag, _ in outline(page).tags} & {"script", "iframe", "img", "object"} == set()


def test_an_empty_run_is_told_honestly(timeline: Timeline) -> None:
    """Nothing happened, nothing could be read, nothing was judged: and the page says so."""
    page = page_of(bare(timeline), DIGESTS)
    lines = " ".join(outline(page).lines)

    assert "No check was made, and an empty set of checks never passes." in lines
    assert lines.count("The history holds no trace of this fault.") == 3
    assert page.count("could not be read") == 3
    assert "No request was measured." in page
    assert "No rate was shown to be held" in page
    assert "nan" not in page.lower()


@pytest.mark.usefixtures("undrawn")
def test_empty_books_are_not_unread(timeline: Timeline, go: Report) -> None:
    """Read and empty is another sentence than unread."""
    report = bare(timeline, books=msgspec.UNSET)
    books = replace(go.books, orders=(), money_cents=())
    page = page_of(replace(report, books=books), DIGESTS)

    assert "<td>none</td>" in page
    assert "<td>empty</td>" in page
    assert "could not be read" not in page


@pytest.mark.usefixtures("undrawn")
def test_a_plan_without_faults_says_so(timeline: Timeline) -> None:
    """No section stays empty without a word."""
    assert "The plan names no fault." in page_of(bare(timeline, faults=()), DIGESTS)


@pytest.mark.usefixtures("undrawn")
def test_load_processes_are_told_and_who_of_them_was_lost(timeline: Timeline) -> None:
    """How many, on which machines, and when one went; a run of an older version says nothing."""
    lost = WorkerRecord(worker=2, host="far", here=False, lost="not heard for 10 s", lost_s=12.34)
    record = record_of(workers=(WorkerRecord(worker=0, host="box"), WorkerRecord(worker=1, host="box"), lost))
    page = page_of(bare(timeline, record=record), DIGESTS)

    assert "3, on box, far; worker 2 was lost at 12.3 s: not heard for 10 s" in page
    assert "load processes" not in page_of(bare(timeline), DIGESTS)


@pytest.mark.usefixtures("undrawn")
def test_many_ids_are_cut_with_a_count(timeline: Timeline) -> None:
    """Twenty are shown; where the others are is said."""
    ids = tuple(f"o{number}" for number in range(23))
    report = bare(timeline, Finding(check="invariant.x", status=Status.FAIL, summary="", ids=ids))
    page = page_of(report, DIGESTS)

    assert "o19</code> and 3 more in findings.json" in page
    assert "o20" not in page


@pytest.mark.usefixtures("undrawn")
def test_render_prints_the_digests_of_the_folder(signed: Path, go: Report) -> None:
    """Every signed file but the report itself, which cannot know its own."""
    page = render(go, signed)
    printed = [name for name in folder.SIGNED if f"<th>{name}, SHA-256</th>" in page]

    assert printed == [name for name in folder.SIGNED if name != folder.REPORT]
    assert folder.sha256_of(signed / folder.HISTORY) in page
