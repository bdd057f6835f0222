"""All text that a page holds, as a reader meets it: labels, helps, options, tables and charts too."""

import json
import re
from collections.abc import Iterator

from google.protobuf.message import Message

from tests.app_harness import unescaped

TEXT = ("label", "help", "body", "text", "value", "title", "placeholder", "options", "markdown", "content", "caption", "tooltip")
CHART = ("title", "description", "text", "told", "subtitle")
ICON = re.compile(r":material/\w+:")
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def of(test) -> list[str]:
    """Every text of an AppTest's page, without marks of Markdown."""
    return [clean(text) for block in (test.main, test.sidebar) for node in walk(block) for text in of_node(node) if text.strip()]


def walk(node) -> Iterator:
    for child in node.children.values():
        yield child
        if hasattr(child, "children"):
            yield from walk(child)


def of_node(node) -> Iterator[str]:
    proto = getattr(node, "proto", None)
    if isinstance(proto, Message):
        yield from of_message(proto)
    if node.type in ("table", "dataframe"):
        frame = node.value
        yield from (str(value) for value in (*frame.columns, *frame.index, *frame.to_numpy().ravel()))


def of_message(proto: Message) -> Iterator[str]:
    for field, value in proto.ListFields():
        if field.name == "spec":
            yield from of_chart(json.loads(value))
        elif field.type == field.TYPE_MESSAGE:
            for one in value if field.is_repeated else [value]:
                if isinstance(one, Message):
                    yield from of_message(one)
        elif field.type == field.TYPE_STRING and field.name in TEXT:
            yield from value if field.is_repeated else [value]


def of_chart(spec) -> Iterator[str]:
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key in CHART and isinstance(value, str):
                yield value
            else:
                yield from of_chart(value)
    elif isinstance(spec, list):
        for one in spec:
            yield from of_chart(one)


def clean(text: str) -> str:
    return unescaped(LINK.sub(r"\1", ICON.sub("", text))).replace("**", "").replace("`", "")


def sentences(text: str) -> list[str]:
    """Split at ends of sentences, lines, list items and table cells."""
    return [part.strip() for part in re.split(r"(?<=[.?!])[\")”]*\s+(?=[\"(“]?[A-Z0-9])|\n+|  ", text) if part.strip()]


def words(sentence: str) -> int:
    return len(re.findall(r"[A-Za-z][\w'’-]*|\d[\d.,%]*", sentence))
