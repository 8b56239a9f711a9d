"""Where the case took place: points by their GeoNames ids, longitude first (OGC CRS84).

Names repeat, so nothing here was found by a name. Where in a town people gathered or waited is not
public: each point is the centre of its town, and `precision_m` says how far off that may be. The
second convoy brought people from Mariupol and from towns nearby; that Berdiansk was one of them is
inferred. Every site is of class `high`. The towns are on any map, but that people are brought there is not.
"""

from typing import Any

from app.demo.organisations import BEGAN

_MARIUPOL = (37.5413, 47.0951)  # 701822
_AZOVSTAL = (37.608, 47.097)  # within 1 km or so
_BERDIANSK = (36.7882, 46.7558)  # 712451
_MANHUSH = (37.3119, 47.0563)  # 697613
_TOKMAK = (35.7084, 47.2555)  # 691469
_VASYLIVKA = (35.2821, 47.4422)  # 686729
_KAMIANSKE = (35.3737, 47.5392)  # 706967
_ZAPORIZHZHIA = (35.1171, 47.8517)  # 687700

AREA: dict[str, Any] = {
    "type": "Polygon",
    "coordinates": [[[34.9, 46.5], [38.1, 46.5], [38.1, 48.0], [34.9, 48.0], [34.9, 46.5]]],
}
"""Around all places of the case, with a margin: whoever swaps coordinates falls out of it."""


def _site(
    name: str,
    other: str,
    kind: str,
    point: tuple[float, float],
    *sources: str,
    precision_m: int = 5_000,
) -> dict[str, Any]:
    return {
        "name": name,
        "other_names": [other],
        "kind": kind,
        "geometry": {"type": "Point", "coordinates": list(point)},
        "precision_m": precision_m,
        "sensitivity": "high",
        "sources": sources,
        "effective_at": BEGAN,
        "basis": "inferred",
    }


_ON_THE_WAY = "un-29-april"
SITES: dict[str, dict[str, Any]] = {
    "azovstal": _site(
        "Azovstal steelworks",
        "Азовсталь",
        "besieged_site",
        _AZOVSTAL,
        "un-26-april",
        precision_m=1_000,
    ),
    "mariupol": _site(
        "Mariupol assembly point", "Маріуполь", "assembly_point", _MARIUPOL, "un-4-may"
    ),
    "berdiansk": _site(
        "Berdiansk assembly point", "Бердянськ", "assembly_point", _BERDIANSK, "un-4-may"
    ),
    "manhush": _site("Manhush", "Мангуш", "checkpoint", _MANHUSH, "media-2-may", "un-3-may"),
    "tokmak": _site("Tokmak", "Токмак", "transit", _TOKMAK, _ON_THE_WAY),
    "vasylivka": _site("Vasylivka", "Василівка", "transit", _VASYLIVKA, _ON_THE_WAY),
    "kamianske": _site("Kamianske", "Кам'янське", "transit", _KAMIANSKE, _ON_THE_WAY),
    "zaporizhzhia": _site(
        "Zaporizhzhia",
        "Запоріжжя",
        "reception",
        _ZAPORIZHZHIA,
        "un-29-april",
        "un-3-may",
        precision_m=10_000,
    ),
}
"""By the names under which the steps of the case speak of them."""


def _line(*points: tuple[float, float]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": [list(point) for point in points]}


TO_ZAPORIZHZHIA: dict[str, Any] = {
    "name": "Mariupol to Zaporizhzhia",
    "direction": "out",
    "mode": "bus",
    "geometry": _line(_MARIUPOL, _MANHUSH, _TOKMAK, _VASYLIVKA, _KAMIANSKE, _ZAPORIZHZHIA),
    "from_site": "mariupol",
    "waypoints": ["manhush", "tokmak", "vasylivka", "kamianske"],
    "to_site": "zaporizhzhia",
    "sensitivity": "high",
    "sources": ["un-29-april"],
    "basis": "inferred",
}
"""By the centres of the towns, some 230 km, as far as the UN said that the convoy had to go."""

TO_MANHUSH: dict[str, Any] = {
    "direction": "out",
    "geometry": _line(_MARIUPOL, _MANHUSH),
    "from_site": "mariupol",
    "to_site": "manhush",
    "sensitivity": "high",
    "basis": "inferred",
}
"""The same first leg: the announcements name no route that is public."""
