"""Opens a page of the phone by `am start`: from a list of what may be opened, and nothing else.

Xiaomi's reset page understands extras that leave out its questions or begin the wipe, an exported component resets
at once, and `monkey` makes Settings ignore the last OK in silence. So nothing is put together from parts: an intent
either is one of these, word for word, or it is not sent.
"""

from __future__ import annotations

import shlex

from automator.ways import is_link

ALLOWED: frozenset[tuple[str, ...]] = frozenset(
    {
        ("-a", "android.settings.SETTINGS"),
        ("-a", "android.settings.DEVICE_INFO_SETTINGS"),
        ("-a", "android.settings.XIAOMI_ACCOUNT_SYNC_SETTINGS"),
        ("-a", "hyperos.settings.MASTER_CLEAR"),
        (
            "-n",
            "com.android.settings/.SubSettings",
            "-e",
            ":android:show_fragment",
            "com.android.settings.MiuiMasterClear",
        ),
    }
)


class IntentForbidden(ValueError):
    """An intent that is on no list. A bug in us or in the atlas; nothing was sent."""


def start_command(action: str | None, component: str | None, fragment: str | None) -> str:
    """The shell command that opens the page. Raises IntentForbidden for anything that is not in ALLOWED."""
    way = ("-a", action) if action is not None else ("-n", component or "")
    extra = ("-e", ":android:show_fragment", fragment) if fragment is not None else ()
    if (*way, *extra) not in ALLOWED:
        raise IntentForbidden(f"not an intent that may be sent: {(*way, *extra)}")
    return " ".join(("am start", *way, *extra))


def view_command(url: str) -> str:
    """The shell command that opens a page of `selectors/ways.yaml` in the browser. Raises IntentForbidden for any other."""
    if not is_link(url):
        raise IntentForbidden(f"not a page that may be opened: {url}")
    return f"am start -a android.intent.action.VIEW -d {shlex.quote(url)}"
