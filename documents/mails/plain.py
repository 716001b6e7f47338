"""What the values of mails are made of: texts on one line, links, time zones."""

import unicodedata
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints


def _tidy(value: object) -> object:
    """Put a text on one line without characters that would break a header or turn its direction; None is no text."""
    if not isinstance(value, str):
        return "" if value is None else value
    line = " ".join(value.split())
    return "".join(one for one in line if unicodedata.category(one) not in {"Cc", "Cf"} or one == "\N{SOFT HYPHEN}")


def _known_zone(value: str) -> str:
    if value and value not in available_timezones():
        raise ValueError("is no time zone; write one of the IANA data base, such as Europe/Brussels")
    return value


Words = Annotated[str, BeforeValidator(_tidy)]
Line = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_tidy)]
Link = Annotated[str, StringConstraints(pattern=r"^https?://[^\s<>\"]+$")]
Zone = Annotated[str, BeforeValidator(_tidy), AfterValidator(_known_zone)]  # empty where none is meant


class MailValues(BaseModel):
    """Plain values of one mail; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)
