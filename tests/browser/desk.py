"""A person at the page: types, clicks, looks; every wait has Playwright's deadline."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect


class Desk:
    """One browser page on the demo. What the browser complains about is collected in `complaints`."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, kind: str, text: str) -> None:
        refused = "status of 400" in text  # the page shows it as a notice; the browser can't know
        if kind in ("error", "warning") and not refused:
            self.complaints.append(text)

    def tidy(self) -> None:
        """What another test may have left behind: faults and open modals; and nobody else deploys."""
        self.page.request.get(self.address)
        assert self.page.request.delete(self.url("/foundation/faults")).ok
        assert self.page.request.put(self.url("/foundation/traffic"), data={"on": False}).ok
        for person in ("alice", "bob"):
            for view in reversed(self.get(f"/workspace/views?person={person}")["views"]):
                self.post("/workspace/close", {"person": person, "view_id": view["id"]})

    def enter(self, person: str = "alice", channel: str = "general") -> None:
        self.page.goto(f"{self.address}#{person}/{channel}")
        expect(self.page.get_by_role("heading", level=1, name=channel)).to_be_visible()
        expect(self.page.get_by_text("bot connected", exact=True)).to_be_attached(timeout=30_000)
        expect(self.page.get_by_role("log")).to_have_attribute("aria-busy", "false")

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("textbox", name=re.compile("^Message "))

    @property
    def messages(self) -> Locator:
        return self.page.get_by_role("log").get_by_role("article")

    @property
    def newest(self) -> Locator:
        return self.messages.last

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    def ask(self, text: str) -> Locator:
        """Type a command and wait for the answer to it, which is returned."""
        before = self.messages.count()
        self.composer.fill(text)
        self.composer.press("Enter")
        if self.composer.input_value():  # the first Enter took the hint
            self.composer.press("Enter")
        expect(self.messages).to_have_count(before + 1, timeout=20_000)
        expect(self.newest.get_by_role("button", name=re.compile("Ask again"))).to_be_visible(timeout=20_000)
        expect(self.newest.get_by_role("heading")).to_be_visible()
        return self.newest

    def rows(self) -> list[str]:
        """The rows of the newest answer as the page shows them."""
        return self.newest.locator(".section-text").all_inner_texts()

    def get(self, path: str) -> Any:
        """What the demo answers the page itself."""
        answer = self.page.request.get(self.url(path))
        assert answer.ok, answer.text()
        return answer.json()

    def post(self, path: str, body: Any) -> Any:
        answer = self.page.request.post(self.url(path), data=body)
        assert answer.ok, answer.text()
        return answer.json()

    def url(self, path: str) -> str:
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}{path}"

    def last_message(self, person: str = "alice", channel: str = "general") -> dict[str, Any]:
        """The newest message as the workspace holds it."""
        found: list[dict[str, Any]] = self.get(f"/workspace/messages?person={person}&channel=%23{channel}")["messages"]
        return found[-1]


def words_of(blocks: Sequence[dict[str, Any]]) -> list[str]:
    """The words that a reader must find on the page: of headers, of rows, of buttons; markup and dates left out."""
    texts = [text for block in blocks for text in _texts(block)]
    plain = [re.sub(r"<!date[^>]*>|&(amp|lt|gt);|[*_`~]|:\w+:", "\n", text) for text in texts]
    return [word.strip() for text in plain for word in re.split(r"\n|  ", text) if word.strip(" ·()")]


def _texts(value: Any) -> list[str]:
    match value:
        case {"type": "overflow"}:
            return []
        case {"type": "plain_text" | "mrkdwn", "text": str(text)}:
            return [text]
        case dict():
            return [text for item in value.values() for text in _texts(item)]
        case list():
            return [text for item in value for text in _texts(item)]
        case _:
            return []
