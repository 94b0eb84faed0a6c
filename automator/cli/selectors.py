"""`selectors check`: the atlas itself, files of hierarchies against it, and the words of a plugged-in phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from automator.atlas import (
    Atlas,
    AtlasError,
    Element,
    View,
    Words,
    dangers_at,
    every_language,
    generation,
    load,
    recognise,
)
from automator.capture import replay
from automator.cli.lines import complain
from automator.cli.output import Output
from automator.cli.pick import plugged_phone
from automator.errors import AutomatorError, MalformedHierarchy, PreflightError, ScreenUnknown
from automator.hierarchy import MAX_BYTES, parse
from automator.journeys.lint import lint
from automator.phone import AppWords
from automator.text import T, Text

UNKNOWN = ScreenUnknown.exit_code


def check(
    files: list[Path], *, phone: bool, serial: str | None, wait: float | None, json: bool, verbose: bool
) -> int:
    """Prints what is found; 0 when all is known, 5 when a screen or an element is not, 3 when a file can't be read.

    Raises AutomatorError.
    """
    output = Output(json=json, verbose=verbose)
    atlas = _linted(output)
    codes = []
    for file in files:
        try:
            codes.append(_file(file, atlas, output))
        except AutomatorError as error:
            complain(error)
            codes.append(error.exit_code)
    if phone:
        codes.append(_phone(serial, wait, atlas, output))
    return max(codes, default=0)


def _linted(output: Output) -> Atlas:
    try:
        atlas = load()
        mistakes = list(lint(atlas))
    except AtlasError as error:
        mistakes = [str(error)]
    if mistakes:
        raise AutomatorError(
            T("There is a mistake in selectors/."),
            Text("{mistakes}", {"mistakes": "; ".join(mistakes)}),
            T("Mend it and run the command again; if you did not change anything there, please report it."),
        )
    output.say(
        T(
            "selectors/: {screens} screens, {dangers} dangers, short labels in {languages}. No mistake found.",
            screens=len(atlas.screens),
            dangers=len(atlas.dangers),
            languages=", ".join(atlas.words) or "—",
        )
    )
    return atlas


def _file(path: Path, atlas: Atlas, output: Output) -> int:
    view, words = _view_of(path, atlas)
    elements = {name: _found(name, view, atlas, words) for name in view.elements}
    ambiguous = [name for name, found in elements.items() if len(found) > 1]
    _machine(
        output,
        {
            "file": str(path),
            "screen": view.name,
            "why": view.why,
            "elements": elements,
            "ambiguous": ambiguous,
        },
    )
    called = Text(view.screen.called) if view.screen else T("another screen")
    output.say("")
    output.say(T("{file}: {screen} ({called})", file=path, screen=view.name or "—", called=called))
    for why in view.why:
        output.say(f"  {why}")
    for name, found in elements.items():
        if not found:
            output.say(T("  {element}: not in view", element=name))
        for one in found:
            by, bounds, gates = one["by"], one["bounds"], ", ".join(one["gates"])
            output.say(
                T(
                    "  {element}: “{text}” {bounds}, by {by}",
                    element=name,
                    text=one["text"],
                    bounds=bounds,
                    by=by,
                )
            )
            if gates:
                output.say(T("    needs consent: {gates}", gates=gates))
        if len(found) > 1:
            output.say(T("  {element}: AMBIGUOUS, found {count} times", element=name, count=len(found)))
    return UNKNOWN if view.screen is None or ambiguous else 0


def _view_of(path: Path, atlas: Atlas) -> tuple[View, Words]:
    """A capture is seen with its own words; an XML alone with the short ones of every language."""
    if path.suffix == ".zip":
        captured = replay(path)
        return captured.view(atlas), captured.words(atlas)
    try:
        hierarchy = parse(_beginning(path).decode())
    except (OSError, ValueError, MalformedHierarchy) as error:
        why = error.why if isinstance(error, MalformedHierarchy) else getattr(error, "strerror", "")
        raise PreflightError(
            T("{path} can't be read.", path=path),
            Text("{why}", {"why": why or T("It does not read as XML.")}),
            T("Name a file that “mi-automator capture” has written, or the XML of a hierarchy."),
        ) from error
    words = every_language(atlas.words)
    return recognise(hierarchy, atlas, words), words


def _beginning(path: Path) -> bytes:
    """The file, or as much of it as shows that it is too large: some files have no end."""
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _found(name: str, view: View, atlas: Atlas, words: Words) -> list[dict[str, Any]]:
    return [
        {
            "text": next((inner.text for inner in view.hierarchy.subtree(node) if inner.text), ""),
            "bounds": str(node.bounds),
            "by": str(view.found_by[name]),
            "gates": sorted({d.gate for d in dangers_at(view, *node.bounds.centre, atlas, words)}),
        }
        for node in view.elements[name]
    ]


def _phone(serial: str | None, wait: float | None, atlas: Atlas, output: Output) -> int:
    plugged, _ = plugged_phone(output, serial, wait)
    facts = plugged.facts()
    apps = plugged.words(atlas.strings(), facts)
    output.say("")
    output.say(
        T("{model}, {rom}, language {locale}:", model=facts.model, rom=facts.rom or "?", locale=facts.locale)
    )
    for package, app in apps.items():
        _machine(
            output,
            {"package": package, "origin": app.origin, "found": len(app.texts or ()), "why": app.why},
        )
        output.say(_said_of(package, app, len(atlas.strings()[package])))
    rows = []
    rom = generation(facts.rom)
    lost = False
    for screen in atlas.screens.values():
        named = {name for name in atlas.strings_of(screen) if apps[name[0]].texts is not None}
        known = {(package, name) for package, name in named if name in (apps[package].texts or ())}
        blind = [
            name
            for name, element in screen.elements.items()
            if element.fits(rom) and not _findable(element, screen.package, known)
        ]
        lost = lost or bool(blind)
        missing = sorted(f"{package}:{name}" for package, name in named - known)
        _machine(
            output,
            {
                "screen": screen.screen,
                "names": len(named),
                "known": len(known),
                "missing": missing,
                "blind": blind,
            },
        )
        rows.append((screen.screen, f"{len(known)}/{len(named)}", ", ".join(blind)))
        output.detail(f"{screen.screen}: {', '.join(missing) or '—'}")
    output.table((T("screen"), T("names known"), T("elements that can't be found")), rows)
    return UNKNOWN if lost else 0


def _said_of(package: str, app: AppWords, wanted: int) -> Text:
    if app.texts is None:
        return T("  {package}: its labels could not be read ({why})", package=package, why=app.why)
    if app.origin == "absent":
        return T("  {package}: not on this phone", package=package)
    return T(
        "  {package}: {found} of {wanted} names, from {origin}",
        package=package,
        found=len(app.texts),
        wanted=wanted,
        origin=T("this computer's cache") if app.origin == "cache" else T("the phone"),
    )


def _findable(element: Element, packages: tuple[str, ...], known: set[tuple[str, str]]) -> bool:
    """Whether any of its selectors could match on this phone: by an id alone, or by a word that the phone has."""
    for selector in element.find:
        names = selector.names(packages)
        if not names or names & known:
            return True
    return False


def _machine(output: Output, line: dict[str, Any]) -> None:
    output.machine(json.dumps(line, ensure_ascii=False))
