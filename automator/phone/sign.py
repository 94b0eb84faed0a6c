"""A sign among a phone's own notifications, so that nobody takes it for the phone beside it. Decides nothing."""

from __future__ import annotations

import shlex

from adbutils import AdbClient

from automator.phone.find import Listed, open_device
from automator.phone.server import BROKEN

TAG = "mi-automator"
"""A later sign takes the place of the one before; the owner swipes it away, the shell has no command for that."""


def post_sign(client: AdbClient, listed: Listed, title: str, text: str) -> bool:
    """Whether the phone says that it posts the notification; whether it did, it does not say. Raises nothing.

    `cmd notification post` of Android's own shell, which needs no app and no leave to tap (NotificationShellCmd in AOSP:
    allowed to root and shell, importance 3, so it peeps over no page). That it is there from Android 10 on is one script's
    word; that Xiaomi's ROMs show it is a guess.
    """
    words = " ".join(shlex.quote(word) for word in ("-t", title, TAG, text))
    try:
        answer = open_device(client, listed).shell(f"cmd notification post {words} 2>&1")
    except BROKEN:
        return False
    return str(answer).startswith("posting:")
