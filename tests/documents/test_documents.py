"""What the documents name is there: links, headings, files, make's targets, commands, options."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from coinport.app.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("README*.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs/**/*.md")
    for path in ROOT.glob(pattern)
)
COMMANDS: Any = typer.main.get_command(app)
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    assert [*dead_links(document), *dead_files(document), *dead_commands(document)] == []


def test_what_is_not_there_is_noticed(tmp_path: Path) -> None:
    document = tmp_path / "document.md"
    document.write_text(
        "# A heading\n[one](none.md) [two](#a-heading) [three](#another) [four](https://x.example)\n"
        "`tests/none.py` `engine/none.py` `test_documents.py` `src/coinport/app/` `none.py`\n"
        "`make nothing` `make test ARGS=x` `coinport journal check DIR` `coinport bench http|no`\n"
        "```\n.venv/bin/coinport serve --data DIR --prot 1  # [five](none.md)\n"
        'coinport admin --data DIR credit --user X --reason "a --gift" --key Y &\n```\n'
    )
    assert [*dead_links(document)] == ["none.md", "#another"]
    assert [*dead_files(document)] == ["tests/none.py", "engine/none.py", "none.py"]
    assert [*dead_commands(document)] == ["--prot", "make nothing", "check", "no"]


def prose(document: Path) -> str:
    """Without blocks of code."""
    return re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def code(document: Path) -> Iterator[str]:
    """Lines of blocks, and what stands in back quotes."""
    text = document.read_text("utf-8")
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        yield from block.replace("\\\n", " ").splitlines()
    yield from re.findall(r"`([^`\n]+)`", prose(document))


def anchors(document: Path) -> set[str]:
    """Of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(document), re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def dead_links(document: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(document)):
        path, _, anchor = link.partition("#")
        target = document.parent / path if path else document
        if not re.match(r"\w+:", link) and (
            not target.exists() or (anchor and anchor not in anchors(target))
        ):
            yield link


def dead_files(document: Path) -> Iterator[str]:
    """Of the names that look like those of files of ours."""
    for name in code(document):
        if re.fullmatch(r"(tests|docs|src)/[\w./-]+|[\w./-]+\.(py|md)", name):
            places = (ROOT, ROOT / "src" / "coinport", document.parent)
            there = any((place / name).exists() for place in places)
            if not there and ("/" in name or not bare(name)):
                yield name


def bare(name: str) -> list[Path]:
    """Files that are named without their folder."""
    return [path for folder in ("src", "tests") for path in (ROOT / folder).rglob(name)]


def dead_commands(document: Path) -> Iterator[str]:
    """Targets of make, and commands and options of coinport."""
    for line in code(document):
        if (found := re.match(r"make ([a-z]+)\b", line)) and found[1] not in TARGETS:
            yield found[0]
        if found := re.match(r"(?:\.venv/bin/)?coinport (.+)", line):
            yield from filter(None, map(unknown, alternatives(found[1])))


def alternatives(line: str) -> Iterator[list[str]]:
    """The words of a command; "engine|journal" stands for two of them."""
    words = re.sub(r'"[^"]*"', "TEXT", re.split(r" [#&]", line)[0]).split()
    several = next((word for word in words if "|" in word), None)
    for choice in several.split("|") if several else [""]:
        yield [choice if word == several else word for word in words]


def unknown(words: list[str]) -> str:
    """The first word that is neither a command nor an option where it stands; "" if none is."""
    command, rest = COMMANDS, iter(words)
    for word in rest:
        commands = getattr(command, "commands", None)
        if word.startswith("-"):
            options = {name: each for each in command.params for name in each.opts}
            if word not in {*options, "--help"}:
                return word
            if word in options and not options[word].is_flag:
                next(rest, None)
        elif commands is not None:
            if word not in commands:
                return word
            command = commands[word]
    return ""
