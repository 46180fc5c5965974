"""Which address a class opens: the one that other computers reach, and its picture for phones."""

from __future__ import annotations

import io
import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import psutil
import segno

from tinylm.learners import LOOPBACK

QUIET = 4  # modules of white around a QR code, as its standard asks
PIXELS = 700  # least width of the picture, so that it is sharp on a projector


def own_addresses() -> list[str]:
    """The addresses of this computer in its networks, those of a house or school first."""
    found = [
        one.address
        for network in psutil.net_if_addrs().values()
        for one in network
        if one.family is socket.AF_INET
    ]
    return in_order(found)


def in_order(addresses: Sequence[str]) -> list[str]:
    """Those addresses that others may reach, private networks first."""
    plain = [ipaddress.ip_address(one) for one in addresses]
    reached = [one for one in plain if not (one.is_loopback or one.is_link_local)]
    return [str(one) for one in sorted(reached, key=lambda one: not one.is_private)]


def class_addresses(
    seen: str, named: str, port: int, listens: str, here: Sequence[str]
) -> list[str]:
    """The addresses at which a class may reach the app, the best first; [] where none can.

    `seen` is the address in the teacher's browser, `named` what the configuration calls the
    server, `listens` the address that it listens on ("" for all), `here` those of this computer.
    """
    parts = urlsplit(seen)
    scheme, host = parts.scheme or "http", parts.hostname or ""
    if host and host.lower() not in LOOPBACK:
        return [f"{scheme}://{parts.netloc}/"]
    if named and named.lower() not in LOOPBACK:
        return [f"{scheme}://{_with_port(named, parts.port or port, scheme)}/"]
    if listens.strip("[]").lower() in LOOPBACK:
        return []
    return [f"{scheme}://{_with_port(one, parts.port or port, scheme)}/" for one in here]


def _with_port(host: str, port: int, scheme: str) -> str:
    return host if port == {"http": 80, "https": 443}.get(scheme) else f"{host}:{port}"


def qr_picture(link: str) -> bytes:
    """The QR code of a link as a PNG, black on white whatever the page's colours are."""
    code = segno.make(link, micro=False, error="m")
    width = code.symbol_size(border=QUIET)[0]
    out = io.BytesIO()
    code.save(out, kind="png", scale=-(-PIXELS // width), border=QUIET, dark="#000", light="#fff")
    return out.getvalue()
