"""The commands and their options. Heavy imports happen inside a command, so that `--help` is quick."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from automator import __version__
from automator.cli import complete
from automator.text import LANGUAGES, T, system_language, use_language

if TYPE_CHECKING:
    from automator.cli.journey import Options
    from automator.journeys import Journey

_F = TypeVar("_F", bound=Callable[..., Any])


def _language_asked(arguments: list[str]) -> str:
    """`--lang` before the command line is parsed: help is printed while it is."""
    for number, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang" and number + 1 < len(arguments):
            return arguments[number + 1]
    return system_language()


_asked = _language_asked(sys.argv[1:])
use_language(_asked if _asked in LANGUAGES else "en")


class Language(str, Enum):
    """Languages that we speak."""

    en = "en"
    ru = "ru"


class HandsName(str, Enum):
    """Who taps."""

    injected = "injected"
    guided = "guided"


class JourneyName(str, Enum):
    """Journeys through the phone's Settings."""

    unlink = "unlink"
    reset = "reset"


class RehearsalName(str, Enum):
    """What can be rehearsed."""

    unlink = "unlink"
    reset = "reset"
    delete_account = "delete-account"
    reflash = "reflash"
    support = "support"


class Place(str, Enum):
    """Where a page is opened."""

    computer = "computer"
    phone = "phone"


_SERIAL = T("Which phone, by its serial (default: ANDROID_SERIAL, else the one on USB).")
_ONLY = T("Only this phone, by its serial (default: every phone).")
_SERIALS = T(
    "Which phone, by its serial; once for each where they are several (default: ANDROID_SERIAL, else the one on USB)."
)
_ALL = T("Every phone on USB at once; each is asked about by itself.")
_FOLLOW = T(
    "Phones plugged in later join, until q and Enter or Ctrl-C. Without --serial it means --all as well."
)
_WAIT = T("Seconds to wait for the phone (default: 60 on a terminal, else 0).")
_DRY_RUN = T("Go to the first question, show it, and touch nothing dangerous.")
_REMOVE_SYNCED = T("unlink: delete the synced items from the phone (asks again); else they are kept.")
_PATIENCE = T("Seconds to wait while you act on the phone (of several phones, times their number).")
_HANDS = T(
    "Who taps: injected, the computer does, and you where the phone refuses that; guided, you do, told where to."
)
_SHOW = T("Open each picture that shows you where to tap.")
_PLAIN = T("Words alone, for screen readers: no frames, no signs, nothing that moves.")
_JSON = T("One JSON object a line on standard output; words go to standard error.")
_VERBOSE = T("Say why each screen was recognised, and each move.")
_LANG = T("Language of the messages (default: the computer's).")
_ROM = T("Which practice phone: miui8 to miui14 (and miui12.5), or hyperos1 to hyperos3.")
_PHONE_LANG = T("Language of the practice phone: en, ru, es, zh-CN, ar, tr, de, or xx, which is made up.")

Serial = Annotated[
    str | None, typer.Option("--serial", "-s", help=str(_SERIAL), autocompletion=complete.serials)
]
Serials = Annotated[
    list[str] | None, typer.Option("--serial", "-s", help=str(_SERIALS), autocompletion=complete.serials)
]
Every = Annotated[bool, typer.Option("--all", help=str(_ALL))]
Follow = Annotated[bool, typer.Option("--follow", help=str(_FOLLOW))]
OnlySerial = Annotated[
    str | None, typer.Option("--serial", "-s", help=str(_ONLY), autocompletion=complete.serials)
]
WaitFor = Annotated[float | None, typer.Option("--wait", min=0, help=str(_WAIT))]
DryRun = Annotated[bool, typer.Option("--dry-run", help=str(_DRY_RUN))]
RemoveSynced = Annotated[bool, typer.Option("--remove-synced", help=str(_REMOVE_SYNCED))]
HandsOf = Annotated[HandsName, typer.Option("--hands", help=str(_HANDS))]
Show = Annotated[bool, typer.Option("--show", help=str(_SHOW))]
Plain = Annotated[bool, typer.Option("--plain", help=str(_PLAIN))]
Patience = Annotated[float, typer.Option("--patience", min=1, help=str(_PATIENCE))]
Json = Annotated[bool, typer.Option("--json", help=str(_JSON))]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help=str(_VERBOSE))]
Lang = Annotated[Language | None, typer.Option("--lang", help=str(_LANG))]
Rom = Annotated[str, typer.Option("--rom", help=str(_ROM), autocompletion=complete.roms)]
PhoneLang = Annotated[str, typer.Option("--phone-lang", help=str(_PHONE_LANG))]

_ABOUT = T(
    "Signs your Xiaomi, Redmi or POCO phone out of its account, or starts its factory reset, through the phone's own "
    "Settings. Before anything is lost it stops and asks."
)
_FIRST = T("Try it first on a practice phone: {command}", command="mi-automator rehearse unlink")

app = typer.Typer(
    name="mi-automator",
    pretty_exceptions_enable=False,
    help=f"{_ABOUT}\n\n{_FIRST}",
)


def _command(example: str, does: str, name: str | None = None) -> Callable[[_F], _F]:
    """Registers a command whose help shows an example first. `does` is the English sentence."""
    sentence = str(T(does))
    shown = T("Example: {command}", command=example)
    return app.command(name, short_help=sentence, help=f"{shown}\n\n{sentence}")


@app.callback(invoke_without_command=True)
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help=str(T("Show the version and exit.")))] = False,
    lang: Lang = None,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        from automator.cli.advise import advise

        raise typer.Exit(advise())


@_command(
    "mi-automator devices",
    "Lists the plugged-in phones, and what to do for each that is not ready.",
)
def devices(json: Json = False, lang: Lang = None) -> None:
    from automator.cli.look import devices as run

    raise typer.Exit(run(json=json))


@_command(
    "mi-automator status",
    "Shows what the phone tells about itself, what that means for unlink and reset, and whether it is ready to hand on.",
)
def status(serial: Serial = None, wait: WaitFor = None, json: Json = False, lang: Lang = None) -> None:
    from automator.cli.look import status as run

    raise typer.Exit(run(serial=serial, wait=wait, json=json))


@_command(
    "mi-automator doctor",
    "Checks this computer, its USB and each phone that adb lists, and says how to mend what is not well. Nothing is "
    "tapped. Exit code 3 when something would stop a run.",
)
def doctor(serial: OnlySerial = None, json: Json = False, lang: Lang = None) -> None:
    from automator.cli.doctor import doctor as run

    raise typer.Exit(run(serial=serial, json=json))


@_command(
    "mi-automator plan unlink",
    "Says what unlink or reset would do on this phone, step by step, where you are asked, and what is lost. Nothing "
    "is tapped.",
)
def plan(
    journey: JourneyName,
    serial: Serial = None,
    wait: WaitFor = None,
    remove_synced: RemoveSynced = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    from automator.cli.plan import plan as run

    code = run(journey.value, serial=serial, wait=wait, json=json, remove_synced=remove_synced)
    raise typer.Exit(code)


@_command(
    "mi-automator unlink",
    "Signs the Xiaomi Account out of the phone. Asks before the tap that signs out; you type the account's "
    "password on the phone.",
)
def unlink(
    serial: Serials = None,
    every: Every = False,
    follow: Follow = False,
    wait: WaitFor = None,
    dry_run: DryRun = False,
    remove_synced: RemoveSynced = False,
    hands: HandsOf = HandsName.injected,
    show: Show = False,
    patience: Patience = 300,
    plain: Plain = False,
    json: Json = False,
    verbose: Verbose = False,
    lang: Lang = None,
) -> None:
    from automator.cli.journey import Options, make_journey

    options = Options(None, wait, dry_run, json, verbose, patience, hands.value, show, plain)
    journey = make_journey("unlink", remove_synced=remove_synced)
    raise typer.Exit(_on_one_or_more(journey, options, serial or [], every=every, follow=follow))


@_command(
    "mi-automator reset",
    "Starts the factory reset: everything on the phone will be erased. Asks before the erasing begins, before "
    "Find Device is switched off, and before the last tap.",
)
def reset(
    serial: Serials = None,
    every: Every = False,
    follow: Follow = False,
    wait: WaitFor = None,
    dry_run: DryRun = False,
    hands: HandsOf = HandsName.injected,
    show: Show = False,
    patience: Patience = 300,
    plain: Plain = False,
    json: Json = False,
    verbose: Verbose = False,
    lang: Lang = None,
) -> None:
    from automator.cli.journey import Options, make_journey

    options = Options(None, wait, dry_run, json, verbose, patience, hands.value, show, plain)
    journey = make_journey("reset")
    raise typer.Exit(_on_one_or_more(journey, options, serial or [], every=every, follow=follow))


def _on_one_or_more(
    journey: Journey, options: Options, serials: list[str], *, every: bool, follow: bool
) -> int:
    if every or follow or len(set(serials)) > 1:
        from automator.cli.many import several

        return several(journey, options, serials, every=every or not serials, follow=follow)
    from automator.cli.journey import real

    return real(journey, replace(options, serial=serials[0] if serials else None))


_ON = T("Where the page is opened: on this computer, or on the phone.")


@_command(
    "mi-automator delete-account",
    "Leads you through deleting the whole Xiaomi Account on Xiaomi's page, once no phone is signed in to it. You type and "
    "press; asks before each press that deletes.",
    name="delete-account",
)
def delete_account(
    on: Annotated[Place, typer.Option("--on", help=str(_ON))] = Place.computer,
    serial: Serial = None,
    wait: WaitFor = None,
    dry_run: DryRun = False,
    patience: Patience = 300,
    plain: Plain = False,
    json: Json = False,
    verbose: Verbose = False,
    lang: Lang = None,
) -> None:
    from automator.cli.delete_account import delete_account as run
    from automator.cli.journey import Options

    options = Options(serial, wait, dry_run, json, verbose, patience, plain=plain)
    raise typer.Exit(run(options, on=on.value))


_ROM_FILE = T("The official ROM for fastboot, as downloaded: NAME.tgz.")
_KEEP_DATA = T("Use the script of the ROM that spares your data.")


@_command(
    "mi-automator reflash ROM.tgz",
    "Writes an official ROM to a phone whose bootloader is unlocked, after checking that it is of this very model and "
    "region. Asks before anything is written. Takes no lock away.",
)
def reflash(
    rom: Annotated[Path, typer.Argument(metavar="ROM.tgz", help=str(_ROM_FILE))],
    keep_data: Annotated[bool, typer.Option("--keep-data", help=str(_KEEP_DATA))] = False,
    serial: Serial = None,
    wait: WaitFor = None,
    dry_run: DryRun = False,
    plain: Plain = False,
    json: Json = False,
    verbose: Verbose = False,
    lang: Lang = None,
) -> None:
    from automator.cli.journey import Options
    from automator.cli.reflash import reflash as run

    options = Options(serial, wait, dry_run, json, verbose, plain=plain)
    raise typer.Exit(run(rom, options, keep_data=keep_data))


_COUNTRY = T("Your country by its two letters: DE, ES, RU. Picks the addresses and pages.")
_LETTER_LANG = T(
    "Language of the letter: en, ru, zh or es (default: one that is official in your country, else English)."
)
_ATTACH = T(
    "A photo or PDF to attach, more than once if need be. With receipt=, box= or lock= before its name, the letter says "
    "what it shows: the receipt, the box label next to the phone, the lock screen."
)
_TO_FOLDER = T("The folder for the letter (default: that of the run's record).")
_OPEN_LETTER = T(
    "Open the letter in your mail program when it is written, without asking again. On a terminal only."
)
_MODEL_OF = T("The phone's model, as the box has it.")
_SYSTEM = T("Its system: MIUI or HyperOS, and the version.")
_NUMBER = T("Its serial number, as the box has it.")
_IMEI = T("Its IMEI, of 15 digits; give the option twice for a phone that has two.")
_UNLOCK = T("What stands behind “Unlock code” on the lock screen. Not a code that was sent to you.")
_BOUGHT = T("The day on which it was bought: 2025-03-14 or 14.03.2025.")
_SHOP = T("The shop or seller.")
_ORDER = T("The number of the order or receipt.")
_ACCOUNT = T("The Xiaomi Account on the phone, as the lock screen shows it. It is masked in the letter.")
_EXISTS = T("Whether this account still exists: yes, no or unknown.")
_TRIED = T("What you tried, and when. Passwords and codes are refused.")
_NAME = T("Your name.")
_CONTACT = T("A mail address or phone number where you are reached.")


class LetterLanguage(str, Enum):
    """What a letter to support is written in."""

    en = "en"
    ru = "ru"
    zh = "zh"
    es = "es"


@_command(
    "mi-automator support --country DE",
    "Writes a letter to Xiaomi's support about your locked phone, with what Xiaomi asks for, and shows the addresses and pages "
    "for your country. Sends nothing; never asks for a password or a code.",
)
def support(
    country: Annotated[str | None, typer.Option("--country", metavar="CC", help=str(_COUNTRY))] = None,
    letter_lang: Annotated[
        LetterLanguage | None, typer.Option("--letter-lang", help=str(_LETTER_LANG))
    ] = None,
    attach: Annotated[list[str] | None, typer.Option("--attach", metavar="FILE", help=str(_ATTACH))] = None,
    imei: Annotated[list[str] | None, typer.Option("--imei", help=str(_IMEI))] = None,
    bought: Annotated[str | None, typer.Option("--bought", metavar="DATE", help=str(_BOUGHT))] = None,
    shop: Annotated[str | None, typer.Option("--shop", help=str(_SHOP))] = None,
    order: Annotated[str | None, typer.Option("--order", help=str(_ORDER))] = None,
    unlock_code: Annotated[str | None, typer.Option("--unlock-code", help=str(_UNLOCK))] = None,
    model: Annotated[str | None, typer.Option("--model", help=str(_MODEL_OF))] = None,
    system: Annotated[str | None, typer.Option("--system", help=str(_SYSTEM))] = None,
    serial_number: Annotated[str | None, typer.Option("--serial-number", help=str(_NUMBER))] = None,
    account: Annotated[str | None, typer.Option("--account", help=str(_ACCOUNT))] = None,
    account_exists: Annotated[str | None, typer.Option("--account-exists", help=str(_EXISTS))] = None,
    tried: Annotated[str | None, typer.Option("--tried", help=str(_TRIED))] = None,
    name: Annotated[str | None, typer.Option("--name", help=str(_NAME))] = None,
    contact: Annotated[str | None, typer.Option("--contact", help=str(_CONTACT))] = None,
    serial: Serial = None,
    wait: WaitFor = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FOLDER", help=str(_TO_FOLDER))
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help=str(_OPEN_LETTER))] = False,
    plain: Plain = False,
    json: Json = False,
    lang: Lang = None,
) -> None:
    from automator.cli.journey import Options
    from automator.cli.support import support as run

    imeis = [*(imei or []), None, None]
    if len(imeis) > 4:
        raise typer.BadParameter(str(T("A phone has two at most.")), param_hint="--imei")
    given = {
        "model": model,
        "system": system,
        "number": serial_number,
        "imei": imeis[0],
        "imei2": imeis[1],
        "unlock": unlock_code,
        "country": country,
        "bought": bought,
        "shop": shop,
        "order": order,
        "account": account,
        "exists": account_exists,
        "tried": tried,
        "name": name,
        "contact": contact,
    }
    options = Options(serial, wait, json=json, plain=plain)
    code = run(
        {field: value for field, value in given.items() if value is not None},
        attach or [],
        options,
        language=letter_lang.value if letter_lang else None,
        folder=output,
        open_it=open_it,
    )
    raise typer.Exit(code)


@_command(
    "mi-automator rehearse unlink",
    "Runs a journey on a practice phone that answers for you, each question in plain sight. Needs no phone and "
    "no terminal.",
)
def rehearse(
    journey: RehearsalName,
    rom: Rom = "hyperos2",
    phone_lang: PhoneLang = "en",
    dry_run: DryRun = False,
    remove_synced: RemoveSynced = False,
    hands: HandsOf = HandsName.injected,
    plain: Plain = False,
    json: Json = False,
    verbose: Verbose = False,
    lang: Lang = None,
) -> None:
    from automator.cli.journey import Options, make_journey, rehearsed

    _check_practice(rom, phone_lang)
    options = Options(dry_run=dry_run, json=json, verbose=verbose, hands=hands.value, plain=plain)
    if journey is RehearsalName.delete_account:
        from automator.cli.delete_account import rehearsed as rehearse_deleting

        raise typer.Exit(rehearse_deleting(options, rom, phone_lang))
    if journey is RehearsalName.reflash:
        from automator.cli.reflash import rehearsed as rehearse_flashing

        raise typer.Exit(rehearse_flashing(options, rom, phone_lang))
    if journey is RehearsalName.support:
        from automator.cli.support import rehearsed as rehearse_writing

        raise typer.Exit(rehearse_writing(options, rom, phone_lang))
    raise typer.Exit(
        rehearsed(make_journey(journey.value, remove_synced=remove_synced), options, rom, phone_lang)
    )


@_command(
    "mi-automator practice --rom miui14",
    "Keeps a practice phone running and prints what to set in another terminal to try any command on it.",
)
def practice(rom: Rom = "hyperos2", phone_lang: PhoneLang = "en", lang: Lang = None) -> None:
    from automator.cli.practice import practice as run

    _check_practice(rom, phone_lang)
    raise typer.Exit(run(rom, phone_lang))


_RUN = T("Which run: its name, the beginning of it, or its folder (default: the newest).")
_HANDOVER = T("The sheet for a buyer, one page in English and Russian, instead of the report.")
_UNMASK = T("What to show in full, for your own use: serial, imei, or both with a comma between.")
_OPEN = T("Open the page.")
_VERIFY = T(
    "Say whether this journal, folder of a run, report or sheet is as it was written. Exit code 3 when not."
)


@_command(
    "mi-automator report --open",
    "Writes the report of a run as one page, from its journal; or a hand-over sheet; or checks one.",
)
def report(
    run: Annotated[
        str | None, typer.Argument(metavar="RUN", help=str(_RUN), autocompletion=complete.runs)
    ] = None,
    handover: Annotated[bool, typer.Option("--handover", help=str(_HANDOVER))] = False,
    unmask: Annotated[str, typer.Option("--unmask", metavar="WHAT", help=str(_UNMASK))] = "",
    open_it: Annotated[bool, typer.Option("--open", help=str(_OPEN))] = False,
    verify: Annotated[Path | None, typer.Option("--verify", metavar="FILE", help=str(_VERIFY))] = None,
    lang: Lang = None,
) -> None:
    from automator.cli.report import UNMASKABLE
    from automator.cli.report import report as write
    from automator.cli.report import verify as check

    if verify is not None:
        raise typer.Exit(check(verify))
    shown = [word.strip() for word in unmask.split(",") if word.strip()]
    if not set(shown) <= set(UNMASKABLE):
        raise typer.BadParameter(
            str(T("there are: {names}", names=", ".join(UNMASKABLE))), param_hint="--unmask"
        )
    raise typer.Exit(write(run=run, kind="handover" if handover else "report", unmask=shown, show=open_it))


@_command(
    "mi-automator runs",
    "Lists what was run on this computer, the newest first, and how it ended.",
)
def runs(json: Json = False, lang: Lang = None) -> None:
    from automator.cli.runs import runs as run

    raise typer.Exit(run(json=json))


_SELECTORS = T("What the tool knows of Xiaomi's screens.")
_selectors = typer.Typer(no_args_is_help=True, help=str(_SELECTORS))
app.add_typer(_selectors, name="selectors")
_CHECK = T(
    "Looks for mistakes in what the tool knows of Xiaomi's screens. With files (captures, or hierarchies as XML): says which "
    "screen each is, what was found on it, by what, and what is ambiguous. Exit code 5 when something is not known."
)
_FILES = T("Captures (.zip) or hierarchies (.xml).")
_PHONE = T("Also say which of the names it looks for the plugged-in phone's apps have. Nothing is tapped.")
_CHECK_EXAMPLE = T("Example: {command}", command="mi-automator selectors check screen.xml")


@_selectors.command("check", short_help=str(_CHECK), help=f"{_CHECK_EXAMPLE}\n\n{_CHECK}")
def selectors_check(
    files: Annotated[list[Path] | None, typer.Argument(metavar="FILE", help=str(_FILES))] = None,
    phone: Annotated[bool, typer.Option("--phone", help=str(_PHONE))] = False,
    serial: Serial = None,
    wait: WaitFor = None,
    json: Json = False,
    verbose: Verbose = False,
    lang: Lang = None,
) -> None:
    from automator.cli.selectors import check as run

    code = run(files or [], phone=phone, serial=serial, wait=wait, json=json, verbose=verbose)
    raise typer.Exit(code)


@_command(
    "mi-automator capture -o screen.zip",
    "Saves the screen that the phone shows, masked, as one file to attach to a report. Nothing is tapped.",
)
def capture(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=str(T("The file (default: a name with the time)."))),
    ] = None,
    serial: Serial = None,
    wait: WaitFor = None,
    lang: Lang = None,
) -> None:
    from automator.cli.capture import capture as run

    raise typer.Exit(run(path=output, serial=serial, wait=wait))


@_command("mi-automator help exit-codes", "Explains a topic: exit-codes.", name="help")
def explain(
    topic: Annotated[str, typer.Argument(help="exit-codes")] = "exit-codes", lang: Lang = None
) -> None:
    from automator.cli.topics import TOPICS

    if topic not in TOPICS:
        raise typer.BadParameter(str(T("no such topic; there is: {names}", names=", ".join(TOPICS))))
    typer.echo(TOPICS[topic]())


def _check_practice(rom: str, phone_lang: str) -> None:
    from automator.practice.rom import LANGUAGES as SPOKEN
    from automator.practice.rom import ROMS

    if rom not in ROMS:
        raise typer.BadParameter(str(T("there are: {names}", names=", ".join(ROMS))), param_hint="--rom")
    if phone_lang not in SPOKEN:
        raise typer.BadParameter(
            str(T("there are: {names}", names=", ".join(SPOKEN))), param_hint="--phone-lang"
        )
