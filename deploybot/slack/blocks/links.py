"""Where a deployment can be looked at in a browser: the address of the web console that the operator configured."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from deploybot.domain.page import Row


@dataclass(frozen=True, slots=True)
class Console:
    """URL templates by foundation, with `{guid}`, `{app}`, `{space}` and `{org}` for guids; none, no menu entry."""

    templates: Mapping[str, str] = field(default_factory=dict)
    label: str = "Open in the console"

    def url(self, row: Row) -> str | None:
        """The address for a row; None where there is no template, or it needs a guid that is not known."""
        template = self.templates.get(row.foundation)
        guids = {"{guid}": row.deployment.guid, "{app}": row.deployment.app_guid, **_places(row)}
        for place, guid in guids.items():
            if template and place in template:
                template = template.replace(place, quote(guid, safe="")) if guid else None
        return template


def _places(row: Row) -> dict[str, str | None]:
    space = row.app.space if row.app else None
    return {"{space}": space.guid if space else None, "{org}": space.org.guid if space and space.org else None}
