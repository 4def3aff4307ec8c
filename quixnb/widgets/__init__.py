"""What quixnb shows as widgets: the token picker. Imported only when one is made, since anywidget takes a while."""

from quixnb.widgets.picker import TokenPicker

__all__ = ["TokenPicker"]
