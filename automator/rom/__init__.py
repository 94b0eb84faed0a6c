"""Xiaomi's ROM archives for fastboot: reading and deciding. Knows no phone, no owner and no program to run."""

from automator.rom.archive import Image, Rom, inspect, unpack
from automator.rom.checks import Bootloader, check_bootloader, check_phone
from automator.rom.name import RomName, parse_name
from automator.rom.script import Script, Step, When, parse_script

__all__ = [
    "Bootloader",
    "Image",
    "Rom",
    "RomName",
    "Script",
    "Step",
    "When",
    "check_bootloader",
    "check_phone",
    "inspect",
    "parse_name",
    "parse_script",
    "unpack",
]
