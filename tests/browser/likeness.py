"""Whether two pictures show the same: what smoothing of letters changes does not count."""

from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

BLUR = 0.8
"""Pixels over which letters are smoothed before they are compared."""
APART = 26
"""Of 255, how far a colour may be from the other."""
TILE = 32
MOST = 0.03
"""Which share of the pixels of a tile may be apart: without a word of a text it is more."""


@dataclass
class Likeness:
    """Says how far apart pictures are: in the worst tile, where that is, and where all of it is."""

    worst: float
    at: tuple[int, int]
    picture: Image.Image

    @property
    def is_same(self):
        """Tells whether they show the same."""
        return self.worst <= MOST


def compare(before, after):
    """Compares two pictures; those of different sizes show different things."""
    if before.size != after.size:
        return Likeness(1.0, (0, 0), after.convert("RGB"))
    apart = _apart(before, after)
    width, height = (-(-side // TILE) * TILE for side in apart.size)
    whole = Image.new("L", (width, height))
    whole.paste(apart)
    tiles = whole.resize((width // TILE, height // TILE), Image.Resampling.BOX)
    shares = tiles.tobytes()
    worst = max(range(len(shares)), key=shares.__getitem__)
    at = (worst % tiles.width * TILE, worst // tiles.width * TILE)
    return Likeness(shares[worst] / 255, at, _marked(after, apart))


def _apart(before, after):
    soft = [
        image.convert("RGB").filter(ImageFilter.GaussianBlur(BLUR)) for image in (before, after)
    ]
    red, green, blue = ImageChops.difference(*soft).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point(lambda value: 255 if value > APART else 0)


def _marked(image, apart):
    faint = Image.blend(image.convert("RGB"), Image.new("RGB", image.size, "white"), 0.6)
    faint.paste((220, 0, 60), mask=apart.filter(ImageFilter.MaxFilter(3)))
    return faint
