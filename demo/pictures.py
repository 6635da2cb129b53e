"""Photographs that nobody took: evidence for the demo."""

from io import BytesIO
from random import Random

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw


def photo(rng: Random, text: str) -> SimpleUploadedFile:
    """A small drawn picture standing for a photo."""
    shade = (rng.randrange(90, 200), rng.randrange(90, 200), rng.randrange(90, 200))
    image = Image.new("RGB", (320, 220), shade)
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 50, 280, 180), outline="white", width=4)
    draw.line((40, 180, 280, 50), fill="white", width=3)
    draw.text((50, 190), text, fill="white")
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=60)
    return SimpleUploadedFile(f"{text}.jpg", buffer.getvalue(), "image/jpeg")
