"""The lock screen's keypad. Pure; knows no running phone."""

from __future__ import annotations

from automator.practice.rom import Part, Screen

FIELD = "com.android.systemui:id/pinEntry"


def _key(digit: str) -> Part:
    name = f"com.android.systemui:id/key{digit}"
    return Part(text=digit, id=name, tap=(f"key {digit}",), centred=True, size="title", height=110)


BOUNCER = Screen(
    name="keyguard.pin",
    package="com.android.systemui",
    activity=".keyguard",
    guess="AOSP's ids; MIUI's own keypad was not seen",
    kind="bare",
    enter=("check screen_lock", "unlock"),
    body=(
        Part(
            group=(
                Part(
                    text="$lockpassword_confirm_your_pin_header",
                    id="com.android.systemui:id/bouncer_message_area",
                    centred=True,
                ),
                Part(text="{wrong}", when="wrong", id="com.android.systemui:id/keyguard_message_area"),
                Part(edit="", id=FIELD, secret="screen_lock", wrong="$lockpassword_invalid_pin"),  # noqa: S106  which one
            ),
            id="com.android.systemui:id/keyguard_pin_view",
        ),
    ),
    bottom=(
        Part(
            group=(
                *(_key(digit) for digit in "123456789"),
                Part(
                    image="delete",
                    id="com.android.systemui:id/delete_button",
                    tap=("key delete",),
                    height=110,
                ),
                _key("0"),
                Part(image="enter", id="com.android.systemui:id/key_enter", tap=("enter",), height=110),
            ),
            columns=3,
        ),
        Part(
            text="$emergency",
            id="com.android.systemui:id/emergency_call_button",
            tap=("nothing",),
        ),
    ),
)
