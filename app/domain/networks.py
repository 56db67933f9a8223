"""Where administrators may come from: addresses and networks as people write them down."""

import ipaddress
import re

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SEPARATORS = re.compile(r"[\s,;，；、]+")


def networks(text: str) -> list[Network]:
    """Return the networks of a list; raises ValueError for what is none (10.1.2.3/16 too)."""
    return [ipaddress.ip_network(part) for part in SEPARATORS.split(text) if part]


def tidy(text: str) -> str:
    """Return the list as it is kept: single addresses without /32, a blank between two."""
    return " ".join(
        str(net.network_address) if net.num_addresses == 1 else str(net) for net in networks(text)
    )


def is_inside(address: str, text: str) -> bool:
    """Return whether an address is on the list; an empty list has them all."""
    allowed = networks(text)
    if not allowed:
        return True
    try:
        own = ipaddress.ip_address(address)
    except ValueError:
        return False
    own = getattr(own, "ipv4_mapped", None) or own
    return any(own.version == net.version and own in net for net in allowed)
