"""Labels that were read from phones, kept on this computer: reading them anew costs seconds. Knows no phone.

They are the apps' own words, the same on every phone with that build; nothing about an owner is in them.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import BaseModel, ConfigDict, ValidationError


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    stamp: str
    names: list[str]
    texts: dict[str, str]


def words_folder() -> Path:
    """Where labels are kept: in the user's cache folder."""
    return user_cache_path("mi-automator") / "words"


def recall(package: str, stamp: str, names: Collection[str]) -> dict[str, str] | None:
    """The labels of `names` that were read of this very build; None when that is not known. A broken file is dropped."""
    path = _path(package, stamp)
    try:
        kept = _Kept.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, ValueError):
        with contextlib.suppress(OSError):
            path.unlink()
        return None
    if kept.stamp != _digest(stamp) or not set(names) <= set(kept.names):
        return None
    return {name: text for name, text in kept.texts.items() if name in names}


def remember(package: str, stamp: str, names: Collection[str], texts: dict[str, str]) -> None:
    """Keeps what was read of `names`. A cache that can't be written is no reason to stop."""
    path = _path(package, stamp)
    content = _Kept(stamp=_digest(stamp), names=sorted(names), texts=texts).model_dump_json().encode()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / path.name
            whole.write_bytes(content)
            whole.replace(path)


def _path(package: str, stamp: str) -> Path:
    return words_folder() / f"{package}-{_digest(stamp)[:20]}.json"


def _digest(stamp: str) -> str:
    return sha256(stamp.encode()).hexdigest()
