"""All that is secret among the settings, found by its type, so that logs can mask it wherever it stands."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel, SecretStr


def secrets_in(settings: object) -> tuple[str, ...]:
    """Every secret text anywhere in the settings, each once."""
    return tuple(dict.fromkeys(secret for secret in _found(settings) if secret))


def _found(value: object) -> Iterator[str]:
    match value:
        case SecretStr():
            yield value.get_secret_value()
        case BaseModel():
            for name in type(value).model_fields:
                yield from _found(getattr(value, name))
        case Mapping():
            for part in value.values():
                yield from _found(part)
        case list() | tuple():
            for part in value:
                yield from _found(part)
