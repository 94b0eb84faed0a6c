"""What the owner is told to do where the computer may not tap: one deed for one move. Pure."""

from __future__ import annotations

from automator.atlas import Atlas, View, Words
from automator.hierarchy import Node
from automator.journeys.model import Back, Scroll, TapGated, TapNode, Wake
from automator.journeys.ports import Deed
from automator.masking import mask_text
from automator.text import T, Text


def deed(move: TapNode | TapGated | Scroll | Back | Wake, view: View, atlas: Atlas, words: Words) -> Deed:
    """The move, for the owner's finger. Its picture is not in it."""
    here = Text(view.screen.called) if view.screen else T("another screen")
    if isinstance(move, Wake):
        return Deed(T("Press the phone's power button once: its screen is off."), "wake")
    if isinstance(move, Back):
        return Deed(
            T("The phone shows {screen}; the way leads elsewhere. Go one page back.", screen=here), "back"
        )
    if isinstance(move, Scroll):
        sought = _sought(move.element, view, atlas, words)
        if not sought:
            return Deed(
                T("Scroll slowly through {screen}. I say when I see what to tap.", screen=here), "scroll"
            )
        either: Text | str = sought[-1]
        for name in reversed(sought[:-1]):
            either = T("{label}” or “{others}", label=name, others=either)
        return Deed(
            T("Scroll until you see “{label}”, on {screen}.", label=either, screen=here), "scroll", sought
        )
    label = label_of(view, move.node)
    if isinstance(move, TapGated):
        return Deed(
            T("Now tap “{label}” on the phone. It is the tap that you have confirmed.", label=label),
            "tap",
            (label,),
        )
    return Deed(T("Tap “{label}” on the phone ({screen}).", label=label, screen=here), "tap", (label,))


def slipped(told: Deed) -> Text:
    """What to do on a page that nobody knows, where the owner was to make this tap."""
    return T(
        "If you tapped anything but “{label}”, that is another page: go back on the phone, and I ask you anew.",
        label=told.words[0],
    )


def strayed(view: View) -> Text:
    """That the owner's tap led to a known page that is not on the way."""
    return T(
        "That is another page than I waited for: {screen}. I go back to where we were, and ask you anew before anything "
        "is lost.",
        screen=Text(view.screen.called) if view.screen else T("another screen"),
    )


def label_of(view: View, node: Node) -> str:
    """What is written on what is to be tapped."""
    inside = view.hierarchy.subtree(node)
    words = [n.text for n in inside if n.text and not n.typed and n.index not in view.private]
    return mask_text(words[0]) if words else ""


def _sought(element: str, view: View, atlas: Atlas, words: Words) -> tuple[str, ...]:
    """What may be written on an element that is not in view, as far as the phone's words tell."""
    screen = atlas.screens[view.name or ""]
    names = [
        name for selector in screen.elements[element].find for name in sorted(selector.names(screen.package))
    ]
    labels = [label for name in names for label in words.of(*name) if label.pattern is None]
    return tuple(dict.fromkeys(label.shown for label in labels))
