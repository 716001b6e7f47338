"""Working days at a site: public holidays of its country, and of its part of the country where they differ."""

from datetime import date, timedelta
from functools import lru_cache

import holidays

_SATURDAY = 5
_FALLBACK = "BE"  # Brussels' calendar where a site is not known
_COUNTRY = {"EL": "GR"}  # NUTS writes Greece as EL
# NUTS prefix -> subdivision in the holidays package (ISO 3166-2, without the country).
_SUBDIVISION = {
    "DE1": "BW", "DE2": "BY", "DE3": "BE", "DE4": "BB", "DE5": "HB", "DE6": "HH", "DE7": "HE", "DE8": "MV",
    "DE9": "NI", "DEA": "NW", "DEB": "RP", "DEC": "SL", "DED": "SN", "DEE": "ST", "DEF": "SH", "DEG": "TH",
    "ES11": "GA", "ES12": "AS", "ES13": "CB", "ES21": "PV", "ES22": "NC", "ES23": "RI", "ES24": "AR", "ES30": "MD",
    "ES41": "CL", "ES42": "CM", "ES43": "EX", "ES51": "CT", "ES52": "VC", "ES53": "IB", "ES61": "AN", "ES62": "MC",
    "ES63": "CE", "ES64": "ML", "ES70": "CN",
}  # fmt: skip


@lru_cache(maxsize=256)
def _holidays(nuts: str) -> holidays.HolidayBase:
    country = _COUNTRY.get(nuts[:2], nuts[:2]) or _FALLBACK
    subdivision = next((part for prefix, part in _SUBDIVISION.items() if nuts.startswith(prefix)), None)
    try:
        return holidays.country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return holidays.country_holidays(_FALLBACK)


def is_working_day(day: date, *, nuts: str) -> bool:
    """Tell whether people at this site (a NUTS code; empty for Brussels' calendar) work on that day."""
    return day.weekday() < _SATURDAY and day not in _holidays(nuts)


@lru_cache(maxsize=4096)
def shift(day: date, working_days: int, *, nuts: str) -> date:
    """Return the day that lies so many working days later, or earlier where negative.

    Zero gives the day itself if it is a working day, else the next one.
    """
    one = timedelta(days=-1 if working_days < 0 else 1)
    left = abs(working_days)
    while left or not is_working_day(day, nuts=nuts):
        day += one
        left -= left > 0 and is_working_day(day, nuts=nuts)
    return day
