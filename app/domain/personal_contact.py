"""Finds telephone numbers and e-mail addresses in free text, which must not hold any.

Places, times, dates, grid references, digests and counts are full of digits too; they are told
apart by their form and set aside before anything is taken for a number to call.
"""

import re
import unicodedata

import phonenumbers

E_MAIL = "an e-mail address"
TELEPHONE = "a telephone number"

TOO_MANY_DIGITS = "more digits than can be told from telephone numbers"

_MOST_CLUSTERED = 50_000
_MOST_CANDIDATES = 50
"""So many runs like an international number in one text, and none of them valid, is no prose."""

_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\u00ad"), "-")
_SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u200a\u202f\u200b\u2060"), " ")

_E_MAIL = re.compile(r"[\w\"'.+-]@[\w-]+\.[\w-]*[^\W\d_]")
_SPELLED_OUT = re.compile(
    r"\w ?[\[({](?:at|@|собака|равлик)[\])}] ?[\w-]+ ?(?:\.|[\[({])", re.IGNORECASE
)

_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:[.,]\d{1,9})?)?"
_POINTED = r"(?:[01]?\d|2[0-4])\.[0-5]\d"
_OFFSET = r"[+-][01]\d:?[0-5]\d(?![ -]?\d)"
_MINUTES = r"[ ]?\d{1,2}(?:[.,]\d{1,9})?"
_SQUARE = r"(?:\d{5}[ ]?\d{5}|\d{4}[ ]?\d{4}|\d{3}[ ]?\d{3})(?!\d)"

# What is full of digits and no telephone number: each is set aside whole.
_ASIDE = re.compile(
    rf"""(?<!\d)(?:
    # UUIDs, digests
    [0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}\b
    | (?<![0-9a-f])[0-9a-f]{{16,128}}\b(?<![0-9]{{16}})
    # grid references: 37T CN 91234 17890, 37TCN9123417890, CN 01234 56789
    | \d{{1,2}}[ ]?[C-HJ-NP-X][ ]?[A-HJ-NP-Z]{{2}}[ ]?(?:{_SQUARE}|\d\d[ ]?\d\d\b)
    | [A-HJ-NP-Z]{{2}}[ ]{_SQUARE}
    # UTM: 37T 0391234 5217890, 391234 mE 5217890 mN
    | \d{{1,2}}[ ]?[C-HJ-NP-X][ ]0?\d{{6}}(?:[.,]\d{{1,9}})?[ ]?(?:mE)?,?[ ]\d{{7}}(?:[.,]\d{{1,9}})?\b
    | 0?\d{{6}}[ ]?m?[ ]?E,?[ ]\d{{7}}[ ]?m?[ ]?N\b
    # dates and times: 2022-04-26T15:00:00.000000+03:00, 26.04.2022, 15:00, 08.00-18.00
    | (?:19|20)\d\d(?P<a>[-./]){_MONTH}(?P=a){_DAY}(?!\d)
    | {_DAY}(?P<b>[-./]){_MONTH}(?P=b)(?:19|20)?\d\d(?!\d)
    | {_CLOCK}(?![\d:])
    | {_POINTED}[ ]?-[ ]?{_POINTED}(?!\d)
    | {_OFFSET}
    # coordinates: 47.0951, 37.5413; 47°05'42.3"N; 47 05.706 N; N 47 05 42
    | [+-]?\d{{1,3}}[.,]\d{{3,15}}(?:°|[ ]?[NSEWСЮВЗ]\b|(?![\d.]))
    | \d{{1,3}}[ ]?°(?:{_MINUTES}[ ]?['′’])?(?:{_MINUTES}[ ]?(?:["″]|''))?
    | \d{{1,3}}[ ]\d{{1,2}}(?:[ .]\d{{1,6}}){{0,2}}[ ]?[NSEW]\b
    | [NSEW][ ]?\d{{1,3}}[ ]\d{{1,2}}(?:[ .]\d{{1,6}}){{0,2}}(?!\d)
    )""",
    re.VERBOSE,
)

_INTERNATIONAL = re.compile(
    r"(?:\+|(?<!\d)00(?=[ ./(-]{0,2}[1-9]))(?<![\w.+][+])(?<![\w.+]00)"
    r"[ (]{0,2}\d(?:[ ()./-]{0,3}\d){6,17}"
)

# National forms, with the trunk prefix 0 (many countries) or 8 (several of the former Soviet
# Union), in the groups in which people write them.
_NATIONAL = re.compile(
    r"""(?=[(08])(?<![\w.,:+/-])(?<!\d[ ])(?:
    \(?0\d{2}\)?[ .-]?\d{3}[ .-]?\d{2}[ .-]?\d{2}  # (067) 123-45-67, 0671234567
    | \(?0\d{2}\)?[ ]\d{7}  # 067 1234567
    | \(?0\d{2}\)?[ .-]\d{3}[ .-]\d{4}  # 067 123 4567
    | \(?0\d{3}\)?[ .-]\d{2}[ .-]\d{2}[ .-]\d{2}  # (0629) 41-23-45
    | \(0\d{2,4}\)[ ]?\d(?:[ .-]?\d){4,7}  # (0629) 412345
    | \(?0\d{3}\)?[ /-]\d{6,8}  # 0171 1234567, 0629/412345
    | 0\d{3}[ ]\d{3}[ ]\d{3,4}  # 0629 412 345
    | 0\d{4}[ ]\d{6}  # 07700 900123
    | 8[ -]?\(\d{3,5}\)[ -]?\d(?:[ -]?\d){4,6}  # 8 (912) 345-67-89
    | 8[ -]\d{3}[ -]\d{3}[ -]\d{2}[ -]?\d{2}  # 8-912-345-67-89
    | 8[ -]\d{3}[ -]\d{7}  # 8 912 3456789
    | 8[3489]\d{9}  # 89123456789
    )(?![\d:]|[.,/-]\d)""",
    re.VERBOSE,
)

_AFTER_CUE = re.compile(
    r"(?:\b(?:tel|telephone|phone|mobile|mob|fax|whatsapp|viber|тел|телефон|моб|мобильный|"
    r"мобільний)\b|[☎📞📱])[ .:№#]{0,4}\d(?:[ ()./-]{0,2}\d){5,14}(?!\d)",
    re.IGNORECASE,
)
_CUES = ("tel", "phone", "mob", "fax", "whatsapp", "viber", "тел", "моб", "☎", "📞", "📱")
_CLUSTER = re.compile(r"\d(?:\D{0,4}\d){5,}")
_AROUND = 24


def find_personal_contact(text: str) -> str | None:
    """Say which kind of contact data `text` holds, such as `E_MAIL`; None where it holds none.

    Takes time in proportion to the length of the text, however hostile it is. A text with tens
    of thousands of digits is not read in full: it holds `TOO_MANY_DIGITS`.
    """
    plain = _plain(text)
    if "@" in plain and _E_MAIL.search(plain):
        return E_MAIL
    if _SPELLED_OUT.search(plain):
        return E_MAIL
    clustered = _clustered(plain)
    if len(clustered) > _MOST_CLUSTERED:
        return TOO_MANY_DIGITS
    return TELEPHONE if _holds_telephone(clustered) else None


def _clustered(plain: str) -> str:
    """Keep the parts where digits stand close together, with what stands around them.

    It ends soon after `_MOST_CLUSTERED` characters.
    """
    parts: list[str] = []
    kept = size = 0
    for cluster in _CLUSTER.finditer(plain):
        begin, end = max(cluster.start() - _AROUND, kept), cluster.end() + _AROUND
        parts.append(plain[begin:end] if begin == kept else " ¦ " + plain[begin:end])
        kept = min(end, len(plain))
        size += len(parts[-1])
        if size > _MOST_CLUSTERED:
            break
    return "".join(parts)


def _plain(text: str) -> str:
    """Write digits, hyphens and spaces of any script in one way."""
    if text.isascii():
        return text
    digits = {ord(c): str(unicodedata.decimal(c)) for c in set(text) if c.isdecimal()}
    wide = {ord("＠"): "@", ord("＋"): "+", ord("（"): "(", ord("）"): ")", ord("．"): "."}
    return text.translate(digits | wide | _HYPHENS | _SPACES)


def _holds_telephone(plain: str) -> bool:
    plain = _ASIDE.sub(" ¦ ", plain)
    if _NATIONAL.search(plain) or _follows_cue(plain):
        return True
    for count, candidate in enumerate(_INTERNATIONAL.finditer(plain)):
        if count >= _MOST_CANDIDATES or _is_international(candidate.group()):
            return True
    return False


def _follows_cue(plain: str) -> bool:
    lower = plain.lower()
    return any(cue in lower for cue in _CUES) and _AFTER_CUE.search(plain) is not None


def _is_international(candidate: str) -> bool:
    number = "+" + candidate[2:] if candidate.startswith("00") else candidate
    matches = phonenumbers.PhoneNumberMatcher(
        number, None, leniency=phonenumbers.Leniency.VALID, max_tries=20
    )
    return matches.has_next()
