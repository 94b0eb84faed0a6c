"""A picture of a screen with one place of it outlined. Pure."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from automator.hierarchy import Bounds

RED = (214, 0, 28)
WHITE = (255, 255, 255)


def outline(jpeg: bytes, screen: Bounds, place: Bounds) -> bytes:
    """The JPEG of `screen` with a frame around `place`, in red and white: seen on any ground, by colour-blind eyes too."""
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    across, down = picture.width / screen.right, picture.height / screen.bottom
    box = (place.left * across, place.top * down, place.right * across - 1, place.bottom * down - 1)
    width = max(4, picture.width // 120)
    draw = ImageDraw.Draw(picture)
    draw.rectangle(box, outline=WHITE, width=width + width // 2)
    draw.rectangle(box, outline=RED, width=width)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()
