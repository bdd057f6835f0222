"""The address that learners type: this machine's in the local network, or the one that this browser already uses."""

import ipaddress
import socket
from urllib.parse import urlsplit

import streamlit as st

from pages.parts.common import terms

SOMEWHERE = ("192.0.2.1", 9)  # an address for documentation (RFC 5737); connecting a datagram socket sends nothing


def lan_host() -> str | None:
    """Return the address of the network interface that leads out; None without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(SOMEWHERE)
        except OSError:
            return None
        host = probe.getsockname()[0]
    return None if ipaddress.ip_address(host).is_loopback else host


def is_local(host: str | None) -> bool:
    """Return whether a host name reaches this machine alone."""
    if not host or host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def for_learners(opened: str | None, bound: str | None, port: int, lan: str | None) -> str | None:
    """Return host and port for other machines; None where there is no way in.

    opened: the address in this browser. bound: what the server listens on (None: everywhere). lan: this machine's in its network.
    """
    url = urlsplit(opened or "")
    if not is_local(url.hostname):
        return url.netloc
    if bound and is_local(bound):
        return None
    host = bound if bound and bound not in ("0.0.0.0", "::") else lan
    return f"{host}:{port}" if host else None


def draw() -> None:
    text = for_learners(st.context.url, st.get_option("server.address"), st.get_option("server.port"), lan_host())
    if text:
        terms.explained("Learners open", "How learners open it",
                        "In a browser on the same network. They see their own runs, and share this machine's queue.", "address")
        st.code(text, language=None, wrap_lines=True)
    else:
        st.caption(":material/wifi_off: Open on this machine only; other machines cannot reach it.")
