"""What kind of address an IP address is, and which other addresses it stands for.

Written out network by network, because `ipaddress.is_private` is no filter: it lets carrier NAT, NAT64, 6to4
and multicast through (reliability, fact 10).
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address


class Kind(StrEnum):
    """The word for an address in sentences. The first three can be allowed, the others never."""

    public = "public"
    private = "private"
    loopback = "loopback"
    metadata = "cloud metadata"
    link_local = "link-local"
    multicast = "multicast"
    unspecified = "unspecified"
    broadcast = "broadcast"
    reserved = "reserved"


NEVER = frozenset(Kind) - {Kind.public, Kind.private, Kind.loopback}

# AWS, GCP, Azure, OpenStack; AWS containers; AWS, GCP, Scaleway over IPv6; Alibaba; Oracle; Azure wire.
METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254", "169.254.170.2", "fd00:ec2::254", "fd20:ce::254", "fd00:42::42",
            "100.100.100.200", "192.0.0.192", "168.63.129.16",
        ),
    )
)  # fmt: skip

# The first network that holds the address decides; what no network holds is public in IPv4, reserved in IPv6.
NETWORKS = [
    (ip_network(network), kind)
    for kind, networks in (
        (Kind.broadcast, "255.255.255.255/32"),
        (Kind.unspecified, "0.0.0.0/8 ::/128"),
        (Kind.loopback, "127.0.0.0/8 ::1/128"),
        (Kind.link_local, "169.254.0.0/16 fe80::/10"),
        (Kind.private, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 198.18.0.0/15 fc00::/7"),
        (Kind.multicast, "224.0.0.0/4 ff00::/8"),
        (
            Kind.reserved,
            "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
            "2001::/23 2001:db8::/32 3fff::/20",
        ),
        (Kind.public, "2000::/3"),
    )
    for network in networks.split()
]

NAT64 = IPv6Network("64:ff9b::/96")
COMPATIBLE = IPv6Network("::/96")
ISATAP = (0x00005EFE, 0x02005EFE)


def parse(text: str) -> Address:
    """The address, without an IPv6 zone, and as IPv4 where it is only IPv4 in disguise (::ffff:10.0.0.1)."""
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def kind_of(address: Address) -> Kind:
    """What the address is. One that tunnels to an IPv4 address that is not public is refused for good:
    nobody needs a tunnel to reach the own network."""
    for inner in map(_kind_alone, embedded(address)):
        if inner is not Kind.public:
            return inner if inner in NEVER else Kind.reserved
    return Kind.public if address in NAT64 else _kind_alone(address)


def embedded(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that traffic to it may end at: by NAT64, 6to4, Teredo, ISATAP or as ::a.b.c.d."""
    if isinstance(address, IPv4Address):
        return ()
    if address in NAT64 or (address in COMPATIBLE and int(address) > 1):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if int(address) >> 32 & 0xFFFFFFFF in ISATAP:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def _kind_alone(address: Address) -> Kind:
    if address in METADATA:
        return Kind.metadata
    for network, kind in NETWORKS:
        if address in network:
            return kind
    return Kind.public if isinstance(address, IPv4Address) else Kind.reserved
