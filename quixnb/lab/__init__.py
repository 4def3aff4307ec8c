"""The kernel's half of quixnb in JupyterLab: a line to the pages that show this kernel's notebooks."""

from quixnb.lab.line import Line

__all__ = ["Line"]
