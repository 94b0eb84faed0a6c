"""Compiles the practice ROMs' words into resource tables: `python -m tests.build_tables [ROM…]`, all without a name.

Needs Debian's package `aapt`, which has aapt2, and aapt for Android before 7. Writes automator/practice/roms/tables/;
to be run after any change to the words. The same words give the same bytes.
"""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from automator.practice.apk import TABLES
from automator.practice.rom import LANGUAGES, ROMS, Rom, load

COMMAND = "python -m tests.build_tables"
FRAMEWORK = "android"
FOLDERS = {language: f"values-{language.replace('-', '-r')}" for language in LANGUAGES} | {"en": "values"}
BRITISH = "values-en-rGB"
SPARSE = "com.xiaomi.account"
"""The app whose languages are sparse, and which has some of its English twice, as global ROMs have."""
SPARSE_SINCE = 26
AAPT2_SINCE = 24
"""Older tables are made by the older program, whose strings are UTF-16."""
FRAMEWORK_IDS = {"ok": 0x0104000A, "cancel": 0x01040000}
ATTRIBUTES = {"hasCode": ("boolean", 0x0101000C), "minSdkVersion": ("integer|string", 0x0101020C)}
"""What aapt2 itself writes into manifests."""
LONG = 60
"""Longer texts begin in bold."""
_DATE = (2009, 1, 1, 0, 0, 0)

Strings = dict[str, str]


def plain(text: str) -> str:
    """A ROM's text as a resource has it: `{battery}%` is `%1$s%%` there."""
    fields = list(dict.fromkeys(re.findall(r"\{\w+\}", text)))
    if fields:
        text = text.replace("%", "%%")
    for number, name in enumerate(fields, 1):
        text = text.replace(name, f"%{number}$s")
    return text


def missing_programs(rom: Rom) -> list[str]:
    needed = ["aapt2"] if rom.sdk >= AAPT2_SINCE else ["aapt"]
    return [name for name in needed if shutil.which(name) is None]


def build(rom: Rom) -> dict[str, bytes]:
    """The ROM's tables by the names that automator/practice/apk.py knows them by."""
    tables: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for package in sorted(rom.words, key=lambda package: package != FRAMEWORK):
            folder = work / package
            _write(folder, package, _sources(rom, package), rom)
            link = _with_aapt2 if rom.sdk >= AAPT2_SINCE else _with_aapt
            link(work, package, rom)
            tables[package] = _table(work / f"{package}.apk")
            known = rom.packages[package]
            if known.splits:
                splits = {language: work / f"{package}-{language}.apk" for language in known.splits}
                options = [
                    f"--split={path}:{FOLDERS[language].removeprefix('values-')}"
                    for language, path in splits.items()
                ]
                _with_aapt2(
                    work, package, rom, *(word for option in options for word in option.split("=", 1))
                )
                tables[f"{package}-base"] = _table(work / f"{package}.apk")
                tables |= {f"{package}-{language}": _table(path) for language, path in splits.items()}
    return tables


def write(rom: str) -> Path:
    """Build the ROM's tables anew, and put them where the practice phone finds them."""
    path = TABLES / f"{rom}.zip"
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, table in sorted(build(load(rom)).items()):
            entry = zipfile.ZipInfo(f"{name}.arsc", _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, table, compresslevel=9)
    return path


def _sources(rom: Rom, package: str) -> dict[str, Strings]:
    """What stands in each folder of the app's resources: a text's markup by its name."""
    folders = {FOLDERS[language]: _marked(rom.labels(package, language)) for language in LANGUAGES}
    for name, (owner, target) in _aliases(rom, package).items():
        said, meant = rom.words[package][name], rom.words[owner][target]
        for language in said:
            if said[language] == meant[language]:
                del folders[FOLDERS[language]][name]
        folders["values"][name] = f"@{'android:' * (owner != package)}string/{target}"
    if package == SPARSE:
        names = sorted(folders["values"])[::5]
        folders[BRITISH] = {name: folders["values"][name] for name in names}
    return folders


def _aliases(rom: Rom, package: str) -> dict[str, tuple[str, str]]:
    """The words that refer to another one, as in real tables, and whose: to what is the same in every language.

    To the framework's a word refers that is the same in English; where another language differs, it says so itself.
    """
    seen: dict[object, str] = {}
    aliases: dict[str, tuple[str, str]] = {}
    framework = rom.words.get(FRAMEWORK, {}) if package != FRAMEWORK else {}
    for name, word in sorted(rom.words[package].items()):
        same = seen.setdefault(tuple(sorted(word.items())), name)
        meant = [
            other for other, its in framework.items() if its["en"] == word["en"] and its.keys() == word.keys()
        ]
        if meant:
            aliases[name] = FRAMEWORK, meant[0]
        elif same != name:
            aliases[name] = package, same
    return aliases


def _marked(labels: Mapping[str, str]) -> Strings:
    return {name: _markup(plain(text)) for name, text in labels.items()}


def _markup(text: str) -> str:
    """The text as values/strings.xml has it; the first word of a long one in bold."""
    if len(text) <= LONG:
        return _escaped(text)
    first, space, rest = text.partition(" ")
    return f"<b>{_escaped(first)}</b>{_escaped(space + rest)}" if space else _escaped(text)


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"').replace("\n", "\\n")
    return escape(re.sub(r"^(?=[@?])", r"\\", text))


def _write(folder: Path, package: str, sources: Mapping[str, Strings], rom: Rom) -> None:
    namespace = 'xmlns:android="http://schemas.android.com/apk/res/android"'
    folder.mkdir()
    (folder / "AndroidManifest.xml").write_text(f'<manifest {namespace} package="{package}"/>')
    for values, strings in sources.items():
        lines = [
            f'<string name="{name}" formatted="false">{markup}</string>'
            for name, markup in sorted(strings.items())
        ]
        if package == FRAMEWORK and values == "values":
            others = itertools.count(max(FRAMEWORK_IDS.values()) + 1)
            for name in sorted(strings):
                number = FRAMEWORK_IDS.get(name) or next(others)
                lines.append(f'<public type="string" name="{name}" id="{number:#010x}"/>')
            for name, (form, number) in ATTRIBUTES.items():
                lines.append(f'<attr name="{name}" format="{form}"/>')
                lines.append(f'<public type="attr" name="{name}" id="{number:#010x}"/>')
        if lines:
            path = folder / "res" / values / "strings.xml"
            path.parent.mkdir(parents=True)
            path.write_text(f"<resources>\n{chr(10).join(lines)}\n</resources>\n", encoding="utf-8")


def _with_aapt2(work: Path, package: str, rom: Rom, *options: str) -> None:
    folder, compiled = work / package, work / f"{package}.zip"
    _run("aapt2", "compile", "--dir", str(folder / "res"), "-o", str(compiled))
    words = ["aapt2", "link", "--manifest", str(folder / "AndroidManifest.xml"), "--no-resource-deduping"]
    if package == SPARSE and rom.sdk >= SPARSE_SINCE:
        words += ["--enable-sparse-encoding", "--min-sdk-version", str(SPARSE_SINCE)]
    if package != FRAMEWORK:
        words += ["-I", str(work / f"{FRAMEWORK}.apk")]
    _run(*words, *options, "-o", str(work / f"{package}.apk"), str(compiled))


def _with_aapt(work: Path, package: str, rom: Rom) -> None:
    folder = work / package
    words = ["aapt", "package", "-f", "--utf16", "-M", str(folder / "AndroidManifest.xml")]
    words += ["-x"] if package == FRAMEWORK else ["-I", str(work / f"{FRAMEWORK}.apk")]
    _run(*words, "-S", str(folder / "res"), "-F", str(work / f"{package}.apk"))


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}\n{done.stderr}")


def _table(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read("resources.arsc")


def main(names: list[str], say: Callable[[str], None] = print) -> None:
    for name in names or ROMS:
        path = write(name)
        say(f"{path}: {path.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
