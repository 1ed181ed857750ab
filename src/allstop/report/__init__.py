"""Reports: what a verdict says, for people to read. Every number comes from the verdict itself."""

from allstop.report._document import Document
from allstop.report._text import print_audit
from allstop.report._words import format_chip_time, format_days, format_flop, format_percent

__all__ = ["Document", "format_chip_time", "format_days", "format_flop", "format_percent", "print_audit"]
