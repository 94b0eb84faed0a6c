"""What a practice phone is at a moment, and what its log holds. Values only; knows no window and no wire."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

LOCALES = {
    "en": "en-GB",
    "ru": "ru-RU",
    "es": "es-ES",
    "zh-CN": "zh-CN",
    "ar": "ar-EG",
    "tr": "tr-TR",
    "de": "de-DE",
    "xx": "xx",
}
"""The languages a practice phone speaks, each with its locale as the system prints it; `xx` is made up."""
RIGHT_TO_LEFT = frozenset({"ar"})


@dataclass(frozen=True)
class Account:
    """A Xiaomi account as the phone knows it."""

    name: str = "6230481535"
    nickname: str = "Mila"

    @property
    def masked(self) -> str:
        """The number as the system prints it in `dumpsys account`."""
        return f"{self.name[:4]}***{self.name[-3:]}"


@dataclass
class State:
    """Everything about the phone that a run can find, change or trip over."""

    language: str = "en"
    more_locales: tuple[str, ...] = ()
    """What the owner listed below the language, as BCP 47 tags: `("de-DE",)`."""
    serialno: str = "a1b2c3d4"
    imei: str = "868014031187422"
    phone_number: str = "+447700900147"
    email: str = "mila.novak@example.com"
    account: Account | None = field(default_factory=Account)
    account_password: str = "correct horse"  # noqa: S105  the practice owner's
    mail_code: str = "482913"
    """What Xiaomi's page sends to the practice owner."""
    account_deleted: bool = False
    google_account: bool = True
    find_device: bool = True
    screen_lock: str | None = "2580"
    network: bool = True
    battery: int = 82
    charging: bool = True
    sim: bool = True
    adbinput: bool = True
    """Whether the phone takes a computer's touches: “USB debugging (Security settings)”."""
    adbinput_says: str | None = None
    """What the property `persist.security.adbinput` says where that is not the truth: `1` on a phone that refuses all
    the same, `0` or nothing at all on one that has no such switch and takes touches."""
    adbinput_needs_account: bool = False
    """Whether signing out turns `adbinput` off."""
    adbinput_lost_in_reboot: bool = False
    """Whether a restart turns `adbinput` off, as one script's notes say of HyperOS 2 and 3."""
    stirs: bool = True
    """Whether its screen answers a touch within half a second."""
    synced_data: bool = True
    keep_synced: bool | None = None
    cards: bool = False
    e2ee: bool = False
    esim: bool = False
    esim_erased: bool = False
    awake: bool = True
    keyguard: bool = False
    rotation: Literal[0, 1, 2, 3] = 0
    """Quarter turns to the left, as `android.view.Surface` counts them."""
    split: bool = False
    """Whether the screen is split: the app above, another one below."""
    font_scale: float = 1.0
    dark: bool = False
    one_handed: Literal["", "lowered", "shrunk"] = ""
    """One-handed mode: everything pulled down by a part of the screen, or made smaller and moved into a corner."""
    disk_full: bool = False
    notifications: dict[str, str] = field(default_factory=dict)
    """What the shell posted, by its tag."""
    properties: dict[str, str] = field(default_factory=dict)
    """Properties that are not as the ROM has them; an empty one is not there."""
    disabled: tuple[str, ...] = ()
    """Apps that are installed and switched off."""
    accounts_time_out: bool = False
    """Whether `dumpsys account` ends before it has said all."""
    device_owner: str = ""
    """The app by which a company owns the phone."""
    work_profile: str = ""
    """The app that owns the work profile, if there is one."""
    forbidden: tuple[str, ...] = ()
    """What an administrator forbids the main user, as `dumpsys user` names it: `no_factory_reset`."""
    reader_taken: bool = False
    """Whether another program is reading the screen; as far as `dumpsys` goes."""
    user: int = 0
    provisioned: bool = True
    frp: bool = True
    erased: bool = False
    warning_starts_at: Literal[1, 2] = 1
    monkey: bool = False
    shortcuts: bool = True
    """Whether `am start` opens more than the home page of Settings."""
    dd: bool = True
    apks_readable: bool = True
    """Whether the shell may read the apps' packages; their sizes it may know in any case."""
    splits: bool = True
    """Whether apps that the ROM delivers in several packages have them; else each has one with everything in it."""

    @property
    def locales(self) -> tuple[str, ...]:
        """The phone's languages, the first preferred."""
        return LOCALES[self.language], *self.more_locales

    @property
    def locked(self) -> bool:
        """Whether a lock screen stands before everything; on a phone that sleeps it does at once."""
        return self.keyguard or (not self.awake and self.screen_lock is not None)

    @property
    def as_usual(self) -> bool:
        """Whether the windows are where they are on a phone held upright in both hands."""
        return not (self.rotation or self.split or self.one_handed)

    @property
    def main_user(self) -> bool:
        return self.user == 0

    @property
    def warned_twice(self) -> bool:
        """Whether the reset's warning begins with its first page."""
        return self.warning_starts_at == 1

    def holds(self, condition: str) -> bool:
        """Whether every comma-separated fact of `condition` is so; `not` before one turns it round."""
        return all(self._fact(word.strip()) for word in condition.split(",") if word.strip())

    def _fact(self, word: str) -> bool:
        wanted = not word.startswith("not ")
        return bool(getattr(self, word.removeprefix("not "))) is wanted


FIELDS = frozenset(
    {
        *("nickname", "masked", "email", "phone_number", "imei", "serialno"),
        *("model", "build", "battery", "wrong"),
    }
)
"""What stands in braces in a ROM's texts: the phone fills it in."""
FACTS = frozenset({spec.name for spec in fields(State)} | {"main_user", "warned_twice"})
SWITCHES = frozenset({"find_device", "keep_synced", "cards", "e2ee", "esim_erased", "frp", "account_deleted"})
"""What an action of a ROM may set, apart from the account and the end of all data."""


@dataclass(frozen=True)
class Latency:
    """How long the phone takes, in seconds. Nothing costs time unless said; a count-down counts seconds.

    `held`: a finger that uiautomator2's server holds or moves takes its time as well, whatever the phone: 100 ms for a
    touch of which the call does not say how long, 5 ms for each step of a swipe (uiautomator's InteractionController).
    """

    dump: float = 0.0
    dump_per_node: float = 0.0
    tap: float = 0.0
    transition: float = 0.0
    scroll: float = 0.0
    shell: float = 0.0
    second: float = 1.0
    held: bool = False


ZERO = Latency(held=True)
"""A phone that takes no time: what is left is the computer's, and how long the server on the phone holds a finger."""
REAL = Latency(dump=0.08, dump_per_node=0.0005, tap=0.03, transition=0.35, scroll=0.4, shell=0.02, held=True)  # noqa: S604  seconds, not a program
"""Roughly a mid-range phone. None of it was measured on one: each number is a guess between what sources give.

- `transition` 0.35: stock Android's are 0.22 (config_activityDefaultDur), 0.4 and 0.5 (config_mediumAnimTime, _longAnimTime).
- `dump` 0.18 at 200 nodes, growing with them: owners of fast phones tell of less than 0.1 (hmdriver2's issue 10), of
  slow ones of seconds (uiautomator2's issues 867 and 1122); it walks the nodes one by one.
- `tap` 0.03: two events, each sent and waited for; the time that the finger is down comes on top (`held`).
- `scroll` 0.4: until a list stands still; the server itself waits 0.2 for word of it (scrollAcknowledgmentTimeout).
- `shell` 0.02: until a program of the phone has started.
"""
PRESETS = {"zero": ZERO, "real": REAL}


@dataclass(frozen=True)
class Tap:
    """One touch of the glass: where, on what, and whether that did anything. `time` is time.time()."""

    time: float
    by: Literal["injected", "finger"]
    x: int
    y: int
    screen: str
    node: str
    text: str
    destructive: str | None
    landed: bool


class RpcError(Exception):
    """An error of the on-device server, as its JSON answer carries it."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


Params = list[Any]

INJECTION_REFUSED = (
    "java.lang.SecurityException: Injecting input events requires the caller (or the source of the "
    "instrumentation, if any) to have the INJECT_EVENTS permission."
)
OLD_INJECTION_REFUSED = (
    "java.lang.SecurityException: Injecting to another application requires INJECT_EVENTS permission"
)
NEW_WORDS_SINCE = 33
"""Reports of refused taps: the old words up to MIUI 12.5 (uiautomator2's issues 520, 555), the new from Android 13."""


def injection_refused(sdk: int) -> str:
    """What the phone says when it refuses a computer's input."""
    return INJECTION_REFUSED if sdk >= NEW_WORDS_SINCE else OLD_INJECTION_REFUSED
