"""The configuration that a part of a resource table is for: its locale, Android version and other qualifiers.

Knows `ResTable_config` (AOSP, libs/androidfw/include/androidfw/ResourceTypes.h) and how `aapt2 dump` writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from struct import Struct

from automator.phone.locales import Locale

SIZE = 64
_NO_LOCALE = Locale()
_FIRST = Struct(
    "<4xHH2s2sBBHBBBB"
)  # size, mcc, mnc, language, region, orientation, touch, density, keys, gender
_SECOND = Struct(
    "<HHHHBBHHH"
)  # width, height, sdk, minor, layout, mode, smallest width, width and height in dp
_THIRD = Struct(
    "<4s8sBB2x?8s3x"
)  # script, variant, more of layout, colour, whether the script was computed, numbering

_GENDER = {1: "neuter", 2: "feminine", 3: "masculine"}
_LAYOUT_BITS = (
    (0xC0, {0x40: "ldltr", 0x80: "ldrtl"}),
    (0x0F, {1: "small", 2: "normal", 3: "large", 4: "xlarge"}),
    (0x30, {0x10: "notlong", 0x20: "long"}),
)
_LAYOUT2_BITS = ((0x03, {1: "notround", 2: "round"}),)
_COLOUR_BITS = ((0x03, {1: "nowidecg", 2: "widecg"}), (0x0C, {4: "lowdr", 8: "highdr"}))
_ORIENTATION = {1: "port", 2: "land", 3: "square"}
_MODE_BITS = (
    (0x0F, {2: "desk", 3: "car", 4: "television", 5: "appliance", 6: "watch", 7: "vrheadset"}),
    (0x30, {0x10: "notnight", 0x20: "night"}),
)
_DENSITY = {
    120: "ldpi",
    160: "mdpi",
    213: "tvdpi",
    240: "hdpi",
    320: "xhdpi",
    480: "xxhdpi",
    640: "xxxhdpi",
    0xFFFE: "anydpi",
    0xFFFF: "nodpi",
}
_TOUCH = {1: "notouch", 2: "stylus", 3: "finger"}
_INPUT_BITS = (
    (0x03, {1: "keysexposed", 2: "keyshidden", 3: "keyssoft"}),
    (0x0C, {4: "navexposed", 8: "navhidden"}),
)
_KEYBOARD = {1: "nokeys", 2: "qwerty", 3: "12key"}
_NAVIGATION = {1: "nonav", 2: "dpad", 3: "trackball", 4: "wheel"}


@dataclass(frozen=True, slots=True)
class Config:
    """What a part of a table is for. The default has nothing set.

    `sim` and `device` are the qualifiers that only the phone itself can judge, as aapt2 writes them
    (`mcc310-mnc260`, `sw600dp-land`); `sdk` is the Android API level from which on it is for, 0 for all.
    """

    locale: Locale = _NO_LOCALE
    sdk: int = 0
    sim: str = ""
    device: str = ""

    @property
    def judged(self) -> bool:
        """Whether a locale and an Android version are enough to tell that it applies."""
        return not self.sim and not self.device

    @property
    def qualifiers(self) -> str:
        """As aapt2 and the names of resource folders write it: `ru`, `es-r419`, `b+sr+Latn`, `sw600dp-v21`."""
        version = f"v{self.sdk}" if self.sdk else ""
        return "-".join(filter(None, (self.sim, _locale_qualifier(self.locale), self.device, version)))


def parse(raw: bytes) -> Config:
    """The configuration in a `ResTable_config`; what an old, shorter one lacks counts as not set. Any bytes will do."""
    raw = raw[:SIZE].ljust(SIZE, b"\0")
    mcc, mnc, language, region, orientation, touch, density, *keys, gender = _FIRST.unpack_from(raw)
    width, height, sdk, minor, layout, mode, *sizes = _SECOND.unpack_from(raw, _FIRST.size)
    script, variant, layout2, colour, computed, numbering = _THIRD.unpack_from(
        raw, _FIRST.size + _SECOND.size
    )
    keyboard, navigation, input_flags = keys
    direction, *rest_of_layout = _named(layout, _LAYOUT_BITS)
    hidden, nav_hidden = _named(input_flags, _INPUT_BITS)
    device = (
        _GENDER.get(gender, ""),
        direction,
        *(f"{side}{size}dp" for side, size in zip(("sw", "w", "h"), sizes, strict=True) if size),
        *rest_of_layout,
        *_named(layout2, _LAYOUT2_BITS),
        *_named(colour, _COLOUR_BITS),
        _ORIENTATION.get(orientation, ""),
        *_named(mode, _MODE_BITS),
        _DENSITY.get(density, f"{density}dpi") if density else "",
        _TOUCH.get(touch, ""),
        hidden,
        _KEYBOARD.get(keyboard, ""),
        nav_hidden,
        _NAVIGATION.get(navigation, ""),
        f"{width}x{height}" if width or height else "",
        f"minor{minor}" if minor else "",
    )
    sim = (f"mcc{mcc}" if mcc else "", f"mnc{0 if mnc == 0xFFFF else mnc}" if mnc else "")
    return Config(
        Locale(
            _unpacked(language, "a"),
            "" if computed else _ascii(script),  # Android's own guess: we make ours
            _unpacked(region, "0"),
            _ascii(variant).lower(),
            _ascii(numbering),
        ),
        sdk,
        "-".join(filter(None, sim)),
        "-".join(filter(None, device)),
    )


def _named(bits: int, masks: tuple[tuple[int, dict[int, str]], ...]) -> list[str]:
    return [names.get(bits & mask, "") for mask, names in masks]


def _unpacked(code: bytes, base: str) -> str:
    """A language or region: two letters, or three letters or digits in five bits each, counted from `base`."""
    first, second = code
    if not first & 0x80:
        return _ascii(code)
    parts = (second & 0x1F, second >> 5 | (first & 0x03) << 3, first >> 2 & 0x1F)
    return "".join(chr(ord(base) + part) for part in parts)


def _ascii(raw: bytes) -> str:
    return raw.rstrip(b"\0").decode("latin-1")


def _locale_qualifier(locale: Locale) -> str:
    if not locale.language:
        return ""
    if locale.script or locale.variant or locale.numbering:
        numbering = f"u+nu+{locale.numbering}" if locale.numbering else ""
        parts = (locale.language, locale.script, locale.region, locale.variant, numbering)
        return "b+" + "+".join(filter(None, parts))
    return f"{locale.language}-r{locale.region}" if locale.region else locale.language
