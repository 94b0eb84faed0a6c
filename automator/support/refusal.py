"""What never gets into a letter: passwords, and codes that were sent to the owner. Pure, and knows words only.

The rule. A text is refused when

- a word for a password (or PIN) has a value: after `:`, `=` or “is”, whatever it is, unless that says something about the
  password (“is wrong”, “: forgotten”); after nothing or a few words, when it is in quotes or has a digit in it; or before
  “… is my password”;
- a word for a code has four to eight digits within a few words of it, on either side. The lock screen's own unlock code,
  error codes, postcodes and the like are none of those, unless the text says that they came by SMS;
- in a free field: it is nothing but four to eight digits, or one word made of letters and digits.

Years and dates are no values, and neither are names of systems and phones. It errs on the side of refusing: an owner can
say the same in other words, and nobody can take a password back out of a letter that was sent.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Secret = Literal["password", "code"]

_WORD = (
    r"(?:\bpass(?:word|code|phrase|wd)s?\b|\bpwd\b|\bpass(?=\s*[:=])|\bpin(?:[ -]?code)?\b|\bпарол(?:ь|я|ю|ем|и|ей)\b"
    r"|\bпин(?:[ -]?код\w{0,2})?\b|\bcontrase[nñ]as?\b|\bclaves?\b|\bpasswor[dt]\b|\bkennwort\b|\bsenha\b|密码|密碼|口令)"
)
_LINK = r"(?:[:=]|\bis\b|\bwas\b|'s\b|\bэто\b|\bбыла?\b|\bes\b|\bera\b|是|为|為)"
_ABOUT = re.compile(
    r"(?:not|no|never|wrong|incorrect|invalid|forgotten|lost|unknown|known|correct|right|accepted|refused|rejected|changed"
    r"|reset|needed|required|asked|set|missing|old|different|still|also|the|a|не|нет|неверн\w*|неправильн\w*|забыт\w*|утерян\w*"
    r"|потерян\w*|неизвест\w*|известен|верн\w*|измен\w*|сброшен\w*|принят\w*|подход\w*|incorrecta|olvidad[oa]|correcta"
    r"|perdid[oa]|desconocid[oa]|rechazad[oa]|cambiad[oa]|错|錯|不|未|忘|正确|正確)(?![\w-])|[错錯不未忘]|正[确確]"
)
_QUOTED = r"[\"'“”„«»‘’]\S"
_PIECE = r"(?P<value>[^\s,;\"'“”„«»‘’]{4,64})"
_GAP = r"(?:[\s,]{1,3}\w{1,20}){0,2}?[\s:=,]{1,3}"

_SAID = re.compile(rf"{_WORD}\s{{0,3}}{_LINK}\s{{0,3}}[\"'“”„«»‘’]?(?P<value>\S{{1,64}})")
_IN_QUOTES = re.compile(rf"{_WORD}\s{{0,3}}[:=–—-]?\s{{0,3}}{_QUOTED}")
_BESIDE = re.compile(rf"{_WORD}\s{{0,3}}[:=–—-]?\s{{0,3}}{_PIECE}")
_NEAR = re.compile(rf"{_WORD}{_GAP}{_PIECE}")
_BEFORE = re.compile(
    rf"(?<!\S)[\"'“”„«»‘’]?{_PIECE}[\"'“”„«»‘’]?\s{{0,3}}(?:is|was|это|es|era|[–—=-]|是)\s{{0,3}}(?:\w{{1,20}}\s{{1,3}}){{0,2}}{_WORD}"
)

_DIGITS = (
    r"(?P<value>(?<![\w./-])(?:[a-z]-)?(?:\d{3}[ -]\d{3}|\d{2}(?:[ -]\d{2}){1,3}|\d{4,8})(?![\w]|[./-]\d))"
)
_GLUED = r"(?P<value>\d{4,8}(?!\d))"
_SENT = r"(?:验证码|驗證碼|校验码|校驗碼|动态码|确认码)"
_CODE = r"(?:\bcodes?\b|\botp\b|\b2fa\b|\bкод(?:а|у|ом|ы|ов)?\b|\bc[oó]digos?\b)"
_AFTER_CODE = re.compile(
    rf"{_CODE}(?P<between>(?:[\s,]{{1,3}}[^\W\d]{{1,20}}){{0,4}}[\s:=,.–—-]{{1,4}}){_DIGITS}"
)
_BEFORE_CODE = re.compile(
    rf"{_DIGITS}(?P<between>[\s,]{{0,3}}(?:(?:is|was|это|es|era|[–—-])\s{{1,3}}(?:[^\W\d]{{1,20}}\s{{1,3}}){{0,3}})?){_CODE}"
)
_ZH_CODE = re.compile(
    rf"{_SENT}\W{{0,3}}(?:是|为|為)?\W{{0,3}}{_GLUED}|{_GLUED.replace('value', 'other')}\W{{0,3}}是?\w{{0,6}}{_SENT}"
)
_SMS = re.compile(rf"(?:\bsms\b|\bсмс\b|短信)[\s:=]{{0,3}}{_DIGITS}")
_OTHER_CODE = re.compile(
    r"(?:unlock(?:ing)?|error|postal|post|zip|country|area|product|model|status|bar|qr|promo|exit)[\s-]{0,3}$"
)
_OTHER_AFTER = re.compile(
    r"\s{0,3}(?:de\s{1,3})?(?:разблокировк\w*|ошибк\w*|товар\w*|город\w*|регион\w*|стран\w*|модел\w*|desbloqueo|error|postal"
    r"|producto|país|pais|área|area)\b"
)
_CAME = re.compile(
    r"\bsms\b|\bсмс\b|\bmessage\b|\bmail\b|\bсообщени\w*|\bпочт\w*|\bmensaje\b|\bcorreo\b|短信|邮件"
)

_YEAR = re.compile(r"(?:19|20)\d\d\W*")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}(?:[./-]\d{1,4})?\W*|\d{1,2}:\d\d\W*")
_NAME = re.compile(r"(?:miui|hyperos|android|redmi|poco|xiaomi|mi|note)[\d.]+\w{0,6}\W*")
_LONE_DIGITS = re.compile(r"\d{3}[ -]?\d{3}|\d{2}([ -]?\d{2}){1,3}|\d{4,8}")
_LONE_WORD = re.compile(r"(?=\S*\d)(?=\S*[^\W\d])\S{6,64}")


def secret_in(text: str, *, free: bool = False) -> Secret | None:
    """What the text seems to give away; None when nothing. `free`: a field for words, where a number stands for nothing else."""
    said = _plain(text)
    if _gives_password(said):
        return "password"
    if _gives_code(said):
        return "code"
    if free and _LONE_DIGITS.fullmatch(said):
        return "code"
    if free and _LONE_WORD.fullmatch(said) and not (_NAME.fullmatch(said) or _DATE.fullmatch(said)):
        return "password"
    return None


def _plain(text: str) -> str:
    """Full-width letters and digits as plain ones, in lower case, without characters that nobody sees."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", seen).casefold().split())


def _gives_password(said: str) -> bool:
    if any(not _ABOUT.match(found["value"]) for found in _SAID.finditer(said)):
        return True
    if _IN_QUOTES.search(said):
        return True
    if any(_like_a_secret(found["value"]) for found in _BESIDE.finditer(said)):
        return True
    apart = [*_NEAR.finditer(said), *_BEFORE.finditer(said)]
    return any(_like_a_secret(found["value"]) and not _YEAR.fullmatch(found["value"]) for found in apart)


def _like_a_secret(value: str) -> bool:
    if _DATE.fullmatch(value) or _NAME.fullmatch(value):
        return False
    return any(letter.isdigit() for letter in value)


def _gives_code(said: str) -> bool:
    if _ZH_CODE.search(said) or _SMS.search(said):
        return True
    return any(_sent(said, found) for rule in (_AFTER_CODE, _BEFORE_CODE) for found in rule.finditer(said))


def _sent(said: str, found: re.Match[str]) -> bool:
    """Whether this code is one that was sent to the owner, as far as the words around it tell."""
    if _YEAR.fullmatch(found["value"]) and not re.fullmatch(r"\s?[:=]\s?|\s", found["between"]):
        return False
    if _CAME.search(found["between"]):
        return True
    before, after = said[max(0, found.start() - 20) : found.start()], said[found.start() : found.end()]
    return not (_OTHER_CODE.search(before) or _OTHER_AFTER.match(re.sub(rf"^{_CODE}", "", after)))
