"""The phone's files: what was put there, and the apps' APKs, each made when it is first read. Knows no wire."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping, MutableMapping

Apks = Mapping[str, Callable[[], bytes]]


class Files(MutableMapping[str, bytes]):
    """Contents by path. What is written over an APK's path stands in its place.

    Reading raises PermissionError for an APK while `readable` says no; that it is there, and how long, shows anyway.
    Writing raises OSError when the disk is `full`, and takes what was there before with it, as adbd does.
    """

    def __init__(
        self,
        apks: Callable[[], Apks] = dict,
        readable: Callable[[], bool] = lambda: True,
        full: Callable[[], bool] = lambda: False,
    ) -> None:
        self._written: dict[str, bytes] = {}
        self._apks = apks
        self._readable = readable
        self._full = full

    def __getitem__(self, path: str) -> bytes:
        if not self._readable() and path in self._apks():
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return self._content(path)

    def __setitem__(self, path: str, content: bytes) -> None:
        if content and self._full():
            self._written.pop(path, None)
            raise OSError(errno.ENOSPC, "No space left on device", path)
        self._written[path] = content

    def __delitem__(self, path: str) -> None:
        if path not in self._written and path in self._apks():
            raise PermissionError(errno.EACCES, "Permission denied", path)
        del self._written[path]

    def __contains__(self, path: object) -> bool:
        return path in self._written or path in self._apks()

    def __iter__(self) -> Iterator[str]:
        return iter({**self._written, **self._apks()})

    def __len__(self) -> int:
        return len({**self._written, **self._apks()})

    def size(self, path: str) -> int:
        """Its length in bytes. Raises KeyError."""
        return len(self._content(path))

    def _content(self, path: str) -> bytes:
        if path in self._written:
            return self._written[path]
        return self._apks()[path]()
