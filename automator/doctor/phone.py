"""Whether one phone is ready, from what adb lists and from its facts. Pure; knows no journey but by its name.

Where a fact is not known there is no row, and it stands in nobody's way; but for three. Without the maker and the
system nobody knows whose Settings these are, and without the list of accounts no sign-out could be proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from automator.atlas import generation
from automator.doctor.model import Row, Status
from automator.phone import Facts, Listed, remedy
from automator.phone.facts import HELPFUL, NEEDED, NO_ACCOUNT_CHANGES, NO_RESET
from automator.text import T, Text

LOW_BATTERY = 30
"""Percent below which a phone that is not charging is worth a warning."""
HELPER_KIB = 16 * 1024
"""Room for the helper that reads the screen: 4 MB (uiautomator2 3.7), and what the phone makes of it (a guess)."""
UNLINK, RESET = "unlink", "reset"
ACCOUNT = "com.xiaomi.account"
APPS = {
    "com.android.settings": T("Settings"),
    ACCOUNT: T("Xiaomi Account"),
    "com.xiaomi.finddevice": T("Find Device"),
}


def state_row(listed: Listed) -> Row:
    """Whether adb can work with the phone at all."""
    if listed.ready:
        return Row("state", "pass", T("adb is connected to it."))
    if (elsewhere := _ELSEWHERE.get(listed.state)) is not None:
        return elsewhere
    why, fix = remedy(listed.state) or (Text(""), Text(""))
    return Row(
        "state",
        "fail",
        T("The phone can't be used yet: adb calls it “{state}”.", state=listed.state),
        why,
        fix,
    )


_RECOVERY = Row(
    "state",
    "fail",
    T("The phone stands in its recovery."),
    T("That is not its system: there are no Settings in it."),
    fix=T("Choose “Reboot to System” in the menu that the phone shows; do not choose “Wipe Data”."),
)
_ELSEWHERE = {
    "recovery": _RECOVERY,
    "rescue": _RECOVERY,
    "sideload": Row(
        "state",
        "fail",
        T(
            "The phone's recovery waits for an update from a computer (sideload, or “Connect with MIAssistant”)."
        ),
        T("That is not its system: there are no Settings in it."),
        fix=T("Hold the phone's power button for about 15 seconds until it starts up normally."),
    ),
    "bootloader": Row(
        "state",
        "fail",
        T("The phone stands in fastboot."),
        T("That is its loader, not its system: there are no Settings in it."),
        fix=T("Hold the phone's power button for about 15 seconds until it starts up normally."),
    ),
    "detached": Row(
        "state",
        "fail",
        T("adb has let go of the phone."),
        T("A program told it to, so as to use the phone itself."),
        fix=T("Close that program, then unplug the cable and plug it in again."),
    ),
}


def silent_row() -> Row:
    """For a phone that adb lists as ready and that answers nothing."""
    return Row(
        "answers",
        "fail",
        T("The phone does not answer."),
        T("adb lists it as ready, but what is asked of it comes to nothing."),
        fix=T("Unplug the cable and plug it in again; if that does not help, restart the phone."),
    )


def phone_rows(facts: Facts, takes_taps: bool | None = None) -> list[Row]:
    """The checks of a phone that answers, in the order in which to mend them.

    `takes_taps`: what came of sending it a key that does nothing; None when that was not tried. When it is no Xiaomi
    phone or runs another system the rest would only make noise, and is left out.
    """
    brand, rom = _brand(facts), _rom(facts)
    if brand.status == "fail":
        return [brand]
    if rom.status == "fail":
        return [brand, rom]
    checked = (row for check in _CHECKS for row in check(facts))
    return [brand, rom, *checked, *_taps(facts, takes_taps)]


def _brand(facts: Facts) -> Row:
    if not facts.is_xiaomi:
        return Row(
            "brand",
            "fail",
            T("This is not a Xiaomi phone."),
            T("Its maker is “{brand}”.", brand=facts.brand or "?"),
            fix=T(
                "Plug a Xiaomi, Redmi or POCO phone into this computer: mi-automator works on those alone."
            ),
        )
    return Row("brand", "pass", T("It is a Xiaomi phone: {model}.", model=facts.model or "?"))


def _rom(facts: Facts) -> Row:
    if not facts.rom:
        return Row(
            "rom",
            "fail",
            T("This phone does not run MIUI or HyperOS."),
            T("Xiaomi's menus are missing from its system."),
            fix=T("Use the reset in this system's own Settings."),
        )
    if generation(facts.rom) is None:
        return Row(
            "rom",
            "warn",
            T("I do not know {rom} yet.", rom=facts.rom),
            T("I try all that I know, and stop where I recognise nothing."),
            fix=T(
                "Look at the phone while it runs, and attach what “mi-automator capture” saves to a report."
            ),
        )
    return Row("rom", "pass", T("It runs {rom}, which I know.", rom=facts.rom))


def _user(facts: Facts) -> Iterator[Row]:
    if facts.user is None:
        return
    if facts.user != 0:
        yield Row(
            "user",
            "fail",
            T("The phone is in its Second Space or with a second user."),
            T("Only the main user may sign out or reset."),
            fix=T("Switch the phone to its first space, then run the command again."),
        )
    else:
        yield Row("user", "pass", T("The main user is in front."))


def _setup(facts: Facts) -> Iterator[Row]:
    if facts.setup_complete is False:
        yield Row(
            "setup",
            "fail",
            T("The phone is not set up yet."),
            T("Settings does not open before the welcome steps are done."),
            fix=T("Finish the first steps on the phone, or switch it off: it may be fresh from a reset."),
        )
    elif facts.setup_complete:
        yield Row("setup", "pass", T("It is set up."))


_BRING_BACK = T(
    "Bring it back on the phone the way it was removed or switched off (in the program that did it look for “Restore” or "
    "“Enable”), then restart the phone."
)


_WHY_APP = {
    "com.android.settings": T("Signing out and the reset lead through it."),
    ACCOUNT: T("Signing out leads through it, and so does a reset while a Xiaomi Account is on the phone."),
    "com.xiaomi.finddevice": T(
        "Signing out and the reset ask it whether the phone is locked to the account."
    ),
}


def _apps(facts: Facts) -> Iterator[Row]:
    for package in (*NEEDED, *HELPFUL):
        app = {"app": APPS[package], "package": package}
        counts: dict[str, Status] = {RESET: "warn"} if package == ACCOUNT and facts.signed_out else {}
        if package in facts.missing:
            yield Row(
                package,
                "fail",
                T("The app {app} is not on the phone ({package}).", **app),
                _WHY_APP[package],
                fix=_BRING_BACK,
                journeys=counts,
            )
        elif package in facts.disabled:
            yield Row(
                package,
                "fail" if package in NEEDED else "warn",
                T("The app {app} is switched off ({package}).", **app),
                _WHY_APP[package],
                # Nobody can open Settings where they are switched off.
                fix=T("Switch it on in Settings → Apps → Manage apps → {app} → Enable.", **app)
                if package != "com.android.settings"
                else _BRING_BACK,
                journeys=counts,
            )
        elif package in NEEDED:
            yield Row(package, "pass", T("The app {app} is there and switched on.", **app))


def _admin(facts: Facts) -> Iterator[Row]:
    """A rule that is in force counts, whoever made it; an owner without one is only worth knowing of."""
    who = facts.managed_by or facts.work_profile or "?"
    by = T("A company or a school does that with its phones.")
    if facts.managed_by is not None:
        by = T("It is managed by {who}, as phones of a company or a school are.", who=who)
    if facts.forbidden is not None and NO_RESET in facts.forbidden:
        yield Row(
            "admin",
            "fail",
            T("An administrator forbids the factory reset of this phone."),
            by,
            fix=T(
                "Ask whoever manages the phone, a company or a school, to release it in their management console."
            ),
            journeys={UNLINK: "warn"},
        )
    if facts.forbidden is not None and NO_ACCOUNT_CHANGES in facts.forbidden:
        yield Row(
            "admin_accounts",
            "fail",
            T("An administrator forbids signing in or out on this phone."),
            by,
            fix=T(
                "Ask whoever manages the phone, a company or a school, to release it in their management console."
            ),
            journeys={RESET: "warn"},
        )
    if facts.forbidden:
        return
    if facts.managed_by is not None:
        yield Row(
            "admin",
            "warn",
            T("The phone is managed by {who}.", who=who),
            T("It may belong to a company, and take itself back after a reset."),
            fix=T(
                "Ask whoever manages the phone, a company or a school, to release it in their management console."
            ),
        )
    elif facts.work_profile is not None:
        yield Row(
            "admin",
            "warn",
            T("There is a work profile on the phone, of {who}.", who=who),
            T("A reset erases it as well, and its owner may have a say."),
            fix=T(
                "Ask the company's administrator before you reset the phone. Do not remove the profile just for this: that "
                "deletes its apps and data."
            ),
            journeys={UNLINK: "pass"},
        )
    elif facts.forbidden is not None:
        yield Row("admin", "pass", T("No administrator forbids anything."))


def _accounts(facts: Facts) -> Iterator[Row]:
    if facts.accounts is None:
        yield Row(
            "accounts",
            "fail",
            T("The phone does not say which accounts are on it."),
            T("Without that I could not prove that it is signed out."),
            fix=T("Restart the phone and run the command again."),
            journeys={RESET: "warn"},
        )
        return
    yield Row("accounts", "pass", T("The phone says which accounts are on it."))
    if facts.xiaomi_account is not None:
        yield Row(
            "xiaomi_account",
            "pass",
            T("A Xiaomi Account is on the phone: {name}.", name=facts.xiaomi_account.name),
        )
    else:
        yield Row("xiaomi_account", "pass", T("No Xiaomi Account is on the phone."))
    if facts.google_account is not None:
        yield Row(
            "google_account",
            "pass",
            T("A Google account is on the phone: {name}.", name=facts.google_account.name),
            T(
                "After a reset the phone may ask for that account's password: Google's factory-reset protection."
            ),
            fix=T("Remove the account in Settings → Accounts & sync before you sell the phone."),
            journeys={RESET: "warn"},
        )
    else:
        yield Row("google_account", "pass", T("No Google account is on the phone."))


def _network(facts: Facts) -> Iterator[Row]:
    if facts.network is None:
        return
    if facts.network:
        yield Row("network", "pass", T("It has internet."))
    else:
        yield Row(
            "network",
            "fail" if facts.xiaomi_account is not None else "warn",
            T("The phone has no internet."),
            T("Signing out needs it, and so does a reset while Find Device is on: Xiaomi's server is told."),
            fix=T("Connect the phone to Wi-Fi, then run the command again."),
            journeys={RESET: "warn"},
        )


def _sim(facts: Facts) -> Iterator[Row]:
    if facts.sim is None:
        return
    if facts.sim:
        yield Row("sim", "pass", T("It has a SIM card."))
    else:
        yield Row(
            "sim",
            "warn",
            T("There is no working SIM card in the phone."),
            T("Xiaomi may send a code by SMS, and wants a SIM before a computer may tap."),
            fix=T(
                "Put the SIM card whose number belongs to the account into the phone, or keep that number's phone at hand."
            ),
            journeys={RESET: "pass"},
        )


def _battery(facts: Facts) -> Iterator[Row]:
    if facts.battery is None:
        return
    if facts.battery < LOW_BATTERY and not facts.charging:
        yield Row(
            "battery",
            "warn",
            T("The battery is at {percent} %.", percent=facts.battery),
            fix=T("Charge the phone first: plug its charger in."),
        )
    else:
        yield Row("battery", "pass", T("The battery is at {percent} %.", percent=facts.battery))


def _storage(facts: Facts) -> Iterator[Row]:
    if facts.free_kib is None:
        return
    if facts.free_kib < HELPER_KIB:
        yield Row(
            "storage",
            "fail",
            T("The phone's storage is full."),
            T(
                "It has {free} MB free; the small program that reads the phone's screen needs about {needed} MB.",
                free=facts.free_kib // 1024,
                needed=HELPER_KIB // 1024,
            ),
            fix=T("Delete something on the phone, a video or an app, then run the command again."),
        )
    else:
        yield Row("storage", "pass", T("There is room on it for the program that reads its screen."))


def _reader(facts: Facts) -> Iterator[Row]:
    """A run finds out by trying, and says the same."""
    if facts.reader_taken is None:
        return
    if facts.reader_taken:
        yield Row(
            "reader",
            "fail",
            T("Another program is reading this phone's screen."),
            T("Only one program at a time may, and it is not this one."),
            fix=T(
                "Close other tools on the computer that control phones (Appium, scripts with uiautomator); if none runs, "
                "restart the phone."
            ),
            journeys={UNLINK: "pass", RESET: "pass"},
        )
    else:
        yield Row("reader", "pass", T("No other program is reading its screen."))


def _bootloader(facts: Facts) -> Iterator[Row]:
    """Nothing that a journey needs; worth knowing of before the phone is sold."""
    if facts.bootloader == "unlocked":
        yield Row(
            "bootloader",
            "warn",
            T("The bootloader is unlocked."),
            T("Anybody who holds the phone can change its system."),
            fix=T(
                "Tell whoever gets the phone. Do not lock it in fastboot: that erases everything on the phone, and with a system "
                "that is not its own it may never start again."
            ),
            journeys={UNLINK: "pass", RESET: "pass"},
        )
    elif facts.bootloader == "locked":
        yield Row("bootloader", "pass", T("The bootloader is locked."))


def _screen(facts: Facts) -> Iterator[Row]:
    """A run wakes the phone, and asks its owner to unlock it."""
    if facts.locked or facts.awake is False:
        yield Row(
            "screen",
            "warn",
            T("The phone's screen is off or locked."),
            T("I can neither see nor reach Settings behind the lock."),
            fix=T("Unlock the phone and keep its screen on."),
            journeys={UNLINK: "pass", RESET: "pass"},
        )
    elif facts.locked is False:
        yield Row("screen", "pass", T("Its screen is on and unlocked."))


def _taps(facts: Facts, takes_taps: bool | None) -> Iterator[Row]:
    """The key that does nothing tells the truth; the property only what the phone means to do.

    A run does without: the owner's own finger is guided.
    """
    taken = takes_taps if takes_taps is not None else facts.taps_allowed
    if taken is None:
        return
    if taken:
        yield Row("taps", "pass", T("It takes a computer's taps."))
    elif facts.taps_allowed:
        yield Row(
            "taps",
            "warn",
            T("The phone lets me look but not tap."),
            T("“USB debugging (Security settings)” is said to be on, and it refuses all the same."),
            fix=T(
                "Switch “USB debugging (Security settings)” off and on in Settings → Additional settings → Developer options, then "
                "plug the cable in again. Or tap yourself: I tell you where."
            ),
            journeys={UNLINK: "pass", RESET: "pass"},
        )
    else:
        yield Row(
            "taps",
            "warn",
            T("The phone lets me look but not tap."),
            T("“USB debugging (Security settings)” is off; Xiaomi asks for it before a computer may tap."),
            fix=T(
                "Tap on the phone yourself: I tell you where. Or switch it on in Settings → Additional settings → Developer "
                "options (it wants a signed-in account, often a SIM and the internet; do not sign in just for this)."
            ),
            journeys={UNLINK: "pass", RESET: "pass"},
        )


_CHECKS: tuple[Callable[[Facts], Iterator[Row]], ...] = (
    _user,
    _setup,
    _apps,
    _admin,
    _accounts,
    _network,
    _sim,
    _battery,
    _storage,
    _reader,
    _bootloader,
    _screen,
)
