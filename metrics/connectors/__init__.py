"""Kinds of sources. Pure: no ORM, no Django settings, no request."""
