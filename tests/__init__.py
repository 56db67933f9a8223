"""The tests of Banjie; real databases, real requests, no network beyond loopback."""
