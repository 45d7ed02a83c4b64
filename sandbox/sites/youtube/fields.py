"""Partial answers: Google's field masks, ``a,b.c``, ``a/b`` and ``items(id,snippet(title))``."""

from __future__ import annotations

import re
from typing import Any

Mask = dict[str, "Mask"]


class MaskError(ValueError):
    """A mask that cannot be understood."""


def parse(text: str) -> Mask:
    """The mask as nested dictionaries; an empty one keeps all that is below. Raises: MaskError."""
    if not re.fullmatch(r"[\w*.,/()]+", text):
        raise MaskError(text)
    tokens = re.findall(r"[\w*]+|[.,/()]", text)
    mask, rest = _parse(tokens)
    if rest:
        raise MaskError(text)
    return mask


def kept(value: Any, mask: Mask) -> Any:
    """What the mask leaves of a value; it goes through lists, and what is not there is left out."""
    if not mask:
        return value
    if isinstance(value, list):
        return [kept(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    names = value if "*" in mask else [name for name in value if name in mask]
    return {name: kept(value[name], mask.get(name, mask.get("*", {}))) for name in names}


def _parse(tokens: list[str]) -> tuple[Mask, list[str]]:
    """One list of paths, up to the end or a closing parenthesis, and what follows it."""
    mask: Mask = {}
    while tokens:
        leaf, tokens = _path(mask, tokens)
        if tokens[:1] == ["("]:
            inner, tokens = _parse(tokens[1:])
            if tokens[:1] != [")"]:
                raise MaskError("(")
            leaf.update(inner)
            tokens = tokens[1:]
        if tokens[:1] != [","]:
            break
        tokens = tokens[1:]
    return mask, tokens


def _path(mask: Mask, tokens: list[str]) -> tuple[Mask, list[str]]:
    """Enter a path into the mask; its end, and what follows it."""
    if not tokens or not re.fullmatch(r"[\w*]+", tokens[0]):
        raise MaskError("".join(tokens))
    leaf = mask.setdefault(tokens[0], {})
    while tokens[1:2] in (["."], ["/"]):
        tokens = tokens[2:]
        if not tokens or not re.fullmatch(r"[\w*]+", tokens[0]):
            raise MaskError("".join(tokens))
        leaf = leaf.setdefault(tokens[0], {})
    return leaf, tokens[1:]
