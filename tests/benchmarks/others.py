"""The two journeys as others write them by hand, in three idioms. Run by `journey.py`, each in a process of its own.

    python -m tests.benchmarks.others plain unlink SERIAL en

They go by the same pages as mi-automator, opened by the same intents, and look at no more than they must: no picture,
no record, no second look. On standard output they say when they would ask (`gate`), when the owner must act (`owner`)
and when they are done (`end`); a line on standard input lets them go on. Without our own package: `culebra` may run in
another Python, with AndroidViewClient.
"""

from __future__ import annotations

import shutil
import sys
import time
from typing import Any, Protocol

WAIT = 20.0
ACCOUNT = "am start -a android.settings.XIAOMI_ACCOUNT_SYNC_SETTINGS"
RESET = "am start -n com.android.settings/.SubSettings -e :android:show_fragment com.android.settings.MiuiMasterClear"
TEXTS = {
    "en": {
        "account": "Xiaomi Account",
        "sign_out": "Sign out",
        "keep": "Keep",
        "password": "Enter your password",
        "erase": "Erase all data",
        "back_up": "Back up",
        "go_on": "Factory reset",
        "next": "Next",
        "ok": "OK",
    },
    "ar": {
        "account": "حساب Mi",
        "sign_out": "تسجيل الخروج",
        "keep": "إبقاء",
        "password": "ادخل كلمة المرور الخاصة بك",
        "erase": "مسح جميع البيانات",
        "back_up": "نسخ احتياطي",
        "go_on": "إعادة ضبط المصنع",
        "next": "التالي",
        "ok": "موافق",
    },
}
FIELD = "android.widget.EditText"


class Idiom(Protocol):
    """What a script needs of a client."""

    def shell(self, command: str) -> str: ...
    def there(self) -> bool: ...
    def wait(self, text: str = "", kind: str = "") -> None: ...
    def gone(self, text: str) -> None: ...
    def scroll_to(self, text: str) -> None: ...
    def tap(self, text: str, kind: str = "") -> None: ...


class Plain:
    """uiautomator2 as its README has it: `d(text=…)`."""

    def __init__(self, serial: str) -> None:
        import uiautomator2

        self.d: Any = uiautomator2.connect(serial)

    def shell(self, command: str) -> str:
        return str(self.d.shell(command).output)

    def there(self) -> bool:
        import adbutils

        return self.d.serial in {device.serial for device in adbutils.adb.device_list()}

    def _find(self, text: str, kind: str) -> Any:
        return self.d(**{key: value for key, value in (("text", text), ("className", kind)) if value})

    def wait(self, text: str = "", kind: str = "") -> None:
        assert self._find(text, kind).wait(timeout=WAIT)

    def gone(self, text: str) -> None:
        assert self.d(text=text).wait_gone(timeout=WAIT)

    def scroll_to(self, text: str) -> None:
        assert self.d(scrollable=True).scroll.to(text=text)

    def tap(self, text: str, kind: str = "") -> None:
        self._find(text, kind).click(timeout=WAIT)


class XPath(Plain):
    """uiautomator2's `d.xpath`."""

    def _path(self, text: str, kind: str) -> str:
        return f"//{kind or '*'}" + (f'[@text="{text}"]' if text else "")

    def wait(self, text: str = "", kind: str = "") -> None:
        assert self.d.xpath(self._path(text, kind)).wait(timeout=WAIT)

    def gone(self, text: str) -> None:
        assert self.d.xpath(self._path(text, "")).wait_gone(timeout=WAIT)

    def scroll_to(self, text: str) -> None:
        assert self.d.xpath('//*[@scrollable="true"]').get().scroll_to(self._path(text, ""))

    def tap(self, text: str, kind: str = "") -> None:
        self.d.xpath(self._path(text, kind)).click(timeout=WAIT)


class Culebra:
    """AndroidViewClient: the shell's `uiautomator dump` and `input tap`. Its own pause before each dump is left out."""

    def __init__(self, serial: str) -> None:
        from com.dtmilano.android.viewclient import ViewClient  # type: ignore[import-not-found,unused-ignore]

        self.device, _ = ViewClient.connectToDeviceOrExit(serialno=serial)
        self.vc: Any = ViewClient(self.device, serial, adb=shutil.which("adb"), autodump=False)

    def shell(self, command: str) -> str:
        return str(self.device.shell(command))

    def there(self) -> bool:
        try:
            return any(device.status == "device" for device in self.device.getDevices())
        except (OSError, RuntimeError):
            return False

    def _look(self, text: str, kind: str) -> Any:
        self.vc.dump(sleep=0)
        for view in self.vc.viewsById.values():
            if (not text or view.getText() == text) and (not kind or view.getClass() == kind):
                return view
        return None

    def _await(self, text: str, kind: str) -> Any:
        until = time.monotonic() + WAIT
        while time.monotonic() < until:
            if (view := self._look(text, kind)) is not None:
                return view
        raise AssertionError(text)

    def wait(self, text: str = "", kind: str = "") -> None:
        self._await(text, kind)

    def gone(self, text: str) -> None:
        while self._look(text, "") is not None:
            pass

    def scroll_to(self, text: str) -> None:
        for _ in range(10):
            if self._look(text, "") is not None:
                return
            self.device.shell("input swipe 540 1900 540 600 300")
        raise AssertionError(text)

    def tap(self, text: str, kind: str = "") -> None:
        self._await(text, kind).touch()


BUTTON = "android.widget.Button"
IDIOMS: dict[str, type[Plain] | type[Culebra]] = {"plain": Plain, "xpath": XPath, "culebra": Culebra}


def _say(what: str) -> None:
    print(what, flush=True)
    if what != "end":
        sys.stdin.readline()


def unlink(d: Idiom, texts: dict[str, str]) -> None:
    d.shell(ACCOUNT)
    d.wait(texts["account"])
    d.scroll_to(texts["sign_out"])
    _say("gate")
    d.tap(texts["sign_out"])
    d.tap(texts["keep"], BUTTON)
    d.wait(texts["password"])
    _say("owner")
    d.gone(texts["password"])
    while ", type=com.xiaomi}" in d.shell("dumpsys account"):
        time.sleep(0.1)
    _say("end")


def reset(d: Idiom, texts: dict[str, str]) -> None:
    d.shell(RESET)
    d.wait(texts["erase"])
    _say("gate")
    d.tap(texts["erase"])
    d.wait(kind=FIELD)
    _say("owner")
    d.wait(texts["back_up"], BUTTON)
    d.tap(texts["go_on"], BUTTON)
    d.wait(texts["password"])
    _say("owner")
    d.tap(texts["next"], BUTTON)
    d.tap(texts["ok"], BUTTON)
    while d.there():
        time.sleep(0.1)
    _say("end")


if __name__ == "__main__":
    _, idiom, journey, serial, language = sys.argv
    {"unlink": unlink, "reset": reset}[journey](IDIOMS[idiom](serial), TEXTS[language])
