"""Logs: one stream on stdout, of everybody."""

import logging
import sys
from types import FrameType
from typing import Any

from loguru import logger

from brutal_patches.settings import Settings

_PRETTY = "<green>{time:HH:mm:ss.SSS}</green> <level>{level: <7}</level> {message}"


class _Routed(logging.Handler):
    """Hands what libraries log through the standard library to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        depth, frame = 6, sys._getframe(6)
        while frame.f_back and frame.f_code.co_filename == logging.__file__:
            frame, depth = _up(frame), depth + 1
        logger.opt(depth=depth, exception=record.exc_info).log(_level(record), "{}", record.getMessage())


def _up(frame: FrameType) -> FrameType:
    return frame.f_back or frame


def _level(record: logging.LogRecord) -> Any:
    return record.levelname if record.levelname in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"} else record.levelno


def set_up_logs(settings: Settings) -> None:
    """One stream for our own words and those of libraries."""
    open_stream(settings, settings.telemetry.log_level)
    logging.basicConfig(handlers=[_Routed()], level=logging.INFO, force=True)
    for noisy in ("botocore", "aiobotocore", "urllib3", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def open_stream(settings: Settings, level: str) -> None:
    """Write what matters at `level` to stdout, and nowhere else: JSON in production, coloured lines elsewhere."""
    logger.remove()
    if settings.is_production:
        logger.add(sys.stdout, level=level.upper(), serialize=True, backtrace=False, diagnose=False)
    else:
        logger.add(sys.stdout, level=level.upper(), format=_PRETTY, backtrace=False, diagnose=False)
