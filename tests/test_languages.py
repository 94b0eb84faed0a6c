"""Both languages say everything, with the same fields."""

import ast
import gettext
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from automator import text
from automator.atlas import load
from automator.text import T, use_language
from automator.ways import ways

PACKAGE = Path(text.__file__).parent
CATALOGUE = PACKAGE / "locales" / "ru" / "LC_MESSAGES" / "mi-automator.po"


def sentences() -> set[str]:
    """Every English sentence in the program and in selectors/."""
    found = {screen.called for screen in load().screens.values()}
    found |= {fact.says for fact in ways().facts.values()}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            place = {"T": 0, "_command": 1}.get(node.func.id)
            if place is not None and len(node.args) > place and isinstance(node.args[place], ast.Constant):
                found.add(str(ast.literal_eval(node.args[place])))
    return found


def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as file:
        return read_po(file)


def fields(sentence: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


def test_every_sentence_is_in_russian_and_nothing_else_is() -> None:
    russian = {str(message.id): str(message.string) for message in catalogue() if message.id}
    assert russian.keys() == sentences()
    assert [english for english, said in russian.items() if not said] == []


def test_fields_agree() -> None:
    for message in catalogue():
        if message.id:
            assert fields(str(message.id)) == fields(str(message.string)), message.id


def test_the_compiled_catalogue_is_of_this_source() -> None:
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for message in catalogue():
        if message.id:
            assert compiled.gettext(str(message.id)) == message.string


@pytest.mark.parametrize(("language", "said"), [("en", "yes"), ("ru", "да")])
def test_a_text_is_said_in_the_language_in_force(language: str, said: str) -> None:
    use_language(language)
    try:
        assert str(T("yes")) == said
    finally:
        use_language("en")
