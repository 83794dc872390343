"""Names with `*` in them, compared without case and in linear time."""


def is_wildcard(word: str) -> bool:
    return "*" in word


def matches(pattern: str, text: str) -> bool:
    """Does the text match, where `*` stands for any characters, none included?"""
    head, *rest = pattern.casefold().split("*")
    folded = text.casefold()
    if not rest:
        return folded == head
    *middle, tail = rest
    if not folded.startswith(head) or len(folded) < len(head) + len(tail) or not folded.endswith(tail):
        return False
    return _contains_in_order(folded[len(head) : len(folded) - len(tail)], middle)


def _contains_in_order(text: str, parts: list[str]) -> bool:
    at = 0
    for part in parts:
        found = text.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    return True
