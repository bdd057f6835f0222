"""The address at which learners reach this server, behind a proxy too; and from where a browser comes."""

from urllib.parse import urlsplit

import streamlit as st

from pages.parts.app.address import is_local, lan_host


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


def of_browser() -> str | None:
    """Return the network address of this session's browser, which limits count; None where it is this machine or not known.

    A proxy on this machine adds it at the end of X-Forwarded-For. From elsewhere that header could say anything.
    """
    connection = (st.context.ip_address or "").removeprefix("::ffff:")
    if connection and not is_local(connection):
        return connection
    return (st.context.headers.get("X-Forwarded-For") or "").rpartition(",")[2].strip()[:64] or None
