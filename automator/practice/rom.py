"""ROMs as data: the shape of roms/*.yaml, read and checked. Knows no running phone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from automator.practice.nonsense import nonsense
from automator.practice.state import FACTS, FIELDS, LOCALES, SWITCHES


def _age(name: str) -> tuple[bool, float]:
    """MIUI before HyperOS, and each by its number: `miui12.5` comes after `miui12`."""
    number = re.search(r"[\d.]+$", name)
    return name.startswith("hyperos"), float(number[0]) if number else 0.0


FOLDER = Path(__file__).parent / "roms"
ROMS: tuple[str, ...] = tuple(sorted((item.stem for item in FOLDER.glob("*.yaml")), key=_age))
"""From the oldest to the newest."""
LANGUAGES: tuple[str, ...] = tuple(LOCALES)
MADE_UP = "xx"
WRITTEN = tuple(language for language in LANGUAGES if language != MADE_UP)
"""The languages that a ROM's file has to have."""
KINDS = ("row", "section", "text", "button", "edit", "image", "group", "progress")
BARE = {"close", "next", "remove_account", "erase", "home", "back", "enter", "nothing"}

T = TypeVar("T")


class BadRom(ValueError):
    """A ROM's file is not as it should be; says which file and what is wrong."""


def _split(value: Any) -> Any:
    return (
        tuple(part.strip() for part in value.split(";") if part.strip()) if isinstance(value, str) else value
    )


Actions = Annotated[tuple[str, ...], BeforeValidator(_split)]
"""What happens, one after the other: `set keep_synced yes; next`."""


def _known_languages(word: dict[str, str]) -> dict[str, str]:
    if "en" not in word or word.keys() - set(WRITTEN):
        raise ValueError(f"a word has {', '.join(WRITTEN)}, English in any case; not {', '.join(word)}")
    return word


Word = Annotated[dict[str, str], AfterValidator(_known_languages)]
"""A label by language. A word that no screen uses need not be in all of them."""

Danger = Literal[
    "sign_out",
    "sign_out_continues",
    "delete_synced",
    "delete_cards",
    "erase",
    "erase_continues",
    "esim",
    "find_device_off",
    "other_device",
    # on a web page, where nobody but the owner presses
    "delete_account",
    "send_code",
    "sign_out_password",
    "wipe",
    # on what comes in between
    "activate",
    "advertisement",
    "app_update",
    "battery_saver",
    "call",
    "clean_up",
    "close_app",
    "emergency",
    "grant",
    "install",
    "power",
    "quick_settings",
    "security_settings",
    "update",
    "usb_mode",
]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(Strict):
    """One thing on a screen; exactly one of KINDS says which. Texts beginning with `$` name a word."""

    row: str | None = None
    section: str | None = None
    text: str | None = None
    button: str | None = None
    edit: str | None = None
    image: str | None = None
    group: tuple[Part, ...] | None = None
    progress: str | None = None
    id: str = ""
    summary: str = ""
    value: str = ""
    counting: str = ""
    icon: bool = False
    arrow: bool = True
    checked: bool | None = None
    tap: Actions = ()
    danger: Danger | None = None
    when: str = ""
    secret: Literal["screen_lock", "account_password", "mail_code"] | None = None
    wrong: str = ""
    columns: int = 1
    centred: bool = False
    height: int = 0
    size: Literal["small", "body", "title", "big"] = "body"

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Part:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            raise ValueError(f"a part is exactly one of {', '.join(KINDS)}")
        return self


class Starts(Strict):
    """What `am start` opens the screen by, from the adb shell."""

    actions: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    fragments: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    """How the addresses begin that it is opened for, by VIEW."""
    when: str = ""


class Screen(Strict):
    """One window of an app.

    A `bare` one has no title bar; a `banner` drops in at the top, and what is at the `side` hangs there: both leave the
    rest of the screen to what is beneath them. What is `over` everything no app comes over; what `lasts` so many
    seconds goes by itself.
    """

    name: str
    package: str
    activity: str
    evidence: str = ""
    guess: str = ""
    kind: Literal["page", "dialog", "bare", "banner", "side"] = "page"
    over: bool = False
    lasts: float = 0.0
    parent: str = ""
    title: str = ""
    container: Literal["list", "scroll", "plain"] = "list"
    container_id: str = ""
    body: tuple[Part, ...] = ()
    bottom: tuple[Part, ...] = ()
    message: str = ""
    buttons: dict[Literal["button1", "button2", "button3"], Part] = Field(default_factory=dict)
    counts: int = 0
    back: Actions = ()
    enter: Actions = ()
    focus: str = ""
    requires: str = ""
    starts: Starts = Starts()
    owner: tuple[str, ...] = ()
    """The ids that the owner taps here when asked to do their part, in turn."""

    @model_validator(mode="after")
    def _sourced(self) -> Screen:
        if not (self.evidence or self.guess):
            raise ValueError(f"{self.name}: say its evidence, or that it is a guess")
        return self

    @property
    def component(self) -> str:
        return f"{self.package}/{self.activity}"

    @property
    def parts(self) -> Iterator[Part]:
        """Every part, those inside groups too."""
        waiting = [*self.body, *self.bottom, *self.buttons.values()]
        while waiting:
            part = waiting.pop(0)
            yield part
            waiting += part.group or ()


class Step(Strict):
    """One stop of a chain, left out unless `when` holds; with `seconds` it goes on by itself."""

    screen: str
    when: str = ""
    seconds: float = 0.0
    then: Actions = ()
    fails_when: str = ""
    failed: str = ""

    @model_validator(mode="after")
    def _fails_somewhere(self) -> Step:
        if bool(self.fails_when) != bool(self.failed):
            raise ValueError(f"{self.screen}: fails_when and failed go together")
        return self


class Chain(Strict):
    """What a tap sets off: screens one after the other, then `done`."""

    origin: str
    steps: tuple[Step, ...]
    done: Actions
    deaf_to_monkeys: bool = False


class Metrics(Strict):
    """Sizes in pixels, and how the ROM's windows come."""

    width: int
    height: int
    status_bar: int
    navigation_bar: int
    navigation: Literal["buttons", "gestures"]
    dialogs_first: bool


class Package(Strict):
    """An installed app: its APK's path, its version, when it was last updated, as `dumpsys package` prints it.

    `splits` are languages that are not in that APK but in one of their own beside it, `split_config.ru.apk`.
    """

    apk: str
    version: int
    updated: str = "2009-01-01 00:00:00"
    splits: tuple[str, ...] = ()


class Rom(Strict):
    """One ROM: how it looks, what it says and where taps lead.

    `widget_ids` says whose ids the title bar, the dialogs and the menu at the bottom have: up to MIUI 12 those of
    the package `miui`, later those of each app. Parts of a screen name their own ids; those of such a menu are
    understood too. `web` are words of web pages, which are in no app's table. `lists` is what the pages' lists are: `listview` (android.widget.ListView, `android:id/list`,
    as stock Android 6 has it, a guess for MIUI 8 to 10) or `recycler` (androidx's, `recycler_view`).
    """

    name: str
    title: str
    widget_ids: Literal["miui", "app"] = "app"
    lists: Literal["listview", "recycler"] = "recycler"
    metrics: Metrics
    properties: dict[str, str]
    settings: dict[str, dict[str, str]]
    packages: dict[str, Package]
    words: dict[str, dict[str, Word]]
    web: dict[str, Word] = Field(default_factory=dict)
    screens: dict[str, Screen]
    chains: dict[str, Chain]

    @property
    def sdk(self) -> int:
        """The Android API level."""
        return int(self.properties["ro.build.version.sdk"])

    def word(self, text: str, package: str, language: str) -> str:
        """`$name` as `package` says it in that language, else as the first package that has it; other text as is."""
        if not text.startswith("$"):
            return text
        name = text[1:]
        found = self._find(name, package)
        if found is None:
            raise BadRom(f"{self.name}: no word {text}")
        owner, written = found
        return nonsense(owner, name, written["en"]) if language == MADE_UP else written[language]

    def labels(self, package: str, language: str) -> dict[str, str]:
        """All that the package says in that language, by name; what is not written in it is not there."""
        table = self.words.get(package, {})
        if language == MADE_UP:
            return {name: nonsense(package, name, written["en"]) for name, written in table.items()}
        return {name: written[language] for name, written in table.items() if language in written}

    def _find(self, name: str, package: str) -> tuple[str, dict[str, str]] | None:
        """The package that has the word, and the word."""
        own = self.words.get(package, {}).get(name)
        if own is not None:
            return package, own
        if name in self.web:
            return "web", self.web[name]
        return next(((other, table[name]) for other, table in self.words.items() if name in table), None)

    @model_validator(mode="after")
    def _hangs_together(self) -> Rom:
        known = set(self.screens)
        for screen in self.screens.values():
            steps = [screen.back, screen.enter, *(part.tap for part in screen.parts)]
            self._check_actions(screen.name, steps)
            self._check_facts(screen.name, [screen.requires, screen.starts.when])
            self._check_facts(screen.name, [part.when for part in screen.parts], {"wrong"})
            if screen.parent and screen.parent not in known:
                raise ValueError(f"{screen.name}: no screen {screen.parent}")
        self._check_words()
        for name, chain in self.chains.items():
            self._check_actions(name, [chain.done, *(step.then for step in chain.steps)])
            self._check_facts(name, [fact for step in chain.steps for fact in (step.when, step.fails_when)])
            used = {chain.origin, *(step.screen for step in chain.steps)}
            used |= {step.failed for step in chain.steps if step.failed}
            if used - known:
                raise ValueError(f"chain {name}: no screen {', '.join(sorted(used - known))}")
        return self

    @staticmethod
    def _texts(screen: Screen) -> Iterator[str]:
        yield from (screen.title, screen.message)
        for part in screen.parts:
            own = (part.row, part.section, part.text, part.button, part.edit, part.progress)
            yield from (text for text in own if text)
            yield from (part.summary, part.value, part.counting, part.wrong)

    def _check_words(self) -> None:
        """Every language has the words that screens use, and nothing stands in braces that the phone cannot fill in."""
        for package in self.words.keys() - self.packages.keys():
            raise ValueError(f"words of {package}, which is not among the packages")
        wrong: dict[str, str] = {}
        for screen in self.screens.values():
            for text in self._texts(screen):
                written = {"en": text}
                if text.startswith("$"):
                    found = self._find(text[1:], screen.package)
                    if found is None:
                        wrong.setdefault(text, f"no word {text} for {screen.name}")
                        continue
                    written = found[1]
                    if missing := [language for language in WRITTEN if language not in written]:
                        wrong.setdefault(text, f"{text} is not written in {', '.join(missing)}")
                fields = set(re.findall(r"\{(\w+)\}", " ".join(written.values())))
                for name in sorted(fields - FIELDS):
                    wrong.setdefault(text, f"nothing to put into {{{name}}} on {screen.name}")
        if wrong:
            raise ValueError("; ".join(wrong.values()))

    def _check_actions(self, where: str, lists: Iterable[tuple[str, ...]]) -> None:
        for action in (action for actions in lists for action in actions):
            verb, *rest = action.split()
            good = (
                (verb in BARE and not rest)
                or (verb == "open" and len(rest) == 1 and rest[0] in self.screens)
                or (verb == "begin" and len(rest) == 1 and rest[0] in self.chains)
                or (verb == "set" and len(rest) == 2 and rest[0] in SWITCHES and rest[1] in ("yes", "no"))
                or (verb == "check" and rest in (["screen_lock"], ["account_password"], ["mail_code"]))
            )
            if not good:
                raise ValueError(f"{where}: no such action: {action}")

    @staticmethod
    def _check_facts(where: str, conditions: Iterable[str], more: Iterable[str] = ()) -> None:
        for condition in conditions:
            for word in filter(None, (word.strip() for word in condition.split(","))):
                if word.removeprefix("not ") not in FACTS.union(more):
                    raise ValueError(f"{where}: no such fact: {word}")


@lru_cache
def load(name: str) -> Rom:
    """The ROM of that name. Raises BadRom, naming the file."""
    if name not in ROMS:
        raise BadRom(f"no ROM {name}: there are {', '.join(ROMS)}")
    return read(FOLDER / f"{name}.yaml")


def read(path: Path) -> Rom:
    """The ROM in that file, with what it builds on. Raises BadRom, naming the file."""
    own = _yaml(path)
    whole: dict[str, Any] = {}
    for base in own.pop("builds_on", []):
        _lay_over(whole, _yaml(FOLDER / "base" / f"{base}.yaml"))
    _lay_over(whole, own)
    try:
        for name, screen in whole.get("screens", {}).items():
            screen["name"] = name
        return Rom.model_validate({"name": path.stem, **whole})
    except (ValidationError, BadRom, AttributeError, TypeError) as error:
        raise BadRom(f"{path.name}: {error}") from error


def _yaml(path: Path) -> dict[str, Any]:
    """A mapping whose scalars all stay strings: to YAML 1.1, `No` and `On` are truth values."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)  # noqa: S506  makes strings only
    except (OSError, yaml.YAMLError) as error:
        raise BadRom(f"{path.name}: {error}") from error
    if not isinstance(content, dict):
        raise BadRom(f"{path.name}: not a mapping")
    return content


def _lay_over(below: dict[str, Any], above: Mapping[str, Any]) -> None:
    """Put `above` on top: a screen or chain replaces its namesake whole, words one by one."""
    for section, content in above.items():
        if not isinstance(content, dict):
            below[section] = content
        elif section in ("words", "settings"):
            for key, table in content.items():
                below.setdefault(section, {}).setdefault(key, {}).update(table)
        else:
            below.setdefault(section, {}).update(content)
