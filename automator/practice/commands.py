"""What Android's own shell commands do to the phone: getprop, am, pm, input and their like. Knows no wire."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from automator.practice import apk, dumpsys, rpc
from automator.practice.programs import PROGRAMS, Program, Result, complained, options, said
from automator.practice.rom import Screen
from automator.practice.state import RpcError
from automator.practice.ui import to_xml

if TYPE_CHECKING:
    from automator.practice.phone import Phone

LOCALE_LIST_SINCE = 24
"""Before Android 7 a phone has one language."""
NOTIFICATIONS_SINCE = 29
"""The shell posts notifications from Android 10 on: one script's word."""
FRAGMENT = ":android:show_fragment"
MAIN = "android.intent.action.MAIN"
VIEW = "android.intent.action.VIEW"
ADBINPUT = "persist.security.adbinput"
SUB_SETTINGS = "com.android.settings/.SubSettings"
VALUE_EXTRAS = ("-e", "--es", "--ei", "--ez", "--el", "--ef", "--eu", "--ecn")
KEYCODES = {
    "HOME": 3,
    "BACK": 4,
    "POWER": 26,
    "ENTER": 66,
    "DEL": 67,
    "MENU": 82,
    "SLEEP": 223,
    "WAKEUP": 224,
}


def _filled(phone: Phone, value: str) -> str:
    """A property's or setting's value, with what the phone's state has to say in it."""
    state = phone.state
    now = {
        "{serialno}": state.serialno,
        "{locale}": state.locales[0],
        "{locales}": ",".join(state.locales),
        "{adbinput}": ("1" if state.adbinput else "0")
        if state.adbinput_says is None
        else state.adbinput_says,
        "{sim}": "LOADED" if state.sim else "ABSENT",
        "{provisioned}": "1" if state.provisioned else "0",
        "{model}": phone.rom.properties["ro.product.marketname"],
    }
    for name, text in now.items():
        value = value.replace(name, text)
    return value


def _getprop(phone: Phone, args: list[str], _: bytes) -> Result:
    own = phone.state.properties
    every = {**phone.rom.properties, **own}
    properties = {name: _filled(phone, value) for name, value in every.items() if own.get(name) != ""}
    if phone.state.adbinput_says == "":
        properties = {name: value for name, value in properties.items() if name != ADBINPUT}
    if args:
        default = args[1] if len(args) > 1 else ""
        return said(properties.get(args[0], default) + "\n")
    return said("".join(f"[{name}]: [{properties[name]}]\n" for name in sorted(properties)))


def _settings(phone: Phone, args: list[str], _: bytes) -> Result:
    verb, *rest = args or [""]
    if verb == "get" and len(rest) == 2:
        value = phone.rom.settings.get(rest[0], {}).get(rest[1])
        if rest[1] == "system_locales" and phone.rom.sdk < LOCALE_LIST_SINCE:
            value = None
        return said("null" if value is None else _filled(phone, value))
    if verb == "put" and len(rest) >= 3:
        if phone.state.adbinput:
            return Result()
        return complained(
            "Exception occurred while executing 'put':\njava.lang.SecurityException: com.android.shell was not "
            "granted this permission: android.permission.WRITE_SETTINGS.",
            255,
        )
    return complained("Invalid command")


def _dumpsys(phone: Phone, args: list[str], _: bytes) -> Result:
    if args[:1] == ["package"] and len(args) == 2:
        return said(dumpsys.package(phone, args[1]))
    service = dumpsys.SERVICES.get(args[0] if args else "")
    if service is None:
        return complained(f"Can't find service: {' '.join(args)}", 0)
    return said(service(phone))


def _pm(phone: Phone, args: list[str], _: bytes) -> Result:
    packages = phone.packages
    if args[:1] == ["path"] and len(args) > 1:
        known = packages.get(args[-1])
        if known is None:
            return Result(code=1)
        return said("".join(f"package:{path}\n" for path in apk.paths(known, phone.state.splits)))
    if args[:2] == ["list", "packages"]:
        found, words = options([arg for arg in args[2:] if not arg.startswith("--")])
        if "3" in found:
            return Result()
        names = sorted(name for name in packages if not words or words[0] in name)
        off = phone.state.disabled
        names = [
            name for name in names if not ("e" in found and name in off) and ("d" not in found or name in off)
        ]
        code = {name: f" versionCode:{packages[name].version}" for name in names}
        more = "--show-versioncode" in args
        return said("".join(f"package:{name}{code[name] if more else ''}\n" for name in names))
    return complained("Error: unknown command", 255)


def _notification(phone: Phone, args: list[str], _: bytes) -> Result:
    verb, *rest = args or [""]
    if verb != "post" or phone.rom.sdk < NOTIFICATIONS_SINCE:
        return complained(f"Unknown command: {verb}", 255)
    found, words = options(rest, takes="t")
    if len(words) < 2:
        return complained("usage: cmd notification post [flags] <tag> <text>", 255)
    phone.state.notifications[words[0]] = f"{found.get('t', '')}: {words[1]}"
    return said("posting:\n  Notification(channel=shell_cmd shortcut=null contentView=null)")


def _cmd(phone: Phone, args: list[str], stream: bytes) -> Result:
    known: Mapping[str, Program] = {
        "activity": _am,
        "package": _pm,
        "settings": _settings,
        "input": _input,
        "notification": _notification,
    }
    if args and args[0] in known:
        return known[args[0]](phone, args[1:], stream)
    return complained(f"cmd: Can't find service: {args[0] if args else ''}", 20)


@dataclass
class Intent:
    """What `am start` was asked for."""

    action: str = ""
    component: str = ""
    data: str = ""
    extras: dict[str, str] = field(default_factory=dict)
    wait: bool = False
    stop: bool = False

    def __str__(self) -> str:
        parts = [f"act={self.action}"] if self.action else []
        parts += [f"dat={self.data}"] if self.data else []
        parts += [f"cmp={self.component}"] if self.component else []
        parts += ["(has extras)"] if self.extras else []
        return f"Intent {{ {' '.join(parts)} }}"


def _intent(args: list[str]) -> Intent:
    intent, waiting = Intent(), list(args)
    while waiting:
        arg = waiting.pop(0)
        if arg == "-a" and waiting:
            intent.action = waiting.pop(0)
        elif arg == "-n" and waiting:
            intent.component = waiting.pop(0)
        elif arg in VALUE_EXTRAS and len(waiting) > 1:
            name = waiting.pop(0)
            intent.extras[name] = waiting.pop(0)
        elif arg == "-d" and waiting:
            intent.data = waiting.pop(0)
        elif arg in ("-p", "-c", "-f", "-t", "--user", "--activity-clear-task") and waiting:
            waiting.pop(0)
        elif arg == "-W":
            intent.wait = True
        elif arg == "-S":
            intent.stop = True
    return intent


def _resolve(phone: Phone, intent: Intent) -> Screen | None:
    component = dumpsys.full_component(intent.component)
    for screen in phone.rom.screens.values():
        starts = screen.starts
        if not phone.state.holds(starts.when):
            continue
        if not phone.state.shortcuts and screen.name != "settings.home":
            continue
        if intent.component:
            if component == dumpsys.full_component(SUB_SETTINGS):
                matched = intent.extras.get(FRAGMENT, "-") in starts.fragments
            else:
                matched = component in map(dumpsys.full_component, starts.components)
        elif intent.action == VIEW:
            matched = bool(starts.urls) and intent.data.startswith(starts.urls)
        else:
            matched = intent.action in starts.actions
        if matched:
            return screen
    return None


def _am_start(phone: Phone, args: list[str]) -> Result:
    intent = _intent(args)
    first = f"Starting: {intent}\n"
    screen = _resolve(phone, intent)
    if screen:
        if intent.stop:
            _force_stop(phone, screen.package)
        again = phone.flow.stack[-1].screen is screen
        phone.flow.start(screen)
        note = (
            "Warning: Activity not started, its current task has been brought to the front\n" if again else ""
        )
        waited = f"Status: ok\nLaunchState: COLD\nActivity: {screen.component}\nTotalTime: 318\nWaitTime: 322\nComplete\n"
        return said(first + note + (waited if intent.wait else ""))
    wanted = dumpsys.full_component(intent.component)
    if not intent.component:
        return Result(
            first.encode(), f"Error: Activity not started, unable to resolve {intent}\n".encode(), 1
        )
    if wanted in {dumpsys.full_component(known.component) for known in phone.rom.screens.values()}:
        denial = (
            "\nException occurred while executing 'start':\njava.lang.SecurityException: Permission Denial: "
            f"starting {intent} from null (pid=20713, uid=2000) not exported from uid 1000\n"
        )
        return Result(first.encode(), denial.encode(), 255)
    missing = f"Error type 3\nError: Activity class {{{intent.component}}} does not exist.\n"
    return Result(first.encode(), missing.encode(), 1)


def _force_stop(phone: Phone, package: str) -> None:
    phone.flow.stop(package)
    phone.state.monkey = False


def _am(phone: Phone, args: list[str], _: bytes) -> Result:
    verb, *rest = args or [""]
    if verb in ("start", "start-activity"):
        return _am_start(phone, rest)
    if verb == "force-stop" and rest:
        _force_stop(phone, rest[-1])
        return Result()
    if verb == "get-current-user":
        return said(str(phone.state.user))
    return complained(f"Unknown command: {verb}", 255)


def _input(phone: Phone, args: list[str], _: bytes) -> Result:
    words = [arg for arg in args if not arg.startswith("--")]
    verb, *rest = words or [""]
    try:
        if verb == "keyevent":
            for key in rest:
                name = key.removeprefix("KEYCODE_")
                rpc.press(phone, int(key) if key.isdigit() else KEYCODES.get(name, 0))
        elif verb == "tap":
            phone.inject_tap(float(rest[0]), float(rest[1]))
        elif verb == "swipe":
            phone.must_inject()
            phone.swipe(float(rest[1]), float(rest[3]))
        elif verb == "text":
            phone.must_inject()
            for letter in rest[0].replace("%s", " "):
                phone.flow.type_key(letter)
        else:
            return complained(f"Error: Unknown command: {verb}", 255)
    except RpcError as error:
        return complained(f"\nException occurred while executing '{verb}':\n{error.message}", 255)
    except (IndexError, ValueError):
        return complained(f"Error: Invalid arguments for command: {verb}", 255)
    return Result()


def _wm(phone: Phone, args: list[str], _: bytes) -> Result:
    metrics = phone.rom.metrics
    if len(args) > 1:
        if phone.state.adbinput:
            return Result()
        return complained(
            "\nException occurred while executing 'size':\njava.lang.SecurityException: Must hold permission "
            "android.permission.WRITE_SECURE_SETTINGS",
            255,
        )
    if args == ["size"]:
        return said(f"Physical size: {metrics.width}x{metrics.height}")
    return said("Physical density: 440") if args == ["density"] else complained("Unknown command", 255)


def _monkey(phone: Phone, args: list[str], _: bytes) -> Result:
    """Starts an app's first screen; from then on the phone believes a monkey sits before it."""
    package = args[args.index("-p") + 1] if "-p" in args[:-1] else ""
    screens = [
        screen
        for screen in phone.rom.screens.values()
        if screen.package == package and screen.starts.components and phone.state.holds(screen.starts.when)
    ]
    first = max(screens, key=lambda screen: MAIN in screen.starts.actions, default=None)
    if first is None:
        return complained("** No activities found to run, monkey aborted.", 252)
    phone.flow.start(first)
    phone.state.monkey = True
    return said(
        "Events injected: 1\n## Network stats: elapsed time=12ms (0ms mobile, 0ms wifi, 12ms not connected)"
    )


def _df(phone: Phone, args: list[str], _: bytes) -> Result:
    free = 0 if phone.state.disk_full else 70174644
    return said(
        "Filesystem      1K-blocks     Used Available Use% Mounted on\n"
        f"/dev/block/dm-48 113174644 {113174644 - free:>8} {free:>9} {100 - free * 100 // 113174644:>3}% /data/user/0"
    )


def _written(phone: Phone, content: bytes, path: str) -> Result:
    if path in ("", "/dev/tty", "/dev/stdout"):
        return Result(content)
    phone.files[path] = content
    return Result()


def _screencap(phone: Phone, args: list[str], _: bytes) -> Result:
    names = options(args, takes="d")[1]
    out = io.BytesIO()
    phone.picture().save(out, "PNG", compress_level=1)
    return _written(phone, out.getvalue(), names[0] if names else "")


def _uiautomator(phone: Phone, args: list[str], _: bytes) -> Result:
    if args[:1] != ["dump"]:
        return complained("Usage: uiautomator <subcommand> [options]")
    names = options(args[1:])[1]
    path = names[0] if names else "/sdcard/window_dump.xml"
    windows = [window for window in phone.windows() if not window.chrome]
    content = to_xml(windows[-1:], plain=True, rotation=phone.flow.rotation).encode()
    shown = _written(phone, content, path).out
    return Result(shown + f"UI hierchary dumped to: {path}\n".encode())


def _toybox(phone: Phone, args: list[str], stream: bytes) -> Result:
    program: Callable[..., Result] | None = PROGRAMS.get(args[0]) if args else None
    if program is None or (args[0] == "dd" and not phone.state.dd):
        return complained(f"toybox: Unknown command {args[0] if args else ''}", 127)
    return program(phone, args[1:], stream)


COMMANDS: Mapping[str, Program] = {
    **PROGRAMS,
    "am": _am,
    "cmd": _cmd,
    "df": _df,
    "dumpsys": _dumpsys,
    "getprop": _getprop,
    "input": _input,
    "monkey": _monkey,
    # Whether uiautomator2's server runs is the wire's; `dumpsys accessibility` tells of other programs alone.
    "pgrep": lambda phone, args, stream: Result(code=1),
    "pm": _pm,
    "screencap": _screencap,
    "settings": _settings,
    "toybox": _toybox,
    "uiautomator": _uiautomator,
    "wm": _wm,
}
