"""ROM archives: names, hostile archives, scripts. No phone."""

from __future__ import annotations

import gzip
import hashlib
import io
import itertools
import os
import tarfile
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from automator.errors import PreflightError
from automator.practice import smallrom
from automator.rom import Bootloader, check_bootloader, check_phone, inspect, parse_name, parse_script, unpack
from automator.rom.archive import room_for
from automator.rom.name import parse_build
from automator.rom.script import Step, When, choose_script

NAMES = {
    "liuqin_global_images_OS1.0.9.0.UMYMIXM_20240801.0000.00_14.0_global_0123456789.tgz": (
        *("liuqin", "MY", "MIXM", "0123456789"),
    ),
    "camellia_in_global_images_V14.0.6.0.TKSINXM_20230922.0000.00_13.0_in_940393ef3c.tgz": (
        *("camellia", "KS", "INXM", "940393ef3c"),
    ),
    "sweet_k6a_eea_global_images_V14.0.6.0.THGEUXM_20230922.0000.00_13.0_eea_940393ef3c (1).tgz": (
        *("sweet_k6a", "HG", "EUXM", "940393ef3c"),
    ),
    "piano_images_OS3.0.9.0.WPYCNXM_16.0.tgz": ("piano", "PY", "CNXM", ""),
    "lithium_images_V8.2.3.0.MAHMIDL_20170101.0000.00_6.0_global_0123456789.tar.gz": (
        *("lithium", "AH", "MIDL", "0123456789"),
    ),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_says_model_region_and_md5(name: str) -> None:
    found = parse_name(name)
    assert found is not None
    assert (found.codename, found.build.model, found.build.region, found.md5) == NAMES[name]


@pytest.mark.parametrize(
    "name", ["rom.tgz", "venus_images_21.5.14_11.0.tgz", "lineage-22.1-degas.zip", "../a_images_V1.tgz", ""]
)
def test_other_names_say_nothing(name: str) -> None:
    assert parse_name(name) is None


BUILD = "OS2.0.204.0.VNEMIXM"


@pytest.mark.parametrize(
    ("build", "battery", "words"),
    [
        (BUILD, 82, ""),
        ("OS1.0.1.0.UNEMIXM", 50, ""),
        (BUILD, None, ""),
        (BUILD, 49, "battery"),
        ("V14.0.6.0.TNEMIXM", 82, ""),
        ("V816.0.6.0.UNEMIXM", 82, ""),
        ("OS2.0.205.0.VNEMIXM", 82, "older than"),
        ("OS2.0.204.1.VNEMIXM", 82, "older than"),
        ("OS3.0.1.0.VNEMIXM", 82, "older than"),
        ("OS2.0.1.0.WNEMIXM", 82, "older than"),
        ("OS2.0.204.0.VNEEUXM", 82, "another region"),
        ("OS2.0.204.0.VNEMIOR", 82, "another region"),
        ("OS2.0.204.0.VNXMIXM", 82, "another model"),
        ("lineage_degas-userdebug 15", 82, "does not tell"),
        ("", 82, "does not tell"),
    ],
)
def test_a_rom_is_for_the_model_and_region_that_is_installed(
    build: str, battery: int | None, words: str
) -> None:
    name = parse_name(f"degas_global_images_{BUILD}_20250101.0000.00_15.0_global_0123456789.tgz")
    assert name is not None and parse_build(BUILD) == name.build
    if not words:
        check_phone(name, build, battery, "unlocked")
        return
    with pytest.raises(PreflightError) as caught:
        check_phone(name, build, battery, "unlocked")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("rom", "installed", "older"),
    [
        ("V14.0.6.0.TKSINXM", "OS1.0.1.0.TKSINXM", True),
        ("OS1.0.3.0.UNEMIXM", "V816.0.6.0.UNEMIXM", True),
        ("OS1.0.6.0.UNEMIXM", "V816.0.6.0.UNEMIXM", False),
        ("V9.5.15.0.NEGCNFA", "V10.3.2.0.NEGCNFA", True),
        ("V10.3.2.0.PEGCNFA", "V9.5.15.0.NEGCNFA", False),
    ],
)
def test_versions_have_an_order(rom: str, installed: str, older: bool) -> None:
    one, other = parse_build(rom), parse_build(installed)
    assert one is not None and other is not None and one.older_than(other) == older


@pytest.mark.parametrize(
    ("codename", "words"),
    [("degas", ""), ("", ""), ("degasin", ""), ("goya", "another model"), ("d", "another model")],
)
def test_the_codename_is_compared(codename: str, words: str) -> None:
    name = parse_name(f"degas_global_images_{BUILD}_20250101.0000.00_15.0_global_0123456789.tgz")
    assert name is not None
    caught = ""
    try:
        check_phone(name, BUILD, 82, "unlocked", codename)
    except PreflightError as error:
        caught = str(error)
    assert words in caught and bool(caught) == bool(words)


@pytest.mark.parametrize(
    ("pattern", "product", "fits"),
    [
        ("^product: *degas", "degas", True),
        ("^product: *degas", "degasin", True),
        ("^product: *d", "dipper", False),
        ("^product: *MSM8953$|^product: *degas$", "MSM8953", True),
        ("^product: *degas$", "degasin", False),
    ],
)
def test_a_wide_check_of_the_script_does_not_let_another_phone_pass(
    pattern: str, product: str, fits: bool
) -> None:
    script = parse_script("flash_all.sh", PRODUCT.replace("^product: *degas$", pattern) + FLASH, IMAGES, None)
    phone = Bootloader("a1", product, 0, True, 4000, True, "")
    if fits:
        check_bootloader(script, phone, "degas")
        return
    with pytest.raises(PreflightError):
        check_bootloader(script, phone, "degas")


def test_only_what_is_asked_for_is_unpacked(tmp_path: Path) -> None:
    made = smallrom.make(tmp_path)
    rom = inspect(made.path)
    assert rom.md5_checked and rom.anti == 1 and set(rom.images) >= set(made.images)
    out = tmp_path / "out"
    out.mkdir()
    unpacked = unpack(rom, ["boot.img", "super.img"], out)
    assert sorted(path.name for path in out.iterdir()) == ["boot.img", "super.img"]
    for name, image in unpacked.items():
        assert image.path.read_bytes() == made.images[name] and image.unchanged()
    unpacked["boot.img"].path.write_bytes(made.images["boot.img"])
    assert not unpacked["boot.img"].unchanged() and unpacked["super.img"].unchanged()


def test_a_large_image_is_never_in_memory(tmp_path: Path) -> None:
    entry = _entry("images/large.img")
    entry.size = 40 << 20
    made = smallrom.make(tmp_path, more=[(entry, bytes(entry.size))])
    tracemalloc.start()
    try:
        inspect(made.path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


def test_a_file_that_changes_between_two_readings_is_refused(tmp_path: Path) -> None:
    rom = inspect(smallrom.make(tmp_path).path)
    (tmp_path / "x").mkdir()
    other = smallrom.make(tmp_path / "x", anti=2)
    rom.path.write_bytes(other.path.read_bytes())
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(PreflightError, match="do not use this ROM"):
        unpack(rom, ["boot.img"], out)


def test_a_full_disk_is_seen_before_anything_is_unpacked(tmp_path: Path) -> None:
    rom = inspect(smallrom.make(tmp_path).path)
    assert room_for(rom, ["boot.img"], [tmp_path]) == tmp_path
    with pytest.raises(PreflightError, match="too little room"):
        room_for(replace(rom, images={"boot.img": 10**18}), ["boot.img"], [tmp_path])


TOP = f"degas_global_images_{BUILD}_20250101.0000.00_15.0_global"


def _entry(inside: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(inside if inside.startswith(("/", "..")) else f"{TOP}/{inside}")
    entry.type, entry.linkname = kind, target
    return entry


def _with(entry: tarfile.TarInfo, data: bytes = b"") -> Callable[[Path], Path]:
    entry.size = len(data)
    return lambda folder: smallrom.make(folder, more=[(entry, data)]).path


def _packed(folder: Path, raw: bytes) -> Path:
    """An archive of these bytes, its MD5 in its name as it should be."""
    archive = gzip.compress(raw, 1)
    path = folder / f"{TOP}_{hashlib.md5(archive, usedforsecurity=False).hexdigest()[:10]}.tgz"
    path.write_bytes(archive)
    return path


def _header(name: str, size: int, kind: bytes = b"0", *, gnu: bool = False) -> bytes:
    """A bare header, whatever it claims."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.type = size, kind
    return entry.tobuf(tarfile.GNU_FORMAT if gnu else tarfile.USTAR_FORMAT)


def _cut(folder: Path) -> Path:
    path = smallrom.make(folder).path
    path.write_bytes(path.read_bytes()[:-200_000])
    return path


def _flipped(folder: Path) -> Path:
    path = smallrom.make(folder).path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(bytes(data))
    return path


def _renamed(name: str) -> Callable[[Path], Path]:
    return lambda folder: smallrom.make(folder).path.rename(folder / name)


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a path that escapes": (_with(_entry("../../etc/cron.d/x"), b"x"), "leads out of"),
    "a path that escapes further in": (_with(_entry("images/../../../x"), b"x"), "leads out of"),
    "an absolute path": (_with(_entry("/etc/passwd"), b"x"), "leads out of"),
    "a Windows path": (_with(_entry("images\\..\\x"), b"x"), "leads out of"),
    "a symbolic link": (_with(_entry("images/boot2.img", tarfile.SYMTYPE, "/etc/passwd")), "a link"),
    "a hard link": (_with(_entry("images/boot2.img", tarfile.LNKTYPE, "boot.img")), "a link"),
    "a device": (_with(_entry("images/sda", tarfile.BLKTYPE)), "a device"),
    "a pipe": (_with(_entry("images/pipe", tarfile.FIFOTYPE)), "a device"),
    "a sparse file": (_with(_entry("images/x.img", b"S")), "neither file nor folder"),
    "the same name twice": (_with(_entry("images/boot.img"), b"other"), "same name twice"),
    "the same name in capitals": (_with(_entry("images/BOOT.img"), b"other"), "same name twice"),
    "a second folder at the top": (
        _with(tarfile.TarInfo("other/x"), b"x"),
        "more than one",
    ),
    "a bomb of 100 GB": (
        lambda folder: _packed(
            folder, _header(f"{TOP}/images/super.img", 100 << 30, gnu=True) + bytes(1 << 20)
        ),
        "far more than any phone",
    ),
    "a bomb of many entries": (
        lambda folder: _packed(folder, b"".join(_header(f"{TOP}/images/{n}", 0) for n in range(2100))),
        "far more than any phone",
    ),
    "a bomb in an extended header": (
        lambda folder: _packed(folder, _header(f"{TOP}/x", 4 << 30, b"x") + bytes(1 << 20)),
        "header that is too long",
    ),
    "a bomb behind the end": (
        lambda folder: _packed(folder, bytes(1024) + bytes(8 << 20)),
        "hidden behind its end",
    ),
    "a header that does not add up": (
        lambda folder: _packed(folder, _header(f"{TOP}/x", 0).replace(b"0000644", b"0000777")),
        "does not add up",
    ),
    "a download that was cut": (_cut, "ends too early"),
    "a damaged download": (_flipped, ""),
    "nothing at all": (lambda folder: _touch(folder / f"{TOP}_0123456789.tgz"), "ends too early"),
    "no archive": (
        lambda folder: _touch(folder / f"{TOP}_0123456789.tgz", b"hello" * 999),
        "no .tgz archive",
    ),
    "another MD5": (_renamed(f"{TOP}_0123456789.tgz"), "its MD5 begins with"),
    "a name of one's own": (_renamed("my rom.tgz"), "Its name is not one"),
    "the name of another ROM": (
        _renamed("degas_eea_global_images_OS2.0.204.0.VNEEUXM_20250101.0000.00_15.0_eea.tgz"),
        "different ROMs",
    ),
    "a bomb of extended headers": (
        lambda folder: _packed(folder, (_header("x", 512, b"x") + _record()) * 2100),
        "far more than any phone",
    ),
    "a bomb of long names": (
        lambda folder: _packed(folder, (_header("x", 512, b"L", gnu=True) + bytes(512)) * 2100),
        "far more than any phone",
    ),
    "a pipe in its place": (lambda folder: _fifo(folder / f"{TOP}.tgz"), "It is no file"),
    "a folder": (lambda folder: _folder(folder / f"{TOP}.tgz"), ""),
    "nothing there": (lambda folder: folder / f"{TOP}.tgz", "can't be read"),
}


def _touch(path: Path, data: bytes = b"") -> Path:
    path.write_bytes(data)
    return path


def _record() -> bytes:
    """A pax header of one block."""
    return b"512 comment=" + b"x" * 499 + b"\n"


def _fifo(path: Path) -> Path:
    os.mkfifo(path)
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_rom_is_refused(case: str, tmp_path: Path) -> None:
    make, words = HOSTILE[case]
    path = make(tmp_path)
    with pytest.raises(PreflightError) as caught:
        inspect(path)
    assert words in str(caught.value) and caught.value.exit_code == 3
    assert [one for one in tmp_path.rglob("*") if one != path] == []


def test_long_names_are_read(tmp_path: Path) -> None:
    """In both of the ways in which tar writes names of more than 100 letters."""
    for number, shape in enumerate((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)):
        raw = io.BytesIO()
        with tarfile.open(fileobj=raw, mode="w", format=shape) as tar:
            for name in (f"images/{'x' * 99}", "images/boot.img"):
                entry = tarfile.TarInfo(f"{TOP}/{name}")
                entry.size = 3
                tar.addfile(entry, io.BytesIO(b"abc"))
        folder = tmp_path / str(number)
        folder.mkdir()
        assert inspect(_packed(folder, raw.getvalue())).images == {"x" * 99: 3, "boot.img": 3}


ANTI_NUMBER = """
CURRENT_ANTI_VER=2
version=`fastboot getvar rollback_ver 2>&1 | grep "rollback_ver:" | awk -F ": " '{print $2}'`
if [  "${version}"x == ""x ] ; then version=0 ; fi
if [ ${version} -gt ${CURRENT_ANTI_VER} ] ; then  echo "error : device #version is greater" ; exit 1 ; fi
"""
PRODUCT = """
fastboot $* getvar product 2>&1 | grep -E "^product: *degas$"
if [ $? -ne 0 ] ; then echo "Missmatching image and device"; exit 1; fi
"""
FLASH = """
fastboot $* flash boot_ab `dirname $0`/images/boot.img
if [ $? -ne 0 ] ; then echo "Flash boot error"; exit 1; fi
"""
BOOT = Step("flash", "boot_ab", "boot.img")
IMAGES = {"boot.img": 1, "crclist.txt": 1}
SHAPES: dict[str, tuple[str, list[Step]]] = {
    "a conditional": (
        'fastboot $* getvar crc 2>&1 | grep "^crc: 1"\nif [ $? -eq 0 ]; then\n'
        "fastboot $* flash crclist       `dirname $0`/images/crclist.txt \nfi\n" + FLASH,
        [Step("flash", "crclist", "crclist.txt", When("crc", "1")), BOOT],
    ),
    "a conditional that says so otherwise": (
        'fastboot $* getvar partition-type:opcust 2>&1 | grep "^partition-type:opcust: raw"\n'
        "if [ $? -eq 0 ]; then\n    fastboot $* erase opcust\n"
        '    if [ $? -ne 0 ] ; then echo "Erase opcust error"; exit 1; fi\nelse\n    echo "skip opcust"\nfi\n'
        + FLASH,
        [Step("erase", "opcust", "", When("partition-type:opcust", "raw")), BOOT],
    ),
    "an image that is not there": (
        "if [ -f `dirname $0`/images/exaid.img ]; then\nfastboot $* flash exaid `dirname $0`/images/exaid.img\n"
        "else\nfastboot $* erase exaid\nfi\n" + FLASH,
        [Step("erase", "exaid"), BOOT],
    ),
    "a function for errors": (
        "SCRIPT_PATH=$(dirname $0)\nhandle_error(){\n    echo $@\n    exit 2;\n}\n"
        "fastboot $* erase misc  \t|| handle_error erase misc error\n"
        "fastboot $* flash boot_ab \t${SCRIPT_PATH}/images/boot.img \t\t|| handle_error flash boot error\n"
        "fastboot $* oem cdms\nexit 0\n",
        [Step("erase", "misc"), BOOT, Step("oem", "cdms")],
    ),
    "lines of several": (
        'fastboot $* erase misc\nif [ $? -ne 0 ]; then\n    echo "Erase misc error"\n    exit 1\nfi\n'
        + FLASH,
        [Step("erase", "misc"), BOOT],
    ),
    "the end after or": (
        'fastboot $* erase misc || @echo "Erase misc error" && exit 1\n' + FLASH,
        [Step("erase", "misc"), BOOT],
    ),
    "an unlocked phone asked for": (
        'fastboot $* oem device-info 2>&1 | grep -E "Device unlocked: true"\nif [ $? -ne 0 ]; then\n'
        '    echo "Device oem locked"\n    exit 1\nfi\n' + FLASH,
        [BOOT],
    ),
    "comments": (
        "#!/bin/bash\n# erase it all; or not\n#fastboot $* flash frp `dirname $0`/images/frp.img\n"
        "#fastboot $* oem lock\n" + FLASH,
        [BOOT],
    ),
    "the end": (
        FLASH
        + 'fastboot $* set_active a\nfastboot $* reboot\nif [ $? -ne 0 ] ; then echo "Reboot error"; exit 1; fi\n',
        [BOOT, Step("set_active", "a"), Step("reboot")],
    ),
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("shape", SHAPES)
def test_scripts_of_the_known_shapes_become_steps(shape: str, ending: str) -> None:
    text, steps = SHAPES[shape]
    script = parse_script("flash_all.sh", (PRODUCT + text).replace("\n", ending), IMAGES, None)
    assert list(script.steps) == steps and script.products == (("degas", True),)


def test_anti_rollback_is_read_in_its_ways() -> None:
    number = parse_script("flash_all.sh", PRODUCT + ANTI_NUMBER + FLASH, IMAGES, None)
    assert (number.anti, number.anti_variable) == (2, "rollback_ver")
    text = smallrom.script("degas")
    known = {**IMAGES, **smallrom.SIZES}
    assert parse_script("flash_all.sh", text, known, 3).anti == 3
    assert parse_script("flash_all.sh", text, known, None).anti == 0
    assert parse_script("flash_all.sh", PRODUCT + FLASH, IMAGES, 3).anti is None


@pytest.mark.parametrize(
    ("pattern", "passes", "fails"),
    [
        ("^product: *degas$", ["degas"], ["degasx", "goya", ""]),
        ("^product: *degas", ["degas", "degasin"], ["xdegas", "dega"]),
        ("^product: *MSM8953$|^product: *mido$", ["MSM8953", "mido"], ["mid", "sagit"]),
        ("degas", ["degas"], ["goya"]),
    ],
)
def test_the_products_of_the_scripts_own_check(pattern: str, passes: list[str], fails: list[str]) -> None:
    text = PRODUCT.replace("^product: *degas$", pattern) + FLASH
    script = parse_script("flash_all.sh", text, IMAGES, None)
    assert [script.accepts(name) for name in passes + fails] == [True] * len(passes) + [False] * len(fails)


UNKNOWN = [
    "rm -rf /",
    "fastboot $* boot `dirname $0`/images/boot.img",
    "fastboot $* flash boot /etc/passwd",
    "fastboot $* flash boot `dirname $0`/images/../../x.img",
    "fastboot $* flash boot `dirname $0`/images/boot.img; curl x | sh",
    "fastboot $* flash boot `dirname $0`/images/boot.img || rm x",
    "fastboot $* flash --force `dirname $0`/images/boot.img",
    "fastboot $* erase `id`",
    "fastboot $* -w",
    "fastboot $* oem edl",
    "fastboot $* set_active b",
    "fastboot $* reboot-bootloader",
    "sh ./other.sh",
    "echo `id`",
    'echo "$(id)"',
    "sleep 5",
    "if [ -f x ]; then",
    'fastboot $* getvar soc-id 2>&1 | grep "^soc-id: *109$"',
]


@pytest.mark.parametrize("line", UNKNOWN)
def test_an_unknown_line_is_refused_and_shown(line: str) -> None:
    with pytest.raises(PreflightError) as caught:
        parse_script("flash_all.sh", PRODUCT + line + "\n" + FLASH, IMAGES, None)
    assert line in str(caught.value) and "line 4" in str(caught.value)


REFUSED = {
    "fastboot $* oem lock": "change the lock",
    "fastboot $* flashing lock": "change the lock",
    "fastboot $* oem  unlock": "change the lock",
    "fastboot $* erase frp": "locks, calibration",
    "fastboot $* flash persist `dirname $0`/images/boot.img": "locks, calibration",
    "fastboot $* erase modemst1": "locks, calibration",
    "fastboot $* erase fsg": "locks, calibration",
    "fastboot $* erase fsc": "locks, calibration",
    "fastboot $* erase protect1": "locks, calibration",
    "fastboot $* erase sec1_a": "locks, calibration",
    "fastboot $* flash abl_ab `dirname $0`/images/abl.elf": "abl.elf",
    "fastboot $* reboot": "usual order",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_no_rom_may_do_is_refused(line: str) -> None:
    with pytest.raises(PreflightError) as caught:
        parse_script("flash_all.sh", PRODUCT + line + FLASH, IMAGES, None)
    assert REFUSED[line] in str(caught.value)


LENIENT = {
    "an end in the middle": PRODUCT + "exit 0\n" + FLASH,
    "an end in a block": PRODUCT
    + 'fastboot $* getvar crc 2>&1 | grep "^crc: 1"\nif [ $? -eq 0 ]; then\nexit 0\nfi\n'
    + FLASH,
    "two products": PRODUCT + PRODUCT.replace("degas", "other") + FLASH,
    "a number after the comparison": PRODUCT + ANTI_NUMBER + "CURRENT_ANTI_VER=9\n" + FLASH,
    "another variable after the comparison": PRODUCT
    + ANTI_NUMBER
    + ANTI_NUMBER.splitlines()[2].replace("rollback_ver", "anti")
    + FLASH,
    "a product check that is never come to": "if [ -f `dirname $0`/images/none.img ]; then"
    + PRODUCT
    + "fi\n"
    + FLASH,
    "a comparison that is never come to": PRODUCT
    + "CURRENT_ANTI_VER=2\nif [ -f `dirname $0`/images/none.img ]; then"
    + "\nif [ $ver -gt $CURRENT_ANTI_VER ]; then exit 1; fi\nfi\n"
    + FLASH,
    "a number in a block": PRODUCT
    + "if [ -f `dirname $0`/images/boot.img ]; then\nCURRENT_ANTI_VER=9\nfi\n"
    + ANTI_NUMBER
    + FLASH,
}


@pytest.mark.parametrize("case", LENIENT)
def test_what_the_shell_would_read_otherwise_is_refused(case: str) -> None:
    with pytest.raises(PreflightError):
        parse_script("flash_all.sh", LENIENT[case], IMAGES, None)


@pytest.mark.parametrize(
    "line",
    [
        "erase userdata",
        "erase userdata_a",
        "erase data",
        "erase metadata",
        "erase md_udc",
        "erase metadata_ab",
    ],
)
def test_a_script_that_spares_the_data_touches_neither_them_nor_their_keys(line: str) -> None:
    text = f"{PRODUCT}fastboot $* {line}\n{FLASH}"
    assert parse_script("flash_all.sh", text, IMAGES, None)
    with pytest.raises(PreflightError, match="do not use this ROM"):
        parse_script("flash_all_except_storage.sh", text, IMAGES, None)


def test_each_check_must_stop_the_script_and_the_model_be_checked() -> None:
    for text in (
        FLASH,
        PRODUCT.splitlines()[1] + FLASH,
        PRODUCT + ANTI_NUMBER.replace("exit 1", "true") + FLASH,
    ):
        with pytest.raises(PreflightError):
            parse_script("flash_all.sh", text, IMAGES, None)


def test_any_line_left_out_is_harmless_or_refused() -> None:
    """Whichever line is lost: nothing is flashed that was not, and no check is forgotten unsaid."""
    lines = smallrom.script("degas").splitlines()
    whole = parse_script("flash_all.sh", "\n".join(lines), smallrom.SIZES, 1)
    for lost in range(len(lines)):
        with_out = "\n".join(itertools.chain(lines[:lost], lines[lost + 1 :]))
        try:
            script = parse_script("flash_all.sh", with_out, smallrom.SIZES, 1)
        except PreflightError:
            continue
        assert set(script.steps) <= set(whole.steps) and script.products == whole.products
        assert (script.anti or 0) <= 1


def test_the_script_is_the_one_that_was_asked_for() -> None:
    scripts = smallrom.scripts("degas")
    assert choose_script(scripts, keep_data=False) == "flash_all.sh"
    assert choose_script(scripts, keep_data=True) == "flash_all_except_storage.sh"
    for keep in (False, True):
        with pytest.raises(PreflightError):
            choose_script(["flash_all_lock.sh"], keep_data=keep)
    text = PRODUCT + "fastboot $* erase userdata" + FLASH
    assert parse_script("flash_all.sh", text, IMAGES, None)
    with pytest.raises(PreflightError, match="do not use"):
        parse_script("flash_all_except_storage.sh", text, IMAGES, None)
