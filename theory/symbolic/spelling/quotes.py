"""How a refusal shows what was typed."""


def quoted(text: str) -> str:
    """The text in quotes, on one line and at most 40 characters."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
