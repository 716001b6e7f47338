"""The few words of a calendar's own, in the languages in which people are written to."""

ENGLISH = "en"

_NAME = {
    "en": "Deadlines and events: {}",
    "de": "Fristen und Termine: {}",
    "fr": "Échéances et événements : {}",
    "it": "Scadenze ed eventi: {}",
    "pl": "Terminy i wydarzenia: {}",
}
_ILLUSTRATIVE = {
    "en": "{} (illustrative)",
    "de": "{} (Beispiel)",
    "fr": "{} (exemple)",
    "it": "{} (esempio)",
    "pl": "{} (przykład)",
}


def known_language(language: str) -> str:
    return language if language in _NAME else ENGLISH


def calendar_name(partnership: str, *, language: str) -> str:
    """Return what a partnership's calendar is called."""
    return _NAME[known_language(language)].format(partnership)


def marked(title: str, *, illustrative: bool, language: str) -> str:
    """Return a title, with a mark where what it names is made up."""
    return _ILLUSTRATIVE[known_language(language)].format(title) if illustrative else title
