"""A small ROM for fastboot, built like Xiaomi's and made on the spot. Its images are noise. Knows no phone.

Evidence: names and folders of public ROMs, and the shape of their scripts (one product check, anti_version.txt, crc,
erase, flash, set_active, reboot). Which partitions stand in it is a small choice of theirs.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SIZES = {
    "crclist.txt": 2_000,
    "sparsecrclist.txt": 2_000,
    "abl.elf": 30_000,
    "super.img": 220 * 4096,
    "vbmeta.img": 4_096,
    "cust.img": 50_000,
    "metadata.img": 8_192,
    "userdata.img": 60_000,
    "boot.img": 120_000,
    "unused.img": 5_000,
}
"""Bytes of each image; the last one no script asks for."""
PARTITIONS = ("abl_ab", "super", "vbmeta_ab", "cust", "metadata", "userdata", "boot_ab")
"""What the plain script writes, in its order."""
SPARED = frozenset({"metadata", "userdata"})
"""What the script leaves out that spares the owner's data."""
_DATE = "20250101.0000.00_15.0_global"


@dataclass(frozen=True)
class Made:
    """The archive, and what is in its images."""

    path: Path
    images: Mapping[str, bytes]


def script(codename: str, *, keeps: bool = False, locks: bool = False) -> str:
    """The text of flash_all.sh, or of one of its neighbours."""
    lines = [
        f'fastboot $* getvar product 2>&1 | grep -E "^product: *{codename}"',
        'if [ $? -ne 0  ] ; then echo "Missmatching image and device"; exit 1; fi',
        "",
        "#check anti_version",
        "if [ -e $(dirname $0)/images/anti_version.txt ]; then",
        "CURRENT_ANTI_VER=`cat $(dirname $0)/images/anti_version.txt`",
        "fi",
        'if [ -z "$CURRENT_ANTI_VER" ]; then CURRENT_ANTI_VER=0; fi',
        'ver=`fastboot $* getvar anti 2>&1 | grep -oP "anti: \\K[0-9]+"`',
        'if [ -z "$ver" ]; then ver=0; fi',
        'if [ $ver -gt $CURRENT_ANTI_VER ]; then echo "The device is newer than this package"; exit 1; fi',
        "",
        'fastboot $* getvar crc 2>&1 | grep "^crc: 1"',
        "if [ $? -eq 0 ]; then",
        *_flash("crclist", "crclist.txt"),
        *_flash("sparsecrclist", "sparsecrclist.txt"),
        "fi",
        "fastboot $* erase boot_ab",
        'if [ $? -ne 0 ] ; then echo "Erase boot error"; exit 1; fi',
    ]
    for name in PARTITIONS:
        if not (keeps and name in SPARED):
            stem = name.removesuffix("_ab")
            lines += _flash(name, next(file for file in SIZES if file.startswith(f"{stem}.")))
    lines += ["fastboot $* set_active a", 'if [ $? -ne 0 ] ; then echo "set_active a error"; exit 1; fi']
    lines += ["fastboot $* oem lock"] if locks else []
    lines += ["fastboot $* reboot", 'if [ $? -ne 0 ] ; then echo "Reboot error"; exit 1; fi']
    return "\n".join(lines) + "\n"


def scripts(codename: str) -> dict[str, str]:
    """All three, by name."""
    return {
        "flash_all.sh": script(codename),
        "flash_all_except_storage.sh": script(codename, keeps=True),
        "flash_all_lock.sh": script(codename, locks=True),
    }


def make(
    folder: Path,
    codename: str = "degas",
    version: str = "OS2.0.204.0.VNEMIXM",
    *,
    anti: int = 1,
    texts: Mapping[str, str] | None = None,
    more: Sequence[tuple[tarfile.TarInfo, bytes]] = (),
) -> Made:
    """The archive in `folder`, its name as Xiaomi's would be. `texts` in place of its scripts, `more` at its end."""
    noise = random.Random(codename)  # noqa: S311 - the same noise for the same phone
    images = {name: noise.randbytes(size) for name, size in SIZES.items()}
    top = f"{codename}_global_images_{version}_{_DATE}"
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in (top, f"{top}/images"):
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE
            tar.addfile(entry)
        files = {f"images/{name}": data for name, data in images.items()}
        files["images/anti_version.txt"] = f"{anti}\n".encode()
        files |= {name: text.encode() for name, text in (texts or scripts(codename)).items()}
        for name, data in files.items():
            entry = tarfile.TarInfo(f"{top}/{name}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
        for entry, data in more:
            tar.addfile(entry, io.BytesIO(data))
    archive = gzip.compress(packed.getvalue(), 1)
    digits = hashlib.md5(archive, usedforsecurity=False).hexdigest()[:10]
    path = folder / f"{top}_{digits}.tgz"
    path.write_bytes(archive)
    return Made(path, images)


def _flash(partition: str, file: str) -> list[str]:
    return [
        f"fastboot $* flash {partition} `dirname $0`/images/{file}",
        f'if [ $? -ne 0 ] ; then echo "Flash {partition} error"; exit 1; fi',
    ]
