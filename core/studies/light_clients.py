"""Sessions of a running app without a browser, through Streamlit's agent API (`--server.enableAgentApi=true`).

Each is a session of the server like a browser's, with a learner of its own, since it keeps no cookie.
"""

import json
import urllib.error
import urllib.request

from core.errors import LabError

TIMEOUT = 150.0  # seconds for one answer
OPTIONS = ("--server.enableAgentApi=true", "--server.agentMaxSessions=1000", "--server.agentSessionTTL=36000", "--server.agentWaitTimeout=120")


class Client:
    """One session on the Lab. address: of the server; link: what a link to the page would say. LabError when the server refuses."""

    def __init__(self, address: str, **link: str):
        self.address = address
        self.page: dict = {}
        self._interact(query_params={key: [value] for key, value in link.items()})

    def look(self) -> None:
        """Have the page drawn again."""
        self._interact()

    def press(self, button: str) -> None:
        """Press the button with this label."""
        key = self._button(button)
        if key is None:
            raise LabError(f"The page has no button {button!r}; it says: {self.text()[:500]}")
        self._interact(trigger={"key": key})

    def has(self, button: str) -> bool:
        return self._button(button) is not None

    def shows(self, words: str) -> bool:
        return words in self.text()

    def text(self) -> str:
        """Return all texts of the page, without the backslashes that keep Markdown from reading them; all white space is one space."""
        return " ".join(" ".join(_texts(self.page["tree"])).replace("\\", "").split())

    def _button(self, label: str) -> str | None:
        return next((one["key"] for one in self.page["actions"] if (one["kind"], one.get("label")) == ("trigger", label)), None)

    def _interact(self, **asked) -> None:
        known = {"session_id": self.page["session_id"]} if self.page else {}
        body = json.dumps(known | asked).encode()
        request = urllib.request.Request(f"{self.address}/_stcore/agent/interact", body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                self.page = json.load(answer)
        except (urllib.error.URLError, OSError) as error:
            said = error.read().decode(errors="replace")[:300] if isinstance(error, urllib.error.HTTPError) else str(error)
            raise LabError(f"The app's server did not answer a session: {' '.join(said.split())}") from error
        if self.page["status"] == "error":
            raise LabError(f"The page ended with an error; the server's log says which. It still says: {self.text()[:500]}")


def _texts(node: dict) -> list[str]:
    """Return bodies and labels of a page's elements, charts left out."""
    props = node.get("props") or {}
    own = [str(props[name]) for name in ("body", "label", "text", "value") if props.get(name) is not None]
    return own + [text for child in node.get("children") or () for text in _texts(child)]
