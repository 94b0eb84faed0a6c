"""An app's words in its compiled resource table (`resources.arsc`), as `getString` gives them. Knows no phone.

The layout is in AOSP, frameworks/base, libs/androidfw/include/androidfw/ResourceTypes.h; which entry is meant is decided
as in LoadedArsc.cpp and AssetManager2.cpp. Deviations: a string that refers to a number is left out, where Android gives
the digits; of configurations that only the phone can judge (`land`, `mcc310`) see `Table.texts`; overlays are not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from struct import Struct
from struct import unpack as unpack_array

from automator.phone import arsc_config
from automator.phone.arsc_bytes import MAX_CHUNKS, Chunk, Data, MalformedTable, Pool, Span, chunk_at, chunks
from automator.phone.arsc_config import Config
from automator.phone.locales import Locale, better, choose, matches

__all__ = ["Config", "Data", "MalformedTable", "Table"]

MAX_STRINGS = 1 << 17  # that one phone sees in one table; a type has at most 2**16
MAX_REFERENCES = 20  # AssetManager2::ResolveReference

_TABLE, _POOL, _PACKAGE, _TYPE = 0x0002, 0x0001, 0x0200, 0x0201
_PACKAGE_HEADER = Struct("<8xI256xIIII")  # id, name, type names, last public type, key names, last public key
_TYPE_HEADER = Struct("<8xBBHII")
_SPARSE, _OFFSET16 = 0x01, 0x02
_NO_ENTRY, _NO_ENTRY_16 = 0xFFFFFFFF, 0xFFFF
_ENTRY = Struct("<HHI")
_VALUE = Struct("<HBBI")
_COMPLEX, _COMPACT = 0x0001, 0x0008
_STRING, _REFERENCE, _DYNAMIC_REFERENCE = 0x03, 0x01, 0x07


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry as it is stored: the number of its name, what kind of value (-1: several) and the value."""

    key: int
    kind: int
    value: int


@dataclass(frozen=True, slots=True)
class _Type:
    """The strings of one configuration. `base` is the first one's resource id."""

    span: Span
    header: int
    flags: int
    count: int
    entries: int
    base: int
    config: Config
    keys: Pool

    def offsets(self) -> Iterator[tuple[int, int]]:
        """(resource id, where its entry is) of each entry that this configuration has."""
        if self.flags & _SPARSE:
            pairs = unpack_array(f"<{2 * self.count}H", self.span.read(self.header, 4 * self.count))
            yield from (
                (self.base | index, 4 * at) for index, at in zip(pairs[::2], pairs[1::2], strict=True)
            )
        elif self.flags & _OFFSET16:
            short = unpack_array(f"<{self.count}H", self.span.read(self.header, 2 * self.count))
            yield from ((self.base | i, 4 * at) for i, at in enumerate(short) if at != _NO_ENTRY_16)
        else:
            dense = unpack_array(f"<{self.count}I", self.span.read(self.header, 4 * self.count))
            yield from ((self.base | i, at) for i, at in enumerate(dense) if at != _NO_ENTRY)

    def entry(self, offset: int) -> _Entry:
        """The entry there. Raises MalformedTable."""
        at = self.entries + offset
        size, flags, key = self.span.unpack(_ENTRY, at)
        if flags & _COMPACT:
            return _Entry(size, flags >> 8, key)
        if flags & _COMPLEX:
            return _Entry(key, -1, 0)
        if size < _ENTRY.size:
            raise MalformedTable(f"the entry at {self.span.start + at} is too small")
        value_size, _, kind, value = self.span.unpack(_VALUE, at + size)
        if value_size < _VALUE.size:
            raise MalformedTable(f"the value of the entry at {self.span.start + at} is too small")
        return _Entry(key, kind, value)


_Place = tuple[_Type, int]  # a part and where in it an entry is


class Table:
    """A compiled resource table. Only the headers are read at first, then what is asked for."""

    def __init__(self, data: Data) -> None:
        """Reads the headers of the table's parts. Raises MalformedTable."""
        table = chunk_at(Span(data, 0, len(data)), 0)
        if table.kind != _TABLE:
            raise MalformedTable("this is no resource table")
        self._strings: Pool | None = None
        self._types: list[_Type] = []
        self._locales: set[Locale] = set()
        self._chunks = 0
        for chunk in chunks(table):
            self._count()
            if chunk.kind == _POOL and self._strings is None:
                self._strings = Pool(chunk)
            elif chunk.kind == _PACKAGE:
                self._read_package(chunk)

    def _count(self) -> None:
        self._chunks += 1
        if self._chunks > MAX_CHUNKS:
            raise MalformedTable("it has more parts than any table")

    def _read_package(self, package: Chunk) -> None:
        number, type_names, _, key_names, _ = package.span.unpack(_PACKAGE_HEADER, 0)
        if number > 0xFF:
            raise MalformedTable(f"there is no package {number:#x}")
        # Tables from before 2014 have a header without the last field.
        shift = 0
        if package.header >= _PACKAGE_HEADER.size + 4:
            (shift,) = package.span.unpack(Struct("<I"), _PACKAGE_HEADER.size)
        strings = _string_types(Pool(chunk_at(package.span, type_names)))
        keys = Pool(chunk_at(package.span, key_names))
        seen: dict[bytes, Config] = {}
        for chunk in chunks(package):
            self._count()
            if chunk.kind != _TYPE:
                continue
            kind, flags, _, count, entries = chunk.span.unpack(_TYPE_HEADER, 0)
            if count > 0xFFFF or not _TYPE_HEADER.size + 4 <= chunk.header:
                raise MalformedTable(f"the type at {chunk.span.start} has no proper header")
            size = min(chunk.header - _TYPE_HEADER.size, arsc_config.SIZE)
            raw = bytes(chunk.span.read(_TYPE_HEADER.size, size))
            config = seen.get(raw) or seen.setdefault(
                raw, arsc_config.parse(raw[: int.from_bytes(raw[:4], "little")])
            )
            self._locales.add(config.locale)
            if kind in strings:
                if kind + shift > 0xFF:
                    raise MalformedTable(f"there is no type {kind + shift:#x}")
                base = number << 24 | (kind + shift) << 16
                self._types.append(_Type(chunk.span, chunk.header, flags, count, entries, base, config, keys))

    def texts(
        self,
        names: Collection[str] | None,
        locales: Sequence[str],
        *,
        sdk: int | None = None,
        framework: Table | None = None,
    ) -> dict[str, str]:
        """What `getString` gives for each string resource in `names` (None: for all that there are): {name: text}.

        `locales` are the phone's languages as BCP-47 tags, the preferred one first; the app gets the first that it
        supports (LocaleList). `sdk` is the phone's API level; None counts every level as reached, since the tables on a
        phone are made for it. What only the phone can judge (screen, SIM card) is used where there is nothing else.
        `framework` is the phone's own table, for what refers to it. Left out are names that the table lacks, that are no
        plain string, or that refer to nothing. Raises MalformedTable.
        """
        request = self._request(locales, framework)
        view = _View(self, request, sdk)
        views = [view] if framework is None else [view, _View(framework, request, sdk)]
        found: dict[str, tuple[_View, int]] = {}
        for name, resource, entry in view.named(None if names is None else frozenset(names)):
            place = _followed(views, view, resource, entry)
            if place is not None:
                found.setdefault(name, place)
        texts: dict[str, str] = {}
        for owner in views:
            numbers = {name: number for name, (where, number) in found.items() if where is owner}
            read = owner.table._texts(numbers.values())
            texts.update((name, read[number]) for name, number in numbers.items())
        return texts

    def _request(self, tags: Sequence[str], framework: Table | None) -> Locale:
        supported = self._locales
        # An app without languages of its own goes by the phone's (ResourcesImpl.updateConfiguration).
        if framework is not None and not any(one.language and not one.pseudo for one in supported):
            supported = framework._locales
        return choose([Locale.of(tag) for tag in tags], supported)

    def entries(self) -> Iterator[tuple[str, Config, str | int]]:
        """Every string of every configuration: name, configuration, and the text or the id that it refers to.

        What is no plain string is passed over. Raises MalformedTable.
        """
        for part in self._types:
            for _, offset in part.offsets():
                entry = part.entry(offset)
                if entry.kind == _STRING:
                    value: str | int = self._texts([entry.value])[entry.value]
                elif entry.kind in (_REFERENCE, _DYNAMIC_REFERENCE):
                    value = entry.value
                else:
                    continue
                yield part.keys.texts([entry.key])[entry.key], part.config, value

    def _texts(self, numbers: Collection[int]) -> dict[int, str]:
        """The texts with these numbers in the table's pool. Raises MalformedTable."""
        if self._strings is None:
            if numbers:
                raise MalformedTable("the table has no strings")
            return {}
        return self._strings.texts(numbers)


class _View:
    """What one phone sees of a table: for each string resource the entry that fits best."""

    def __init__(self, table: Table, request: Locale, sdk: int | None) -> None:
        self.table = table
        self._request = request
        spoken = {locale for locale in table._locales if matches(locale, request)}
        self._fitting = [
            part
            for part in table._types
            if part.config.locale in spoken and (sdk is None or part.config.sdk <= sdk)
        ]

    @cached_property
    def _judged(self) -> dict[int, _Place]:
        return self._best([part for part in self._fitting if part.config.judged])

    @cached_property
    def _others(self) -> dict[int, _Place]:
        return self._best([part for part in self._fitting if not part.config.judged])

    def _best(self, parts: Sequence[_Type]) -> dict[int, _Place]:
        """By resource id. One pass over all entries, so that the time is that of reading them, however many parts."""
        best: dict[int, tuple[int, int]] = {}
        for mine, part in enumerate(parts):
            beats: dict[int, bool] = {}
            for resource, offset in part.offsets():
                rival = best.get(resource)
                if rival is not None:
                    theirs, _ = rival
                    if theirs not in beats:
                        beats[theirs] = self._preferred(part.config, parts[theirs].config)
                    if not beats[theirs]:
                        continue
                best[resource] = mine, offset
            if len(best) > MAX_STRINGS:
                raise MalformedTable("it has more strings than any app")
        return {resource: (parts[part], offset) for resource, (part, offset) in best.items()}

    def _preferred(self, config: Config, other: Config) -> bool:
        if config.locale == other.locale:
            return config.sdk > other.sdk
        return better(config.locale, other.locale, self._request)

    def entry(self, resource: int) -> _Entry | None:
        """The entry of a resource, None when the table has none for this phone. Raises MalformedTable."""
        place = self._judged.get(resource) or self._others.get(resource)
        return place[0].entry(place[1]) if place else None

    def named(self, names: Collection[str] | None) -> Iterator[tuple[str, int, _Entry]]:
        """(name, resource id, entry) of the resources with these names, of all for None. Raises MalformedTable."""
        missing = None if names is None else set(names)
        yield from _named(self._judged.items(), missing)
        if missing is None or missing:
            rest = [item for item in self._others.items() if item[0] not in self._judged]
            yield from _named(rest, missing)


def _named(
    places: Iterable[tuple[int, _Place]], missing: set[str] | None
) -> Iterator[tuple[str, int, _Entry]]:
    """The entries at these places whose names are among the missing ones (None: all), which they then are no more."""
    ascending = sorted(places, key=lambda item: item[1][0].span.start + item[1][1])
    entries = [(resource, part.keys, part.entry(offset)) for resource, (part, offset) in ascending]
    numbers: dict[Pool, list[int]] = {}
    for _, keys, entry in entries:
        numbers.setdefault(keys, []).append(entry.key)
    names = {keys: keys.texts(wanted) for keys, wanted in numbers.items()}
    for resource, keys, entry in entries:
        name = names[keys][entry.key]
        if missing is None or name in missing:
            yield name, resource, entry
    if missing is not None:
        missing.difference_update(name for by_number in names.values() for name in by_number.values())


def _followed(views: Sequence[_View], view: _View, resource: int, entry: _Entry) -> tuple[_View, int] | None:
    """Whose string, and its number, after following references; None when they lead to no string."""
    for _ in range(MAX_REFERENCES + 1):
        if entry.kind == _STRING:
            return view, entry.value
        if entry.kind not in (_REFERENCE, _DYNAMIC_REFERENCE):
            return None
        target = entry.value
        if not target >> 24:  # the package it is in, in a library that learns its number when it is loaded
            target |= resource & 0xFF000000
        for owner in views:
            followed = owner.entry(target)
            if followed is not None:
                view, resource, entry = owner, target, followed
                break
        else:
            return None
    return None


def _string_types(names: Pool) -> set[int]:
    """The numbers of the types that are called `string`, from 1 on."""
    texts = names.texts(range(min(names.count, 0xFF)))
    return {number + 1 for number, name in texts.items() if name == "string"}
