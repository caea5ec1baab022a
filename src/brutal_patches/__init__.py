"""The Brutal Patches API: where MicroBrute players keep, share and find patches."""

from importlib.metadata import version

__version__ = version("brutal-patches")
SERVICE = "brutal-patches-api"
