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


def server_address(opened: str | None, headers: dict[str, str], bound: str | None, port: int, base: str, lan: str | None) -> str | None:
    """Return the server's address without a page, such as https://lab.example.org/layers; None where other machines have no way in.

    opened: the address in the host's browser, which is the one behind a proxy too. headers: X-Forwarded-Host and -Proto, for a browser at the proxy's
    own machine. bound: what the server listens on (None: everywhere). base: the path that its pages lie below. lan: this machine's in its network.
    """
    url = urlsplit(opened or "")
    if not is_local(url.hostname):
        return f"{url.scheme}://{url.netloc}{url.path.rpartition('/')[0]}".rstrip("/")
    below = f"/{base.strip('/')}" if base.strip("/") else ""
    host = headers.get("X-Forwarded-Host", "").rpartition(",")[2].strip()
    if host and not is_local(urlsplit(f"//{host}").hostname):
        scheme = headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip()
        return f"{scheme if scheme in ('http', 'https') else 'http'}://{host}{below}"
    if bound and is_local(bound):
        return None
    name = bound if bound and bound not in ("0.0.0.0", "::") else lan
    return f"http://{name}:{port}{below}" if name else None


def here() -> str | None:
    """Return the same for this session's browser and server."""
    headers = {name: st.context.headers.get(name) or "" for name in ("X-Forwarded-Host", "X-Forwarded-Proto")}
    return server_address(st.context.url, headers, st.get_option("server.address"), st.get_option("server.port"),
                          st.get_option("server.baseUrlPath") or "", lan_host())


def draw() -> None:
    address = here()
    if address:
        terms.explained("Learners open", "How learners open it",
                        "In a browser on the same network. They see their own runs, and share this machine's queue.", "address")
        st.code(address.partition("://")[2], language=None, wrap_lines=True)
    else:
        st.caption(":material/wifi_off: Open on this machine only; other machines cannot reach it.")
