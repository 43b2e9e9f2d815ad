from __future__ import annotations

import pytest

from northstar.lib.egress.addresses import Kind, embedded, kind_of, parse

TABLE = {
    Kind.public: "1.1.1.1 8.8.8.8 93.184.216.34 172.15.255.255 172.32.0.1 100.63.255.255 100.128.0.1 "
    "2606:4700:4700::1111 2001:4860:4860::8888 64:ff9b::808:808 2002:808:808:: ::ffff:8.8.8.8 "
    "2606:4700::5efe:808:808",
    Kind.private: "10.0.0.0 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 100.64.0.1 198.18.0.1 "
    "fd00::1 fc00::1 ::ffff:10.0.0.1 fd00::5efe:808:808",
    Kind.loopback: "127.0.0.1 127.255.255.255 ::1 ::ffff:127.0.0.1 ::ffff:7f00:1",
    Kind.metadata: "169.254.169.254 169.254.170.2 fd00:ec2::254 fd20:ce::254 100.100.100.200 192.0.0.192 "
    "168.63.129.16 fd00:42::42 ::ffff:169.254.169.254 ::ffff:a9fe:a9fe 64:ff9b::a9fe:a9fe 2002:a9fe:a9fe:: "
    "64:ff9b::6464:64c8 2606:4700::5efe:a9fe:a9fe ::169.254.169.254",
    Kind.link_local: "169.254.0.1 169.254.255.255 fe80::1 febf::1 fe80::1%eth0 2002:a9fe:1::",
    Kind.multicast: "224.0.0.1 239.255.255.250 ff02::1 ff0e::1 64:ff9b::e000:1",
    Kind.unspecified: "0.0.0.0 0.1.2.3 :: ::ffff:0.0.0.0 64:ff9b:: ::2",
    Kind.broadcast: "255.255.255.255 ::ffff:255.255.255.255 64:ff9b::ffff:ffff",
    Kind.reserved: "192.0.0.1 192.0.2.1 192.88.99.1 198.51.100.1 203.0.113.9 240.0.0.1 2001:db8::1 "
    "3fff::1 fec0::1 100::1 ::8.8.8.8 64:ff9b:1::1 64:ff9b::7f00:1 64:ff9b::a00:1 2002:7f00:1:: 2002:a00:1:: "
    "2001:0:808:808::f7f7:f7f7 2001:0:808:808::80ff:fffe 2606:4700::5efe:7f00:1 ::ffff:0:808:808",
}


@pytest.mark.parametrize(
    ("address", "kind"), [(address, kind) for kind, row in TABLE.items() for address in row.split()]
)
def test_every_address_has_its_kind(address: str, kind: Kind) -> None:
    assert kind_of(parse(address)) is kind


def test_tunnels_name_where_they_end() -> None:
    assert [str(one) for one in embedded(parse("2001:0:808:808::f5ff:fffe"))] == ["8.8.8.8", "10.0.0.1"]
    assert [str(one) for one in embedded(parse("2002:a00:1::"))] == ["10.0.0.1"]
    assert embedded(parse("2606:4700:4700::1111")) == ()
    assert embedded(parse("::1")) == ()
    assert embedded(parse("10.0.0.1")) == ()


def test_text_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        parse("0x7f.1")
