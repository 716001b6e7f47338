"""Working days at a site: public holidays of its country, and of its part of the country where they differ."""

from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import resources

import holidays
import yaml
from pydantic import TypeAdapter

from states.texts import Text

_FALLBACK = "BE"  # Brussels' calendar where a site is not known
_IN_FACT = "de_facto"
_COUNTRY = {"EL": "GR", "UK": "GB"}  # NUTS writes Greece as EL


@cache
def _parts() -> dict[str, str]:
    """Return by the beginning of NUTS codes the parts of countries that have holidays of their own."""
    text = resources.files("states.places").joinpath("holiday_parts.yaml").read_text(encoding="utf-8")
    read = TypeAdapter(dict[str, dict[str, str]]).validate_python(yaml.safe_load(text))
    return {prefix: part for parts in read.values() for prefix, part in parts.items()}


@lru_cache(maxsize=256)
def _holidays(nuts: str) -> holidays.HolidayBase:
    country = _COUNTRY.get(nuts[:2], nuts[:2]) or _FALLBACK
    subdivision = next((part for end in range(len(nuts), 2, -1) if (part := _parts().get(nuts[:end]))), None)
    try:
        found = holidays.country_holidays(country, subdiv=subdivision)
        if _IN_FACT in found.supported_categories:  # Sweden's eves, which its law puts beside Sundays
            return holidays.country_holidays(country, subdiv=subdivision, categories=("public", _IN_FACT))
        return found
    except NotImplementedError:
        return holidays.country_holidays(_FALLBACK)


def is_working_day(day: date, *, nuts: str) -> bool:
    """Tell whether people at this site (a NUTS code; empty for Brussels' calendar) work on that day.

    Some Saturdays are worked, for a bridge day of the same year (Hungary): where the government has said so.
    """
    found = _holidays(nuts)
    return day not in found and found.is_working_day(day)  # the first reads the year


def remark(day: date, *, nuts: str) -> Text | None:
    """Remark on a day on which nobody works there, be it a Sunday or a holiday."""
    if is_working_day(day, nuts=nuts):
        return None
    return Text("why", "no_working_day", due_on=day, weekday=f"{day:%A}")


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
