"""A radio button whose state is a glyph too: Textual's tells it by colour alone."""

from textual.widgets import RadioButton

OFF, ON = "○", "●"


class Radio(RadioButton):
    BUTTON_INNER = OFF

    def watch_value(self) -> None:
        # Textual reads the glyph from this attribute, whatever its capitals say.
        self.BUTTON_INNER = ON if self.value else OFF  # pyright: ignore[reportConstantRedefinition]
        super().watch_value()
