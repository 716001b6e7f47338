"""The same day some years ago."""

from datetime import date


def years_before(day: date, years: int) -> date:
    """Return the same day some years ago; for 29 February the 28th where there is none."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
