"""What never gets into a letter: passwords, and codes that were sent to the owner. Pure, and knows words only.

The rule. A text is refused when

- a word for a password (or PIN) has a value: after `:`, `=`, a dash, an arrow or “is”, whatever it is, unless that says
  something about the password (“is wrong”, “: forgotten”, “is in my notebook”), even where words like “I use” stand between
  it and the `:`; after nothing or a few words, when it is in quotes, has a digit in it, is a row of keys or is written in
  other letters than the word; or before “… is my password”;
- a word for the screen lock has four to eight digits after it, or what somebody logs in with has a value behind a stroke;
- a word for a code has four to eight digits within a few words of it, on either side. The lock screen's own unlock code,
  error codes, postcodes and the like are none of those, unless the text says that they came by SMS;
- an SMS has four to eight digits within a few words of it, unless those say that none came;
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
    r"(?:\bpas{1,2}w(?:or|ro)[dt]s?\b|\bpass(?:code|phrase|wd)s?\b|\bpwd?\b|\bpass(?=\s*[:=])|\bpin(?:[ -]?code)?\b"
    r"|\bпарол(?:ь|я|ю|ем|и|ей)\b|\bпин(?:[ -]?код\w{0,2})?\b|\bcontrase[nñ]as?\b|\bclaves?\b|\bmots? de passe\b|\bkennwort\b"
    r"|\bsenhas?\b|\bhas[lł](?:o|a|em)\b|\bheslo\b|\bwachtwoord\b|\bl[oö]senord\b|\bparola\b|\bşifre\b|密码|密碼|口令)"
)
_DASH = r"(?:[–—→⇒]|[-=]{1,2}>|(?<=\s)-{1,2}|-{1,2}(?=\s))"
_VERB = r"(?:\bis\b|\bwas\b|'s\b|\bэто\b|\bбыла?\b|\bes\b|\bera\b|\best\b|\bist\b|是|为|為)"
_LINK = rf"(?:[:=]|{_DASH}|(?P<verb>{_VERB}))"
_ABOUT = re.compile(
    r"(?:not|no|never|wrong|incorrect|invalid|forgotten|forgot|lost|unknown|known|accepted|refused|rejected|changed"
    r"|reset|needed|required|asked|set|missing|old|different|still|also|the|a|не|нет|неверн\w*|неправильн\w*|забы\w*|утерян\w*"
    r"|потерян\w*|неизвест\w*|известен|верн\w*|измен\w*|смен\w*|помен\w*|сброшен\w*|принят\w*|подход\w*|incorrecta|olvid\w*"
    r"|correcta|perdid[oa]|desconocid[oa]|rechazad[oa]|cambiad[oa]|错|錯|不|未|忘|正确|正確)(?![\w-])|[错錯不未忘]|正[确確]"
    # “correct” alone says something about it; “correct horse” is one.
    r"|(?:correct|right)(?![\w-])(?!\s(?!(?:and|but|yet|though|because|as|when|i|it|the|on|in|for|now|there)\b)\w)"
)
_PROSE = re.compile(
    r"(?:in|on|at|by|with|from|for|of|only|written|saved|kept|what|one|i|we|it|he|she|they|this|that|my|which|nothing|everything"
    r"|в|во|на|у|от|из|по|с|он|она|оно|я|мы|это|записан\w*|сохран[её]н\w*|ничего|en|de|con|por|yo|lo|no|nada)(?!\w)"
)
"""How prose goes on after “is”, and after a sentence's colon."""
_FILLING = (
    r"(?:i|we|that|which|for|of|to|on|from|the|my|this|it|its|there|here|now|today|use|used|have|had|chose|type|typed|enter"
    r"|entered|know|mi|xiaomi|account|phone|я|мой|моего|моей|от|для|к|на|в|этого|аккаунта|аккаунт|телефона|учетной|учётной"
    r"|записи|использую|ввожу|ввел|ввёл|который|de|del|la|mi|cuenta|teléfono|que|uso|usé)"
)
_BRACKET = r"(?:\s?\([^()]{0,40}\))"
_QUOTED = r"[\"'“”„«»‘’]\S"
_PIECE = r"(?P<value>[^\s,;\"'“”„«»‘’]{4,64})"
_GAP = r"(?:[\s,]{1,3}\w{1,20}){0,2}?[\s:=,]{1,3}"

_SAID = re.compile(rf"{_WORD}{_BRACKET}?\s{{0,3}}{_LINK}\s{{0,3}}[\"'“”„«»‘’]?(?P<value>\S{{1,64}})")
_SAID_LATER = re.compile(
    rf"{_WORD}(?:\s{_FILLING}(?=[\s:=])){{1,5}}\s?(?:[:=]|{_DASH})\s?[\"'“”„«»‘’]?(?P<value>\S{{1,64}})"
)
_KEYS = re.compile(rf"{_WORD}\s{{0,3}}(?:qwert|asdf|zxcv|йцук|фыва)")
_OTHER_LETTERS = re.compile(
    r"(?:\bпарол(?:ь|я|ю|ем)|\bпин(?:[ -]?код)?|密码|密碼|口令)\s{0,3}(?P<value>[a-z][\w-]{3,63})"
)
_OTHERS_NAME = re.compile(
    r"xiaomi|miui|mi[ -]|google|gmail|android|apple|icloud|wi-?fi|windows|cloud|account|hyperos|find"
)
_SCREEN_LOCK = re.compile(
    r"(?:\bscreen[ -]?lock\b|\bблокировк\w экрана\b|\bbloqueo de (?:la )?pantalla\b|锁屏)"
    rf"\s{{0,3}}(?:[:=]|{_DASH}|{_VERB})?\s{{0,3}}\d{{4,8}}(?![\w./-])"
)
_LOGIN = re.compile(
    r"(?:\b(?:login|user(?:name)?|логин|usuario)\b[\s:=]{0,3}(?=\S*[@\d])\S{3,64}?|[^\s@/|]{1,60}@[^\s@/|]{1,60}|\+?\d{7,15})"
    r"\s{0,3}[/|]\s{0,3}(?P<value>[^\s@]{4,64})(?![^\s]*@)"
)
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
_SMS_WORD = r"(?:\bsms\b|\bсмс\b|短信|\btext message\b|\bby text\b)"
_SMS = re.compile(rf"{_SMS_WORD}(?P<between>(?:\s[^\W\d]{{1,20}}){{0,3}}[\s:=,–—-]{{0,3}}){_DIGITS}")
_BEFORE_SMS = re.compile(rf"{_DIGITS}(?P<between>(?:\s[^\W\d]{{1,20}}){{0,4}}[\s,:–—-]{{0,3}}){_SMS_WORD}")
_NONE_CAME = re.compile(r"\b(?:no|not|never|without|нет|не|ни|без|no|sin|nunca)\b|没")
_WHEN = re.compile(r"\b(?:in|since|from|until|of|by|year|в|с|до|от|en|desde|de)\s$")
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
    if any(not _about(found, prose=bool(found["verb"])) for found in _SAID.finditer(said)):
        return True
    if any(not _about(found, prose=True) for found in _SAID_LATER.finditer(said)):
        return True
    if _IN_QUOTES.search(said) or _KEYS.search(said) or _SCREEN_LOCK.search(said):
        return True
    if any(not _OTHERS_NAME.match(found["value"]) for found in _OTHER_LETTERS.finditer(said)):
        return True
    if any(_mixed(found["value"]) for found in _LOGIN.finditer(said)):
        return True
    if any(_like_a_secret(found["value"]) for found in _BESIDE.finditer(said)):
        return True
    apart = [*_NEAR.finditer(said), *_BEFORE.finditer(said)]
    return any(_like_a_secret(found["value"]) and not _YEAR.fullmatch(found["value"]) for found in apart)


def _about(found: re.Match[str], *, prose: bool) -> bool:
    """Whether it says something about the password. `prose`: whether words may follow that any sentence goes on with."""
    said, place = found.string, found.start("value")
    return bool(_ABOUT.match(said, place) or (prose and _PROSE.match(said, place)))


def _mixed(value: str) -> bool:
    return _like_a_secret(value) and any(letter.isalpha() for letter in value)


def _like_a_secret(value: str) -> bool:
    if _DATE.fullmatch(value) or _NAME.fullmatch(value):
        return False
    return any(letter.isdigit() for letter in value)


def _gives_code(said: str) -> bool:
    if _ZH_CODE.search(said):
        return True
    if any(_by_sms(said, found) for rule in (_SMS, _BEFORE_SMS) for found in rule.finditer(said)):
        return True
    return any(_sent(said, found) for rule in (_AFTER_CODE, _BEFORE_CODE) for found in rule.finditer(said))


def _by_sms(said: str, found: re.Match[str]) -> bool:
    before = said[max(0, found.start() - 20) : found.start()]
    if _NONE_CAME.search(found["between"]) or _NONE_CAME.search(before[-8:]):
        return False
    year = _YEAR.fullmatch(found["value"]) and _WHEN.search(said[: found.start("value")])
    return not (year or _OTHER_CODE.search(said[: found.start("value")][-20:]))


def _sent(said: str, found: re.Match[str]) -> bool:
    """Whether this code is one that was sent to the owner, as far as the words around it tell."""
    if _YEAR.fullmatch(found["value"]) and not re.fullmatch(r"\s?[:=]\s?|\s", found["between"]):
        return False
    if _CAME.search(found["between"]):
        return True
    before, after = said[max(0, found.start() - 20) : found.start()], said[found.start() : found.end()]
    return not (_OTHER_CODE.search(before) or _OTHER_AFTER.match(re.sub(rf"^{_CODE}", "", after)))
