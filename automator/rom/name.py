"""What the name of a ROM says: for which phone, which region, and how its MD5 begins. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_VERSION = re.compile(r"(?P<numbers>(?:V|OS)\d{1,3}(?:\.\d{1,4}){2,5})\.(?P<letters>[A-Z]{7})")
_NAME = re.compile(
    r"(?P<phone>[a-z0-9]+(?:_[a-z0-9]+)*)_images_(?P<version>[A-Z]{1,2}[\d.]+\.[A-Z]{7})(?P<rest>_[\w.]*)?"
)
_REGIONS = frozenset({"global", "eea", "ru", "in", "id", "tr", "tw", "jp", "kr", "cn", "mx", "th", "za"})
"""What stands between codename and `images`; others are taken for a part of the codename."""


@dataclass(frozen=True)
class Build:
    """A version of MIUI or HyperOS, `OS2.0.204.0.VNEMIXM`, taken apart."""

    version: str
    model: str
    """Two letters that stand for the phone: `NE`."""
    region: str
    """Four letters: `MIXM` global, `EUXM` Europe, `CNXM` China; the last two name a carrier, or `XM` for none."""
    age: tuple[int, ...]
    """Grows from version to version: 0 for MIUI or 1 for HyperOS, then the numbers."""
    android: str
    """A letter that stands for the Android version, and grows with it."""

    def older_than(self, other: Build) -> bool:
        """Whether it is the older one, of Xiaomi's numbers or of Android's. Both of them count: that is on the safe side."""
        return self.age < other.age or self.android < other.android


@dataclass(frozen=True)
class RomName:
    """The name of an archive, or of the folder in it."""

    codename: str
    build: Build
    md5: str
    """The first ten digits of the archive's MD5; empty where the name has none."""


def parse_build(version: str) -> Build | None:
    """The version's parts; None for a developer's build or another maker's system."""
    found = _VERSION.fullmatch(version.strip())
    if found is None:
        return None
    letters = found["letters"]
    return Build(version.strip(), letters[1:3], letters[3:], _age(found["numbers"]), letters[0])


def _age(numbers: str) -> tuple[int, ...]:
    # HyperOS 1 is called V816 by its build and OS1 by its file: that the rest is the same is a guess.
    numbers = re.sub(r"^V816\.", "OS1.", numbers)
    return (int(numbers.startswith("OS")), *(int(number) for number in re.findall(r"\d+", numbers)))


def parse_name(name: str) -> RomName | None:
    """What `<codename>[_region][_global]_images_<version>_<date>…_<md5>.tgz` says; None for any other name.

    Source: names of ROMs on Xiaomi's servers, two of which were compared with the MD5 of the file. Some for China
    lack the digits. What browsers add to a second download, ` (1)`, is left out.
    """
    stem = re.sub(r"( ?\(\d{1,2}\))?\.(tgz|tar\.gz)$", "", name)
    found = _NAME.fullmatch(stem)
    build = parse_build(found["version"]) if found else None
    if found is None or build is None:
        return None
    words = found["phone"].split("_")
    while len(words) > 1 and words[-1] in _REGIONS:
        words.pop()
    md5 = re.search(r"_([0-9a-f]{10})$", found["rest"] or "")
    return RomName("_".join(words), build, md5[1] if md5 else "")
