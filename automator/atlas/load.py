"""Reads and lints `selectors/`. The only part of the atlas that touches files.

Every scalar is read as a string, so that `No`, `On` and `1.0` stay words; pydantic makes numbers where numbers belong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from automator.atlas.model import NAME, Danger, Furniture, Screen, Selector

_T = TypeVar("_T")
_Table = dict[str, dict[str, list[str]]]


class AtlasError(ValueError):
    """A file of the atlas says something that it may not, with file and line. A bug in the data, not in the phone."""


@dataclass(frozen=True)
class Atlas:
    """Everything in `selectors/`."""

    screens: dict[str, Screen]
    dangers: tuple[Danger, ...]
    furniture: tuple[Furniture, ...]
    private: tuple[Selector, ...]
    """Nodes that show something about the owner: masked wherever they are written down."""
    words: dict[str, _Table]
    """Fallback labels: language, package, resource name."""

    def strings(self) -> dict[str, set[str]]:
        """The string resources that any selector names, by package: what is to be read from a phone."""
        wanted: dict[str, set[str]] = {}
        for _, selector, packages in _all_selectors(self):
            for package, name in selector.names(packages):
                wanted.setdefault(package, set()).add(name)
        return wanted

    @staticmethod
    def strings_of(screen: Screen) -> set[tuple[str, str]]:
        """The string resources that the screen's own selectors name: (package, name)."""
        return {name for selector in _selectors_of(screen) for name in selector.names(screen.package)}


def selectors_folder() -> Path:
    """Where `selectors/` is: inside the installed package, or at the top of a checkout."""
    shipped = Path(str(files("automator"))) / "_selectors"
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "selectors"


def load(folder: Path | None = None) -> Atlas:
    """The atlas in `folder`. Raises AtlasError, naming file and line, for the first thing that is wrong."""
    folder = folder or selectors_folder()
    screens: dict[str, Screen] = {}
    for file in _yaml_files(folder / "screens"):
        screen: Screen = read(file, Screen)
        if f"{screen.screen}.yaml" != file.name:
            raise AtlasError(f"{file}:1: the file of {screen.screen} must be named {screen.screen}.yaml")
        screens[screen.screen] = screen
    atlas = Atlas(
        screens=screens,
        dangers=read(folder / "danger.yaml", tuple[Danger, ...]),
        furniture=read(folder / "furniture.yaml", tuple[Furniture, ...]),
        private=read(folder / "private.yaml", tuple[Selector, ...]),
        words={file.stem: read(file, _Table) for file in _yaml_files(folder / "words")},
    )
    _lint(atlas, folder)
    return atlas


def _yaml_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


def _lint(atlas: Atlas, folder: Path) -> None:
    for screen in atlas.screens.values():
        file = folder / "screens" / f"{screen.screen}.yaml"
        for name, element in screen.elements.items():
            if not NAME.fullmatch(name):
                raise AtlasError(f"{file}: {name} is no name for an element")
            if element.leads_to and element.leads_to not in atlas.screens:
                raise AtlasError(f"{file}: {name} leads to {element.leads_to}, which is no screen")
        if screen.leave not in (None, "back", "wait", "owner", *screen.elements):
            raise AtlasError(f"{file}: is left by {screen.leave}, which is no element of it")
    _lint_words(atlas, folder)


def _lint_words(atlas: Atlas, folder: Path) -> None:
    """What is tapped, and what is dangerous, must be known though a phone's own words could not be read."""
    known = {(package, name) for package, names in atlas.words.get("en", {}).items() for name in names}
    if not known:
        return
    for where, selector, packages in _all_selectors(atlas, signs=False):
        for string in selector.string:
            if not selector.model_copy(update={"string": (string,)}).names(packages) & known:
                raise AtlasError(f"{folder / where}: no label of {string} in words/en.yaml")


def _all_selectors(atlas: Atlas, *, signs: bool = True) -> Iterator[tuple[str, Selector, tuple[str, ...]]]:
    """The file, the selector, and the packages that serve where the selector names none."""
    for screen in atlas.screens.values():
        for selector in _selectors_of(screen) if signs else _elements_of(screen):
            yield f"screens/{screen.screen}.yaml", selector, screen.package
    for danger in atlas.dangers:
        for selector in (*danger.nodes, *danger.where, *danger.without, *danger.unless):
            yield "danger.yaml", selector, danger.package


def _selectors_of(screen: Screen) -> Iterator[Selector]:
    yield from (*screen.signs.all, *screen.signs.any, *screen.signs.none)
    yield from _elements_of(screen)


def _elements_of(screen: Screen) -> Iterator[Selector]:
    for element in screen.elements.values():
        yield from element.find


def read(file: Path, shape: type[_T] | Any) -> _T:
    """The file as `shape`: a pydantic model or any type pydantic understands."""
    try:
        tree = yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
        value: _T = TypeAdapter(shape).validate_python(_plain(tree))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise AtlasError(
            f"{file}:{mark.line + 1 if mark else 1}: {getattr(error, 'problem', error)}"
        ) from error
    except _Duplicate as error:
        raise AtlasError(f"{file}:{error.line}: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise AtlasError(f"{file}:{_line(tree, first['loc'])}: {where}: {first['msg']}") from error
    return value


_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class _Duplicate(ValueError):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(f"{key} is given twice")
        self.line = line


def _plain(node: yaml.Node | None) -> Any:
    if isinstance(node, yaml.MappingNode):
        plain: dict[str, Any] = {}
        for key, value in node.value:
            if key.value in plain:
                raise _Duplicate(key.value, key.start_mark.line + 1)
            plain[key.value] = _plain(value)
        return plain
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    return node.value if isinstance(node, yaml.ScalarNode) else None


def _line(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line of the deepest node on `path` that is there."""
    line = node.start_mark.line + 1 if node else 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
            if found is None:
                continue
            line, node = found[0].start_mark.line + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
    return line
