"""`practice`: keeps a practice phone running, with a finger for the person at the keyboard."""

from __future__ import annotations

import sys
import threading

from automator.cli.output import Output
from automator.practice.lab import Lab
from automator.practice.phone import Phone
from automator.text import T

ENTER_KEY = "key_pos_ime_action"
"""The id of the key on the practice keyboard that confirms."""
COMMANDS = "tap WORDS, scroll, type WORDS, enter, back, power, unlock, look, quit"

_GONE = T("The practice phone is erased and has left, as a phone does after its reset. Type quit to end.")


def practice(rom: str, language: str) -> int:
    """Runs until Ctrl-C or `quit`; the exit code."""
    output = Output(json=False)
    phone = Phone(rom, language)
    try:
        with Lab() as lab:
            wire = lab.add(phone)
            output.say(f"ANDROID_ADB_SERVER_PORT={lab.port}")
            output.say(f"ANDROID_SERIAL={wire.serial}")
            output.say(
                T(
                    "A practice phone ({rom}) is running. Set both lines in another terminal, then try any command.",
                    rom=rom,
                )
            )
            output.say(
                T(
                    "Its screen lock is {pin}, its account's password “{password}”.",
                    pin=phone.state.screen_lock,
                    password=phone.state.account_password,
                )
            )
            output.say(
                T(
                    "Here you are the owner's finger: {commands}. Ctrl-C ends it all.",
                    commands=COMMANDS,
                )
            )
            for line in sys.stdin:
                if line.strip() == "quit":
                    return 0
                seen = _finger(phone, line.strip())
                output.say(_GONE if phone.state.erased else seen)
            threading.Event().wait()  # standard input has ended: only Ctrl-C ends it now
    except KeyboardInterrupt:
        output.say("")
    return 0


def _finger(phone: Phone, line: str) -> str:
    word, _, rest = line.partition(" ")
    try:
        if word == "tap":
            phone.finger_tap(rest)
        elif word == "type":
            phone.finger_type(rest)
        elif word == "enter":
            phone.finger_tap(ENTER_KEY)
        elif word == "back":
            phone.finger_back()
        elif word == "scroll":
            phone.finger_scroll()
        elif word == "power":
            phone.finger_power()
        elif word == "unlock":
            phone.finger_unlock()
        elif word not in ("look", ""):
            return str(T("I know: {commands}.", commands=COMMANDS))
    except LookupError as error:
        return str(error)
    return f"[{phone.screen}] " + " · ".join(phone.visible_texts())
