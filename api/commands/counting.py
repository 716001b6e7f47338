"""How many of something there are, in the words of a command's last line."""


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 fault`, `2 faults`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
