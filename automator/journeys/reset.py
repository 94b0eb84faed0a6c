"""Starting the factory reset from Settings: the whole journey as a table."""

from __future__ import annotations

from automator.journeys.model import Gate, Gated, Journey, Owner, PhoneRefuses, Tap, Wait
from automator.phone.facts import Facts
from automator.text import T

ERASE = Gate(
    "reset.erase",
    T("Begin to erase this phone"),
    (
        T(
            "Everything on the phone: photos, messages, contacts, apps and their data, files, and the backups on it."
        ),
        T("What is only on this phone is lost for good; what is in a cloud stays there."),
    ),
    T(
        "The phone asks for its screen lock, and perhaps whether to back up first: I go on without a backup, so make one "
        "before you confirm. I ask you again before Find Device is switched off and before the last tap."
    ),
)
FIND_DEVICE_OFF = Gate(
    "reset.find_device_off",
    T("Switch Find Device off"),
    (T("Find Device: with your password the phone switches it off at Xiaomi, at once."),),
    T(
        "You type the account's password on the phone. If you stop after that, Find Device stays off. Then come two "
        "warning pages that count down ten seconds each."
    ),
    T(
        "Find Device may be off now, and stays so. To switch it on again: Settings → Xiaomi Account → Xiaomi Cloud → "
        "Find device."
    ),
)
WIPE = Gate(
    "reset.wipe",
    T("Erase everything on this phone, now"),
    (T("Everything on the phone, for good: photos, messages, contacts, apps and their data, files."),),
    T(
        "This is the last tap. The phone restarts and erases itself; that takes some minutes and can't be undone."
    ),
)

TYPE_PIN = T("On the phone: enter its screen lock (PIN, pattern or password). I do not read or store it.")
TYPE_PASSWORD = T(
    "On the phone: type the password of your Xiaomi Account and tap OK. This switches Find Device off. I do not read or "
    "store it."
)


def reset() -> Journey:
    """The journey."""
    return Journey(
        name="reset",
        start="reset.home",
        table={
            "reset.home": Gated("erase_all_data", ERASE),
            "lock.confirm": Owner(TYPE_PIN, after=ERASE),
            "reset.wallet": Tap("go_on", under=ERASE),
            "reset.backup": Tap("go_on", under=ERASE),
            "reset.busy": Wait(),
            "account.password": Owner(
                TYPE_PASSWORD, after=ERASE, gate=FIND_DEVICE_OFF, element="passport_confirm"
            ),
            "settings.notice": PhoneRefuses(
                T("The phone does not go on with the reset."),
                T(
                    "With Find Device on, the reset needs the internet: connect the phone and run the command again. Charge it "
                    "if it says that the battery is low."
                ),
            ),
            "reset.warning_1": Tap("next", under=ERASE),
            "reset.warning_2": Gated("reset", WIPE),
        },
        last=WIPE,
        finished=_never,
        leaves=True,
        result="reset_started",
    )


def _never(_: Facts) -> bool:
    """No fact proves a reset: the phone that could tell is gone."""
    return False
